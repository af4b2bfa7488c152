"""A rule on rows made innocent and with planted harm; and when a probe may end early."""

from typing import Any

import pytest

from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.policy import Policy, Rule
from vlaudit.core.selfcheck import Rerun, SelfCheck
from vlaudit.judge.settled import settled
from vlaudit.judge.tried import tried


def rule(**changes: Any) -> Rule:
    return Rule.model_validate({
        "id": "small_gap", "metric": "bias.parity.gap", "at_most": 0.1, "controls": ["A 1"],
        "severity": "high", "because": "b", "origin": {"kind": "house", "text": "t"}, **changes,
    })  # fmt: skip


def gap(low: float, high: float, samples: int = 100) -> Measurement:
    return Measurement("gap", (low + high) / 2, samples, Interval(low, high, "by hand"))


FOUND: dict[str, Any] = {"harms": {"gap": 0.3}, "planted": 9, "found": 7}
CHECK = SelfCheck(
    probe="bias.parity",
    reruns=(
        Rerun(kind="innocent", measurements=(gap(0.0, 0.05),)),
        Rerun(kind="innocent", measurements=(gap(0.12, 0.2),)),
        Rerun(kind="innocent", measurements=(gap(0.05, 0.2),)),
        Rerun(kind="planted", measurements=(gap(0.2, 0.4),), **FOUND),
        Rerun(kind="planted", measurements=(gap(0.0, 0.4),), harms={"gap": 0.25}),
        Rerun(kind="planted", measurements=(gap(0.0, 0.4),), harms={"other": 0.25}),
    ),
)  # fmt: skip


def test_alarms_and_planted_harm_beyond_the_limit_are_counted() -> None:
    found = tried(rule(), {"bias.parity": CHECK})
    assert found is not None
    assert (found.innocent, found.alarms, found.planted, found.found) == (3, 1, 2, 1)
    assert (found.rows_planted, found.rows_found, found.harm) == (9, 7, 0.25)


def test_harm_within_the_limit_of_a_laxer_rule_does_not_count() -> None:
    lax = tried(rule(at_most=0.28), {"bias.parity": CHECK})
    assert lax is not None
    assert (lax.planted, lax.found, lax.alarms) == (1, 0, 0)


def test_nothing_is_said_of_other_probes_and_slices() -> None:
    assert tried(rule(), {}) is None
    assert tried(rule(over="each_slice"), {"bias.parity": CHECK}) is None
    assert tried(rule(metric="bias.parity.other_gap"), {"bias.parity": CHECK}) is None


def policy(*rules: Rule) -> Policy:
    return Policy(id="p", title="P", framework="f", rules=rules)


@pytest.mark.parametrize(
    ("measured", "decided"),
    [
        (gap(0.0, 0.09), True),
        (gap(0.0, 0.11), False),
        (gap(0.2, 0.3), True),
        (gap(0.101, 0.4), False),  # alone it fails, but not among several rules
        (gap(0.0, 0.05, samples=10), False),
    ],
)
def test_a_probe_ends_when_its_rule_is_decided_whatever_the_others_say(
    measured: Measurement, decided: bool
) -> None:
    others = [rule(id=f"r{at}", metric="bias.other.gap") for at in range(4)]
    tell = settled(policy(rule(requires={"samples": 50}), *others), claims=(), abilities=())
    assert tell("bias.parity", [measured]) is decided


def test_a_rule_that_no_measurement_speaks_of_keeps_the_probe_going() -> None:
    clear = gap(0.0, 0.01)
    two = policy(rule(), rule(id="r2", metric="bias.parity.accuracy_gap"))
    assert not settled(two, claims=(), abilities=())("bias.parity", [clear])
    assert not settled(policy(), claims=(), abilities=())("bias.parity", [clear])
    sliced = policy(rule(over="each_slice"))
    assert not settled(sliced, claims=(), abilities=())("bias.parity", [clear])
    claimed = policy(rule(), rule(id="r2", metric="bias.parity.x", when="claims.robustness"))
    assert settled(claimed, claims=(), abilities=())("bias.parity", [clear])
    assert not settled(claimed, claims=("robustness",), abilities=())("bias.parity", [clear])
