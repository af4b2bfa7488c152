"""CycloneDX 1.7 and 1.6: model and data, measurements on the model's card, declarations.

Controls become declared requirements with claims and counter-claims; none gets a score. 1.7 also
cites who said what: the program its numbers and judgement, nobody a person's words.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from vlaudit.core.outcome import Measured
from vlaudit.core.policy import Attestation
from vlaudit.core.probe import Risk
from vlaudit.core.verdict import ControlStatus, Status
from vlaudit.report.exchange import JudgedRun, account, as_json
from vlaudit.report.judged import Judged
from vlaudit.report.model_card import task
from vlaudit.report.readings import reading, slice_name
from vlaudit.report.words import CONTROL, REMEDY, counted, sentence, titled

MODEL, DATASET, ASSESSOR, STANDARD, TOOL = "model", "dataset", "assessor", "standard", "vlaudit"
MEASURED = (
    "/components/0/modelCard/quantitativeAnalysis",
    "/components/0/modelCard/properties",
    "/declarations/evidence",
    "/declarations/attestations",
)
DECIDED = {Status.PASS: "claims", Status.FAIL: "counterClaims"}


def export(run: JudgedRun) -> str:
    """Return bom.cdx.json, version 1.7."""
    return as_json(_bom(run, "1.7") | {"citations": [_citation(run)]})


def export_1_6(run: JudgedRun) -> str:
    """Return bom-1.6.cdx.json, for readers that do not know 1.7."""
    return as_json(_bom(run, "1.6"))


def _bom(run: JudgedRun, version: Literal["1.6", "1.7"]) -> dict[str, Any]:
    stamp = run.audit.stamp
    tool = {"type": "application", "bom-ref": TOOL, "name": "vlaudit", "version": stamp.vlaudit}
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{version}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "serialNumber": f"urn:uuid:{run.id('cyclonedx')}",
        "version": 1,
        "metadata": {
            "timestamp": run.finished,
            "tools": {"components": [tool]},
            "properties": _properties({"run": stamp.run, "policy": run.policy.id}),
        },
        "components": [_model(run), _dataset(run)],
        "declarations": _declarations(run),
        "definitions": {"standards": [_standard(run)]},
    }


def _citation(run: JudgedRun) -> dict[str, Any]:
    """Return which parts the program supplied, and when."""
    return {
        "pointers": list(MEASURED),
        "timestamp": run.finished,
        "attributedTo": TOOL,
        "note": f"Measured and judged by a program in run {run.audit.stamp.run}.",
    }


def _model(run: JudgedRun) -> dict[str, Any]:
    target, subject = run.audit.target, run.audit.config.subject
    found: dict[str, Any] = {
        "type": "machine-learning-model",
        "bom-ref": MODEL,
        "name": target.name,
        "properties": _properties(
            {"fingerprint.sha256": target.fingerprint, "kind": target.kind}
            | ({"parameters": str(target.parameters)} if target.parameters else {})
        ),
        "modelCard": {
            "modelParameters": {"task": task(target), "datasets": [{"ref": DATASET}]},
            "quantitativeAnalysis": {"performanceMetrics": [each[0] for each in _metrics(run)]},
            "considerations": _considerations(run),
            "properties": [each[1] for each in _metrics(run)],
        },
    }
    if subject.licence:
        found["licenses"] = [{"license": {"name": subject.licence}}]
    return found


def _metrics(run: JudgedRun) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Yield each measurement as a metric, and what a metric has no room for as a property."""
    for planned in run.audit.plan:
        card = planned.card
        if not isinstance(run.audit.outcomes.get(card.id), Measured):
            continue
        for item in run.evidence.measurements.get(card.id, ()):
            name, part, interval = f"{card.id}.{item.metric}", slice_name(item), item.interval
            metric = {
                "type": name,
                "value": repr(item.value),
                "slice": part,
                "confidenceInterval": {
                    "lowerBound": repr(interval.low),
                    "upperBound": repr(interval.high),
                },
            }
            unit = card.metrics[item.metric].unit
            said = f"{reading(item, card).sentence} Unit: {unit}."
            yield metric, {"name": f"vlaudit:measurement:{name}:{part}", "value": said}


def _considerations(run: JudgedRun) -> dict[str, Any]:
    subject = run.audit.config.subject
    limits = [subject.limitations] if subject.limitations else []
    blind = [
        f"{planned.card.id} is blind to: {sentence(planned.card.blind_to)}"
        for planned in run.page.gaps.blind
    ]
    failed = [item for item in run.page.summary.failed if item.planned and item.rule]
    fairness = [item for item in failed if _risk(item) == Risk.BIAS]
    found: dict[str, list[Any]] = {
        "useCases": [subject.intended_use] if subject.intended_use else [],
        "technicalLimitations": [*limits, *blind],
        "fairnessAssessments": [_fairness(item) for item in fairness],
        "ethicalConsiderations": [
            {"name": f"{item.title}: {item.because}", "mitigationStrategy": REMEDY[_risk(item)]}
            for item in failed
            if item not in fairness
        ],
    }
    return {name: items for name, items in found.items() if items}


