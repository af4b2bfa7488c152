"""Runs one probe on one small world."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pytest

from vlaudit import registry
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement, RowResults
from vlaudit.core.probe import Context
from vlaudit.core.target import Target
from vlaudit.features import Encoded, TargetFeatures, encode
from vlaudit.selftest.memory import MemoryDataset

Run: TypeAlias = tuple[dict[tuple[str, str], Measurement], list[Finding], list[str]]
Runner: TypeAlias = Callable[..., Run]


def run_probe(
    probe_id: str,
    target: Target,
    data: MemoryDataset,
    kept: Mapping[str, RowResults] | None = None,
    **settings: Any,
) -> Run:
    """Return measurements by metric and values of the slice, findings, and notes."""
    probe = registry.load(probe_id)
    notes: list[str] = []
    fractions: list[float] = []
    context = Context(
        target=target,
        data=data,
        features=TargetFeatures(
            target, encode(target, data) if data.columns.image else Encoded.empty(data)
        ),
        settings={**probe.card.settings, **settings},
        rng=np.random.default_rng(0),
        note=notes.append,
        progress=fractions.append,
        keep_picture=lambda name, pixels: name,
        kept_rows=lambda: kept or {},
    )
    reported = list(probe.run(context))
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    measured: dict[tuple[str, str], Measurement] = {}
    for item in reported:
        if isinstance(item, Measurement):
            assert probe.card.metrics[item.metric].admits(item.value)
            assert item.interval.low <= item.value <= item.interval.high
            assert item.interval.low < item.interval.high
            key = item.metric, " ".join(item.slice.values())
            assert key not in measured
            measured[key] = item
    return measured, [item for item in reported if isinstance(item, Finding)], notes


@pytest.fixture
def run() -> Runner:
    """Return what runs a probe by its id."""
    return run_probe
