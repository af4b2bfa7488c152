"""Rules judged together: the chance that any fails although all are met is bounded by Holm."""

from collections.abc import Mapping
from dataclasses import replace

from vlaudit.core.policy import Policy, Rule
from vlaudit.core.verdict import Family, Status
from vlaudit.judge.decision import Decision

TESTED = (Status.PASS, Status.FAIL, Status.INCONCLUSIVE)


def correct(
    policy: Policy, decisions: Mapping[str, Decision]
) -> tuple[dict[str, Decision], Family]:
    """Return the decisions after Holm's correction over the rules of the gate, and the family.

    A gated rule fails only if it would at the policy's error budget whatever the others do; else
    it is inconclusive. A pass needs no correction.
    """
    tested = [rule for rule in policy.rules if decisions[rule.id].status in TESTED]
    gated = [rule for rule in tested if rule.severity in policy.gate]
    ranked = sorted(gated, key=lambda rule: decisions[rule.id].p_value or 0.0)
    corrected = dict(decisions)
    stopped = False
    for left, rule in zip(range(len(ranked), 0, -1), ranked, strict=True):
        decision = decisions[rule.id]
        stopped = stopped or (decision.p_value or 0.0) > policy.error_budget / left
        if stopped and decision.status is Status.FAIL:
            corrected[rule.id] = _spared(decision, rule, left, policy)
    others = [rule for rule in tested if rule.severity not in policy.gate]
    family = Family(
        error_budget=policy.error_budget,
        gated=len(gated),
        others=len(others),
        by_chance=sum(_alone(decisions[rule.id]) for rule in others),
    )
    return corrected, family


def _alone(decision: Decision) -> float:
    """Return the chance that one rule fails although it is met."""
    level = decision.measurement.interval.level if decision.measurement else 0.95
    return (1 - level) / 2


def _spared(decision: Decision, rule: Rule, left: int, policy: Policy) -> Decision:
    words = (
        f"alone it would fail, but chance alone gives as much in {decision.p_value:.2g} of audits; "
        f"among {left} rules of the gate that takes at most {policy.error_budget / left:.2g} (Holm)"
    )
    because = f"{decision.because}; {words}"
    return replace(decision, status=Status.INCONCLUSIVE, because=because)
