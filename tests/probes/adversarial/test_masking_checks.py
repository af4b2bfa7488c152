"""The checks for hidden gradients as a probe: what is reported, refused and repeated."""

import pytest

from vlaudit import registry
from vlaudit.core.dataset import Role
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Inapplicable
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes.linear import build
from vlaudit.selftest.memory import MemoryDataset

PROBE = registry.load("adversarial.masking_checks")
SETTINGS = {"steps": 6, "queries": 15}


def test_same_seed_same_report_and_no_interval_is_a_point() -> None:
    target, data = build(strengths=[1, 6], images=8)
    runs = [run_in_memory(PROBE, target, data, settings=SETTINGS, seed=2) for _ in range(2)]
    assert runs[0] == runs[1]
    reported = [item for item in runs[0] if isinstance(item, Measurement)]
    assert {item.metric for item in reported} == set(PROBE.card.metrics)
    assert all(item.interval.low < item.interval.high for item in reported)


def test_each_sign_names_its_check() -> None:
    target, data = build(strengths=[1, 3], images=8, masking="rounded")
    found = run_in_memory(PROBE, target, data, settings=SETTINGS)
    checks = {item.evidence["check"] for item in found if isinstance(item, Finding)}
    assert "faint_gradients" in checks


def test_what_is_never_right_cannot_be_checked() -> None:
    target, data = build(strengths=[3], images=8)
    wrong = [f"thing{(row + 1) % 4}" for row in range(8)]
    with pytest.raises(Inapplicable, match="named right"):
        run_in_memory(PROBE, target, MemoryDataset(data.pictures, {Role.LABEL: wrong}))
