"""Whether a probe may end early: every rule on it would be decided, whatever the others say."""

from collections.abc import Callable, Collection, Sequence

from vlaudit.core.measurement import Measurement
from vlaudit.core.policy import Policy, Rule
from vlaudit.core.target import Ability
from vlaudit.core.verdict import Status
from vlaudit.judge.chance import chance
from vlaudit.judge.decision import inapplicable
from vlaudit.judge.limit import hold

Settled = Callable[[str, Sequence[Measurement]], bool]


def settled(policy: Policy, *, claims: Collection[str], abilities: Collection[Ability]) -> Settled:
    """Return what tells of a probe whether measurements decide every rule on it that applies.

    A fail counts only if it would survive Holm's correction as the first of all rules of the
    gate. A probe without a rule is never settled: it measures for its own sake.
    """
    rules = [
        rule
        for rule in policy.rules
        if inapplicable(rule, claims=claims, abilities=abilities) is None
    ]
    gated = max(1, sum(rule.severity in policy.gate for rule in rules))
    needed = policy.error_budget / gated

    def decided(probe: str, measurements: Sequence[Measurement]) -> bool:
        mine = [rule for rule in rules if rule.probe == probe]
        return bool(mine) and all(_decided(rule, measurements, needed) for rule in mine)

    return decided


def _decided(rule: Rule, measurements: Sequence[Measurement], needed: float) -> bool:
    if rule.over == "each_slice" or rule.requires.group_samples is not None:
        return False
    for item in measurements:
        if item.metric == rule.metric_name and not item.slice:
            if item.samples < rule.requires.samples:
                return False
            if (item.clusters or 0) < (rule.requires.clusters or 0):
                return False
            held = hold(item, rule)
            failed = held.status is Status.FAIL and chance(held) <= needed
            return held.status is Status.PASS or failed
    return False
