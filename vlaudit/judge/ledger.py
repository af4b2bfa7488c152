"""What the evidence says about each control of a framework: nothing is silently met."""

from collections.abc import Mapping
from datetime import date
from fnmatch import fnmatchcase

from vlaudit.core.policy import Attestation, Control, Policy, Rule, Waiver
from vlaudit.core.verdict import ControlStatus, ControlVerdict, Status
from vlaudit.judge.decision import Decision


def control_verdict(
    control: Control, policy: Policy, decisions: Mapping[str, Decision], *, target: str, today: date
) -> ControlVerdict:
    """Return the status of one control.

    It is refuted when any rule on it fails, waived or not; inconclusive when any is; evidenced
    when every rule that applies passes; attested when somebody's word stands in; and otherwise
    not measured.
    """
    rules = [rule for rule in policy.rules if control.id in rule.controls]
    by_status: dict[Status, list[str]] = {}
    for rule in rules:
        by_status.setdefault(decisions[rule.id].status, []).append(rule.id)
    status, because = _rolled_up(control, policy, by_status, today)
    asides = [
        *_waivers(rules, policy, by_status, target, today),
        *_unused_attestation(control, policy, status, today),
    ]
    return ControlVerdict(
        control=control.id,
        status=status,
        rules=tuple(rule.id for rule in rules),
        because="; ".join([because, *asides]),
    )


def _rolled_up(
    control: Control, policy: Policy, by_status: Mapping[Status, list[str]], today: date
) -> tuple[ControlStatus, str]:
    unmeasured = by_status.get(Status.NOT_MEASURED, [])
    attestation = _attestation(control, policy, today)
    if Status.FAIL in by_status:
        return ControlStatus.REFUTED, _rules(by_status[Status.FAIL], "fails", "fail")
    if Status.INCONCLUSIVE in by_status:
        names = by_status[Status.INCONCLUSIVE]
        return ControlStatus.INCONCLUSIVE, _rules(names, "is undecided", "are undecided")
    if Status.PASS in by_status and not unmeasured:
        return ControlStatus.EVIDENCED, "; ".join(
            [
                _rules(by_status[Status.PASS], "passes", "pass"),
                *_not_applicable(by_status),
            ]
        )
    gaps = [_rules(unmeasured, "was not measured", "were not measured")] if unmeasured else []
    gaps += _not_applicable(by_status)
    if attestation is not None:
        word = f"{attestation.owner} attests until {attestation.until}: {attestation.statement}"
        return ControlStatus.ATTESTED, "; ".join([f"{word} ({attestation.evidence})", *gaps])
    return ControlStatus.NOT_MEASURED, "; ".join(gaps) or _nothing(control)


def _attestation(control: Control, policy: Policy, today: date) -> Attestation | None:
    """Return the attestation of a control that still stands, or None."""
    stands = (a for a in policy.attestations if a.control == control.id and a.until >= today)
    return next(stands, None)


def _not_applicable(by_status: Mapping[Status, list[str]]) -> list[str]:
    names = by_status.get(Status.NOT_APPLICABLE)
    return [_rules(names, "does not apply", "do not apply")] if names else []


def _nothing(control: Control) -> str:
    """Say what a control lacks that no rule concerns."""
    if control.kind == "organisational":
        return "needs a person's attestation, and the policy has none"
    return "no rule of the policy concerns it, and nobody attests to it"


def _waivers(
    rules: list[Rule], policy: Policy, by_status: Mapping[Status, list[str]], target: str,
    today: date,
) -> list[str]:  # fmt: skip
    """Say which rules on a control are waived without being met."""
    met = {*by_status.get(Status.PASS, []), *by_status.get(Status.NOT_APPLICABLE, [])}
    unmet = {rule.id for rule in rules} - met
    waived: list[Waiver] = [
        w
        for w in policy.waivers
        if w.rule in unmet and w.expires >= today and fnmatchcase(target, w.scope)
    ]
    return [f"{w.owner} waives {w.rule} until {w.expires}, which is no evidence" for w in waived]


def _unused_attestation(
    control: Control, policy: Policy, status: ControlStatus, today: date
) -> list[str]:
    """Say which attestation of a control does not count, and why."""
    said: list[str] = []
    for each in policy.attestations:
        if each.control == control.id and each.until < today:
            said.append(f"the attestation by {each.owner} expired on {each.until}")
        elif each.control == control.id and status in _ABOVE_WORDS:
            said.append(f"{each.owner} attests to it, but measurements come first")
    return said


_ABOVE_WORDS = (ControlStatus.REFUTED, ControlStatus.INCONCLUSIVE)


def _rules(names: list[str], one: str, several: str) -> str:
    return f"{', '.join(names)} {one if len(names) == 1 else several}"
