"""Verdicts, joined with the rule, the probe and the measurement that they follow from."""

from collections.abc import Mapping
from dataclasses import dataclass

from vlaudit.core.audit import Evidence, PlannedProbe
from vlaudit.core.finding import Severity
from vlaudit.core.policy import Control, Framework, Policy, Rule, Waiver
from vlaudit.core.verdict import Judgement, Status, Verdict
from vlaudit.report.amounts import exact
from vlaudit.report.readings import Reading, reading
from vlaudit.report.tried import said
from vlaudit.report.words import ORIGIN, SEVERITY, STATUS, WORST_FIRST, Label, sentence, titled
from vlaudit.selftest.record import stored_record

URGENCY = tuple(STATUS)


@dataclass(frozen=True)
class Judged:
    """One verdict with everything that a reader needs to check it."""

    verdict: Verdict
    anchor: str
    title: str
    status: Label
    severity: str
    limit: str
    rule: Rule | None
    planned: PlannedProbe | None
    reading: Reading | None
    controls: tuple[Control, ...]
    waiver: Waiver | None
    record: str = ""

    @property
    def asks(self) -> str:
        """The probe's question, or the metric where the probe is not installed."""
        return self.planned.card.asks if self.planned else f"Rule on {self.verdict.metric}."

    @property
    def origin(self) -> str:
        """Where the limit comes from."""
        if self.rule is None:
            return "The rule is not in the policy at hand."
        return f"{ORIGIN[self.rule.origin.kind]}. {sentence(self.rule.origin.text)}"

    @property
    def because(self) -> str:
        """Why the rule has its status."""
        return sentence(self.verdict.because)

    @property
    def means(self) -> str:
        """What the number means, in the words of the probe's card."""
        name = self.verdict.metric.rpartition(".")[2]
        if self.planned is None or name not in self.planned.card.metrics:
            return self.verdict.metric
        return self.planned.card.metrics[name].means


@dataclass(frozen=True)
class SeverityBand:
    """All verdicts of one severity, the most urgent first."""

    severity: Severity
    title: str
    verdicts: tuple[Judged, ...]


def judged(
    evidence: Evidence, judgement: Judgement, policy: Policy, framework: Framework
) -> tuple[Judged, ...]:
    """Return the verdicts by severity, worst first, and within it by urgency."""
    plan = {planned.card.id: planned for planned in evidence.audit.plan}
    rules = {rule.id: rule for rule in policy.rules}
    waivers = {waiver.rule: waiver for waiver in policy.waivers}
    controls = {control.id: control for control in framework.controls}
    records = _records()
    ranked = sorted(
        judgement.verdicts,
        key=lambda item: (WORST_FIRST.index(item.severity), URGENCY.index(item.status)),
    )
    return tuple(
        _join(
            verdict,
            index,
            rules.get(verdict.rule),
            plan,
            controls,
            waivers.get(verdict.rule),
            " ".join(filter(None, [records.get(verdict.metric), _tried(verdict, plan, evidence)])),
        )
        for index, verdict in enumerate(ranked, start=1)
    )


def _tried(verdict: Verdict, plan: Mapping[str, PlannedProbe], evidence: Evidence) -> str:
    """Say how the rule fared on the audit's own rows, made innocent or given a known flaw."""
    probe, _, metric = verdict.metric.rpartition(".")
    metrics = plan[probe].card.metrics if probe in plan else {}
    unit = metrics[metric].unit if metric in metrics else ""
    return said(verdict.tried, evidence.self_checks.get(probe), unit)


def bands(verdicts: tuple[Judged, ...]) -> tuple[SeverityBand, ...]:
    """Group verdicts by severity."""
    grouped = (
        (severity, tuple(item for item in verdicts if item.verdict.severity == severity))
        for severity in WORST_FIRST
    )
    return tuple(SeverityBand(key, SEVERITY[key], items) for key, items in grouped if items)


def _join(
    verdict: Verdict,
    index: int,
    rule: Rule | None,
    plan: Mapping[str, PlannedProbe],
    controls: Mapping[str, Control],
    waiver: Waiver | None,
    record: str,
) -> Judged:
    probe, _, metric = verdict.metric.rpartition(".")
    planned = plan.get(probe)
    known = planned is not None and metric in planned.card.metrics
    number = None
    if verdict.measurement is not None and planned is not None and known:
        number = reading(verdict.measurement, planned.card, rule=rule)
    unit = planned.card.metrics[metric].unit if planned is not None and known else None
    return Judged(
        verdict=verdict,
        anchor=f"v{index}",
        title=verdict.title or titled(verdict.rule),
        status=STATUS[verdict.status],
        severity=SEVERITY[verdict.severity],
        limit=verdict.limit if rule is None or unit is None else _limit(rule, unit),
        rule=rule,
        planned=planned,
        reading=number,
        controls=tuple(controls[item] for item in verdict.controls if item in controls),
        waiver=waiver if verdict.status == Status.WAIVED else None,
        record=record,
    )


def _records() -> Mapping[str, str]:
    """Say of each metric that was tried how often it errs, and what it finds."""
    stored = stored_record()
    tried = stored.probes if stored is not None else ()
    return {f"{record.probe}.{record.metric}": record.sentence for record in tried}


def _limit(rule: Rule, unit: str) -> str:
    side = "at most" if rule.at_most is not None else "at least"
    return f"{side} {exact(rule.limit, unit)}"
