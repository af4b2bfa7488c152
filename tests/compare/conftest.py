"""Runs made by hand: a model that names rows right or wrong, by group."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vlaudit.core.audit import Audit, PlannedProbe, Stamp
from vlaudit.core.config import Config, DataConfig, TargetConfig
from vlaudit.core.dataset import Columns, DatasetFacts
from vlaudit.core.measurement import Measurement, RowResults
from vlaudit.core.outcome import Measured
from vlaudit.core.probe import Card
from vlaudit.core.target import TargetFacts
from vlaudit.evidence import RunFolder
from vlaudit.registry import cards
from vlaudit.stats.intervals import rate

PROBE = "bias.zero_shot_parity"
Write = Callable[..., Path]


@pytest.fixture(scope="session")
def card() -> Card:
    return cards()[PROBE]


@pytest.fixture
def write(tmp_path: Path, card: Card) -> Write:
    """Return a function that writes a run of answers, right or wrong, into a folder."""

    def run(
        name: str,
        right: NDArray[np.bool_],
        groups: Sequence[str],
        *,
        ids: Sequence[str] | None = None,
        settings: Mapping[str, int] | None = None,
        day: int = 1,
        rows: bool = True,
    ) -> Path:
        (tmp_path / name).mkdir(parents=True)
        folder = RunFolder(tmp_path / name)
        parts = [{}, *({"gender": group} for group in sorted({*groups}))]
        for where in parts:
            mask = np.array([not where or group == where["gender"] for group in groups])
            found = rate(int(right[mask].sum()), int(mask.sum()))
            metric = "group_accuracy" if where else "accuracy"
            item = Measurement(metric, found.value, found.samples, found.interval, slice=where)
            folder.record(PROBE, item)
        folder.record(PROBE, Measured())
        if rows:
            named = [str(row) for row in range(right.size)] if ids is None else list(ids)
            kept = RowResults("accuracy", named, right.tolist(), {"gender": list(groups)})
            folder.keep_rows(PROBE, kept)
        folder.finish(_audit(Path(name).name, day, card, settings or {}))
        return tmp_path / name

    return run


def _audit(name: str, day: int, card: Card, settings: Mapping[str, int]) -> Audit:
    moment = f"2026-11-{day:02d}T10:00:00+00:00"
    return Audit(
        stamp=Stamp(run=name, started=moment, finished=moment, vlaudit="0", python="3",
                    platform="linux", packages={}),
        config=Config(target=TargetConfig(model="m"), data=DataConfig(source="d")),
        base=".",
        plan=(PlannedProbe(card=card, settings={**card.settings, **settings}),),
        target=TargetFacts(name="m", fingerprint=name, kind="k", abilities=(), device="cpu",
                           precision="fp32", threads=1),
        dataset=DatasetFacts(name="d", digest="d", rows=1, evaluated=1, evaluated_on=None,
                             columns=Columns(), classes=1, groups={}, splits={}, licences={},
                             quarantined={}),
    )  # fmt: skip
