"""Verdicts of many random audits, worked out once more by the sentences of docs/statistics.md."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.verdict import Judgement, Status

GATED = ("critical", "high")
BUDGET = 0.05


@dataclass(frozen=True)
class Made:
    """A rule on a number that lies `beyond` the limit, with the ends of its interval likewise."""

    rule: dict[str, Any]
    measurement: Measurement
    beyond: tuple[float, float, float]

    @property
    def alone(self) -> Status:
        """What the interval says by itself: pass and fail need all of it."""
        low, _, high = self.beyond
        return Status.PASS if high <= 0 else Status.FAIL if low > 0 else Status.INCONCLUSIVE

    @property
    def p_value(self) -> float:
        """How often chance gives as much, where the interval's end is 1.96 deviations away."""
        low, value, _ = self.beyond
        return 1.0 if value <= 0 else float(norm.sf(value / (value - low) * norm.isf(0.025)))


def made(rng: np.random.Generator) -> Made:
    upper = bool(rng.integers(2))
    limit = float(rng.uniform(0.1, 0.9))
    beyond = float(rng.normal(0, 0.08))
    below, above = rng.uniform(0.002, 0.08, 2)
    low, value, high = beyond - below, beyond, beyond + above
    ends = (limit + low, limit + value, limit + high)
    if not upper:
        ends = (limit - high, limit - value, limit - low)
    inside = tuple(float(np.clip(end, 0, 1)) for end in ends)
    sign = 1 if upper else -1
    moved = sorted(sign * (end - limit) for end in (inside[0], inside[2]))
    measured = (moved[0], sign * (inside[1] - limit), moved[1])
    name = "gap" if upper else "accuracy"
    severity = str(rng.choice(["critical", "high", "medium", "low"]))
    rule: dict[str, Any] = {
        "metric": f"bias.parity.{name}",
        "severity": severity,
        "requires": {"samples": 50},
    }
    rule |= {"at_most": limit, "at_least": None} if upper else {"at_least": limit, "at_most": None}
    interval = Interval(inside[0], inside[2], "drawn")
    return Made(rule, Measurement(name, inside[1], 100, interval), measured)


def by_hand(rules: list[Made]) -> list[Status]:
    """Apply Holm: the smallest p-value against the budget by all, the next by one less, and on."""
    verdicts = [item.alone for item in rules]
    gated = [at for at, item in enumerate(rules) if item.rule["severity"] in GATED]
    stopped = False
    for left, at in enumerate(sorted(gated, key=lambda at: rules[at].p_value)):
        stopped = stopped or rules[at].p_value > BUDGET / (len(gated) - left)
        if stopped and verdicts[at] is Status.FAIL:
            verdicts[at] = Status.INCONCLUSIVE
    return verdicts


def exit_by_hand(rules: list[Made], verdicts: list[Status]) -> int:
    decisive = {
        status
        for item, status in zip(rules, verdicts, strict=True)
        if item.rule["severity"] in GATED
    }
    return 1 if Status.FAIL in decisive else 3 if Status.INCONCLUSIVE in decisive else 0


def test_verdicts_and_exit_code_are_what_the_documentation_says(
    judged: Callable[..., Judgement],
) -> None:
    from vlaudit.judge import exit_code

    rng, seen = np.random.default_rng(0), set[Status]()
    for _ in range(150):
        # One rule on each metric, so that each is decided by its own measurement.
        drawn = {item.measurement.metric: item for item in (made(rng) for _ in range(3))}
        rules = list(drawn.values())
        found = judged(
            *(item.measurement for item in rules), rules=[item.rule for item in rules],
            error_budget=BUDGET,
        )  # fmt: skip
        verdicts = [item.status for item in found.verdicts]
        assert verdicts == by_hand(rules)
        assert exit_code(found) == exit_by_hand(rules, verdicts)
        seen |= set(verdicts)
    assert seen == {Status.PASS, Status.FAIL, Status.INCONCLUSIVE}
