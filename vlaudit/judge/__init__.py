"""Holds evidence against a policy: a pure function of what was written down, and of the day."""

from collections.abc import Collection
from datetime import date
from fnmatch import fnmatchcase

from vlaudit.core.audit import Evidence
from vlaudit.core.policy import Framework, Policy, Reaction, Rule, Waiver
from vlaudit.core.target import Ability
from vlaudit.core.verdict import Judgement, Status, Verdict
from vlaudit.judge.decision import Decision, decide, inapplicable, limit_text
from vlaudit.judge.family import correct
from vlaudit.judge.ledger import control_verdict
from vlaudit.judge.tried import tried

__all__ = ["exit_code", "judge", "limit_text", "must_hold"]

OPEN = (Status.INCONCLUSIVE, Status.NOT_MEASURED)


def must_hold(
    policy: Policy, *, claims: Collection[str], abilities: Collection[Ability]
) -> frozenset[str]:
    """Return the probes of the rules that decide the exit code, of those that apply here."""
    return frozenset(
        rule.probe for rule in policy.rules
        if rule.severity in policy.gate
        and inapplicable(rule, claims=claims, abilities=abilities) is None
    )  # fmt: skip


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
    alone = {rule.id: decide(rule, evidence) for rule in policy.rules}
    decisions, family = correct(policy, alone)
    name = evidence.audit.target.name
    verdicts = tuple(
        _verdict(rule, decisions[rule.id], policy, name, today).model_copy(
            update={"tried": tried(rule, evidence.self_checks)}
        )
        for rule in policy.rules
    )
    controls = tuple(
        control_verdict(control, policy, decisions, target=name, today=today)
        for control in framework.controls
    )
    return Judgement(
        policy=policy.id,
        framework=framework.id,
        verdicts=verdicts,
        controls=controls,
        family=family,
    )


def exit_code(judgement: Judgement) -> int:
    """Return 1 when a gated rule fails, 3 when one could not be decided, and 0 otherwise.

    The policy may say otherwise of undecided and unmeasured rules, by severity.
    """
    effects = {verdict.effect for verdict in judgement.verdicts}
    if "fail" in effects:
        return 1
    return 3 if "hold" in effects else 0


def _verdict(rule: Rule, decision: Decision, policy: Policy, target: str, today: date) -> Verdict:
    status, because = decision.status, decision.because
    if status in (Status.FAIL, Status.INCONCLUSIVE, Status.NOT_MEASURED):
        for waiver in policy.waivers:
            if waiver.rule == rule.id:
                status, because = _waived(waiver, status, because, target, today)
    effect = _effect(rule, status, policy)
    return Verdict(
        rule=rule.id,
        status=status,
        because=because,
        metric=rule.metric,
        limit=limit_text(rule),
        severity=rule.severity,
        gated=_gated(rule, status, effect, policy),
        controls=rule.controls,
        measurement=decision.measurement,
        title=rule.title,
        effect=effect,
        samples_needed=decision.samples_needed,
        p_value=decision.p_value,
        origin=rule.origin.kind,
    )


def _effect(rule: Rule, status: Status, policy: Policy) -> Reaction:
    """Return what a rule does to the exit code."""
    if status is Status.FAIL:
        return "fail" if rule.severity in policy.gate else "ignore"
    if status not in OPEN or rule.optional:
        return "ignore"
    return policy.reaction(rule.severity, measured=status is Status.INCONCLUSIVE)


def _gated(rule: Rule, status: Status, effect: Reaction, policy: Policy) -> bool:
    """Tell whether the rule must hold: an open one must where it touches the exit code."""
    if status in OPEN:
        return effect != "ignore"
    return rule.severity in policy.gate and (status is Status.FAIL or not rule.optional)


def _waived(
    waiver: Waiver, status: Status, because: str, target: str, today: date
) -> tuple[Status, str]:
    """Return status and reason after a waiver, which counts through the day it expires."""
    if not fnmatchcase(target, waiver.scope):
        return status, f"{because}; the waiver by {waiver.owner} is for {waiver.scope} only"
    if waiver.expires < today:
        stale = f"the waiver by {waiver.owner} expired on {waiver.expires} and does not count"
        return status, f"{because}; {stale}"
    words = f"waived by {waiver.owner} until {waiver.expires}: {waiver.reason}"
    return Status.WAIVED, f"{words}; without the waiver: {status}, {because}"
