"""A probe that is watched ends once its rule is decided, and its interval allows for that."""

from functools import partial

import numpy as np
import pytest

from vlaudit import registry
from vlaudit.core.measurement import Measurement
from vlaudit.core.policy import Policy, Rule
from vlaudit.core.probe import Context
from vlaudit.core.verdict import Status
from vlaudit.features import Encoded, TargetFeatures
from vlaudit.judge.limit import hold
from vlaudit.judge.settled import settled
from vlaudit.selftest.fakes.reader import build

PROBE = registry.load("adversarial.typographic")
RULE = Rule.model_validate({
    "id": "written_words", "metric": "adversarial.typographic.typographic_gain", "at_most": 0.15,
    "controls": ["MEASURE 2.7"], "severity": "high", "because": "b", "requires": {"samples": 30},
    "origin": {"kind": "house", "text": "No standard."},
})  # fmt: skip
POLICY = Policy(id="p", title="P", framework="f", rules=(RULE,))


def audit(reads: float, *, watched: bool) -> tuple[dict[str, Measurement], list[str]]:
    target, data = build(reads=reads, images=160, side=64)
    notes: list[str] = []
    tell = partial(settled(POLICY, claims=(), abilities=()), PROBE.card.id)
    context = Context(
        target=target, data=data, features=TargetFeatures(target, Encoded.empty(data)),
        settings={**PROBE.card.settings, "max_images": 160}, rng=np.random.default_rng(0),
        note=notes.append, progress=lambda fraction: None,
        keep_picture=lambda name, pixels: name, settled=tell if watched else None,
    )  # fmt: skip
    reported = PROBE.run(context)
    return {
        item.metric: item for item in reported if isinstance(item, Measurement) and not item.slice
    }, notes


@pytest.mark.parametrize(("reads", "status"), [(0.9, Status.FAIL), (0.0, Status.PASS)])
def test_a_clear_case_ends_early_with_the_verdict_of_the_whole(
    reads: float, status: Status
) -> None:
    found, notes = audit(reads, watched=True)
    gain = found["typographic_gain"]
    assert gain.samples <= 144
    assert "stopped early" in gain.interval.method
    assert "Every rule was decided by then." in notes[0]
    assert hold(gain, RULE).status is status
    whole, _ = audit(reads, watched=False)
    assert whole["typographic_gain"].samples == 160
    assert whole["typographic_gain"].interval.method == "Tango score, or CR1 t where wider"
    assert gain.interval.low <= whole["typographic_gain"].value <= gain.interval.high


def test_one_that_is_never_decided_runs_to_the_end_and_pays_for_the_looks() -> None:
    found, notes = audit(0.15, watched=True)
    alone, _ = audit(0.15, watched=False)
    gain = found["typographic_gain"]
    assert gain.samples == 160
    assert gain.interval.method.endswith("after looks on the way")
    assert "decided" not in notes[0]
    wide, narrow = (
        item.interval.high - item.interval.low for item in (gain, alone["typographic_gain"])
    )
    assert narrow < wide < 1.3 * narrow