def _fairness(judged: Judged) -> dict[str, str]:
    harm = judged.rule.because if judged.rule else judged.title
    said = {"harms": f"{harm} {judged.because}", "mitigationStrategy": REMEDY[Risk.BIAS]}
    if judged.reading is not None and judged.reading.measurement.slice:
        return {"groupAtRisk": judged.reading.slice} | said
    return said


def _risk(judged: Judged) -> Risk:
    return judged.planned.card.risk if judged.planned else Risk.RELIABILITY


def _dataset(run: JudgedRun) -> dict[str, Any]:
    facts = run.audit.dataset
    kinds = Counter(
        item.kind for probe, item in run.findings if probe.startswith(f"{Risk.PRIVACY}.")
    )
    contents: dict[str, Any] = {
        "type": "dataset",
        "name": facts.name,
        "description": f"{counted(facts.rows, 'row')}, of which {facts.evaluated:,} were "
        "evaluated on.",
        "contents": {
            "properties": _properties(
                {"digest.sha256": facts.digest, "rows": str(facts.rows)}
                | {f"quarantined.{why}": str(rows) for why, rows in facts.quarantined.items()}
            )
        },
    }
    if kinds:
        contents["sensitiveData"] = [
            f"{titled(kind)}: {counted(number, 'finding')}" for kind, number in kinds.items()
        ]
    found = {"type": "data", "bom-ref": DATASET, "name": facts.name, "data": [contents]}
    if facts.licences:
        found["licenses"] = [{"license": {"name": name}} for name in facts.licences if name]
    return found


def _standard(run: JudgedRun) -> dict[str, Any]:
    framework = run.framework
    return {
        "bom-ref": STANDARD,
        "name": framework.title,
        "version": framework.version,
        "description": " ".join(part for part in (framework.source, framework.note) if part),
        "requirements": [
            {"bom-ref": f"control:{item.id}", "identifier": item.id, "title": item.title}
            for item in framework.controls
        ],
    }


def _declarations(run: JudgedRun) -> dict[str, Any]:
    decided = [item for item in run.page.verdicts if item.verdict.status in DECIDED]
    name = f"vlaudit {run.audit.stamp.vlaudit}, a program"
    assessor = {"bom-ref": ASSESSOR, "thirdParty": False, "organization": {"name": name}}
    attestation = {
        "summary": f"{run.policy.title}: judged by a program; no affirmation by a person.",
        "assessor": ASSESSOR,
        "map": list(_map(run)),
    }
    words = list(_vouched(run))
    return {
        "assessors": [assessor],
        "attestations": [attestation],
        "claims": [*(_claim(item) for item in decided), *(_said(item) for item in words)],
        "evidence": [*(_evidence(run, item) for item in decided), *(_word(item) for item in words)],
    }


def _map(run: JudgedRun) -> Iterator[dict[str, Any]]:
    """Yield what speaks for and against each control that this audit says anything about."""
    statuses = {verdict.rule: verdict.status for verdict in run.judgement.verdicts}
    vouched = {item.control for item in _vouched(run)}
    for control in run.judgement.controls:
        if not control.rules and control.control not in vouched:
            continue
        found: dict[str, Any] = {"requirement": f"control:{control.control}"}
        for status, side in DECIDED.items():
            rules = [f"claim:{rule}" for rule in control.rules if statuses.get(rule) == status]
            if side == "claims" and control.control in vouched:
                rules.append(f"word:{control.control}")
            if rules:
                found[side] = rules
        because = f"{CONTROL[control.status].name}: {sentence(control.because)}"
        yield found | {"conformance": {"rationale": because}}


def _claim(judged: Judged) -> dict[str, Any]:
    rule, holds = judged.verdict.rule, judged.verdict.status == Status.PASS
    return {
        "bom-ref": f"claim:{rule}",
        "target": MODEL,
        "predicate": f"{judged.title}: {'met' if holds else 'not met'}",
        "reasoning": account(judged),
        "evidence": [f"evidence:{rule}"],
    }


def _evidence(run: JudgedRun, judged: Judged) -> dict[str, Any]:
    measured = judged.reading.sentence if judged.reading else judged.because
    return {
        "bom-ref": f"evidence:{judged.verdict.rule}",
        "propertyName": judged.verdict.metric,
        "description": measured,
        "created": run.finished,
    }


def _vouched(run: JudgedRun) -> Iterator[Attestation]:
    """Yield the attestation that each attested control rests on."""
    attested = {
        verdict.control
        for verdict in run.judgement.controls
        if verdict.status == ControlStatus.ATTESTED
    }
    for item in sorted(run.policy.attestations, key=lambda item: item.until, reverse=True):
        if item.control in attested:
            attested.discard(item.control)
            yield item


def _said(item: Attestation) -> dict[str, Any]:
    return {
        "bom-ref": f"word:{item.control}",
        "target": MODEL,
        "predicate": f"Attested, not measured: {item.statement}",
        "reasoning": f"The word of {item.owner}, until {item.until}.",
        "evidence": [f"proof:{item.control}"],
    }


def _word(item: Attestation) -> dict[str, Any]:
    return {
        "bom-ref": f"proof:{item.control}",
        "description": f"{item.owner} names as proof: {item.evidence}",
        "expires": f"{item.until}T23:59:59Z",
    }


def _properties(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": f"vlaudit:{name}", "value": value} for name, value in values.items()]
