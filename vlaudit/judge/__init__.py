"""Holds evidence against a policy: a pure function of what was written down, and of the day."""

from datetime import date

from vlaudit.core.audit import Evidence
from vlaudit.core.policy import Framework, Policy, Rule, Waiver
from vlaudit.core.verdict import Judgement, Status, Verdict
from vlaudit.judge.decision import Decision, decide, limit_text
from vlaudit.judge.ledger import control_verdict

__all__ = ["exit_code", "judge", "limit_text"]


def judge(evidence: Evidence, policy: Policy, framework: Framework, *, today: date) -> Judgement:
    """Return the verdict on every rule of a policy and on every control of its framework.

    The interval's unfavourable end is held against the limit. A waiver sets a rule aside for the
    exit code; what the evidence says about a control stays the same.

    Args:
        evidence: a run folder, read.
        policy: the rules.
        framework: the controls that the rules are about.
        today: the day that waivers and attestations must reach.
    """
    decisions = {rule.id: decide(rule, evidence) for rule in policy.rules}
    verdicts = tuple(_verdict(rule, decisions[rule.id], policy, today) for rule in policy.rules)
    controls = tuple(
        control_verdict(control, policy, decisions, today=today) for control in framework.controls
    )
    return Judgement(policy=policy.id, framework=framework.id, verdicts=verdicts, controls=controls)


def exit_code(judgement: Judgement) -> int:
    """Return 1 when a gated rule fails, 3 when one could not be decided, and 0 otherwise."""
    statuses = {verdict.status for verdict in judgement.verdicts if verdict.gated}
    if Status.FAIL in statuses:
        return 1
    return 3 if statuses & {Status.INCONCLUSIVE, Status.NOT_MEASURED} else 0


def _verdict(rule: Rule, decision: Decision, policy: Policy, today: date) -> Verdict:
    status, because = decision.status, decision.because
    waivers = [waiver for waiver in policy.waivers if waiver.rule == rule.id]
    if status in (Status.FAIL, Status.INCONCLUSIVE, Status.NOT_MEASURED):
        for waiver in waivers:
            status, because = _waived(waiver, status, because, today)
    return Verdict(
        rule=rule.id,
        status=status,
        because=because,
        metric=rule.metric,
        limit=limit_text(rule),
        severity=rule.severity,
        gated=rule.severity in policy.gate and (status is Status.FAIL or not rule.optional),
        controls=rule.controls,
        measurement=decision.measurement,
    )


def _waived(waiver: Waiver, status: Status, because: str, today: date) -> tuple[Status, str]:
    """Return status and reason after a waiver, which counts through the day it expires."""
    if waiver.expires < today:
        stale = f"the waiver by {waiver.owner} expired on {waiver.expires} and does not count"
        return status, f"{because}; {stale}"
    words = f"waived by {waiver.owner} until {waiver.expires}: {waiver.reason}"
    return Status.WAIVED, f"{words}; without the waiver: {status}, {because}"
