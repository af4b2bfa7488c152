"""OSCAL: assessment results over the controls, and the framework itself as a catalogue.

A finding is `satisfied` only where measurement or a person's word speaks for the control; what is
undecided or not measured is `not-satisfied` for the reason `other`. Controls that nothing bears on
are named as not reviewed.
"""

import re
from collections.abc import Iterator
from typing import Any

from vlaudit.core.policy import Control
from vlaudit.core.verdict import ControlStatus, ControlVerdict, Status
from vlaudit.report.escape import md
from vlaudit.report.exchange import JudgedRun, account, as_json
from vlaudit.report.judged import Judged
from vlaudit.report.words import CONTROL, sentence

VERSION = "1.1.3"
STATES = {
    ControlStatus.EVIDENCED: ("satisfied", "pass"),
    ControlStatus.ATTESTED: ("satisfied", "other"),
    ControlStatus.REFUTED: ("not-satisfied", "fail"),
    ControlStatus.INCONCLUSIVE: ("not-satisfied", "other"),
    ControlStatus.NOT_MEASURED: ("not-satisfied", "other"),
}
MARKUP = frozenset({"title", "description", "prose", "remarks", "statement"})
NAMESPACE = "urn:vlaudit:oscal"
UNKNOWN = {"state": "other", "remarks": "Whether it is in operation is not known to the audit."}
CAVEAT = "Evidence for a control is not a statement that it is met."


def export(run: JudgedRun) -> str:
    """Return oscal.json, the assessment results."""
    plan = run.id("plan")
    stamp = run.audit.stamp
    plan_words = (
        "No assessment plan in OSCAL was written. The plan of the run, with probes and settings, "
        f"stands in run.json of {stamp.run}; the rules stand in policy {run.policy.id}."
    )
    return _document(
        {
            "assessment-results": {
                "uuid": run.id("oscal"),
                "metadata": _metadata(run, f"Audit of {run.audit.target.name}"),
                "import-ap": {"href": f"#{plan}"},
                "results": [_result(run)],
                "back-matter": {
                    "resources": [
                        {"uuid": plan, "title": "Plan of the run", "description": plan_words}
                    ]
                },
            }
        }
    )


def catalogue(run: JudgedRun) -> str:
    """Return oscal-catalog.json, the framework that the run was judged by."""
    controls = run.framework.controls
    sections = dict.fromkeys(control.section for control in controls)
    groups = [
        {
            "id": _token(section),
            "class": "section",
            "title": run.framework.sections.get(section, section),
            "props": [{"name": "label", "value": section}],
            "controls": [_control(each) for each in controls if each.section == section],
        }
        for section in sections
    ]
    metadata = _metadata(run, run.framework.title) | {"version": run.framework.version}
    notes = (run.framework.source, run.framework.note)
    metadata["remarks"] = " ".join(part for part in notes if part)
    return _document(
        {"catalog": {"uuid": run.id("catalogue"), "metadata": metadata, "groups": groups}}
    )


def _document(document: dict[str, Any]) -> str:
    return as_json(_marked(document))


def _marked(value: object, key: str = "") -> object:
    """Return a document in which what OSCAL reads as Markdown means nothing but itself."""
    if isinstance(value, dict):
        return {name: _marked(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_marked(item) for item in value]
    return str(md(value)) if key in MARKUP else value


def _metadata(run: JudgedRun, title: str) -> dict[str, Any]:
    return {
        "title": title,
        "last-modified": run.finished,
        "version": run.audit.stamp.run,
        "oscal-version": VERSION,
    }


def _control(control: Control) -> dict[str, Any]:
    return {
        "id": control.token,
        "class": control.kind,
        "title": control.id,
        "props": [{"name": "label", "value": control.id}],
        "parts": [{"id": f"{control.token}_smt", "name": "statement", "prose": control.title}],
    }


def _result(run: JudgedRun) -> dict[str, Any]:
    audit = run.audit
    reviewed, left_out = _reviewed(run)
    found: dict[str, list[dict[str, Any]]] = {
        "observations": [_observation(run, item) for item in run.page.verdicts],
        "risks": list(_risks(run)),
        "findings": [_finding(run, verdict) for verdict in reviewed],
    }
    return {
        "uuid": run.id("result"),
        "title": f"{audit.target.name} under policy {run.policy.id}",
        "description": f"{run.page.summary.headline} {run.page.summary.detail}",
        "start": run.started,
        "end": run.finished,
        "props": _props(
            {
                "run": audit.stamp.run,
                "policy": run.policy.id,
                "framework": run.framework.id,
                "target-fingerprint": audit.target.fingerprint,
                "dataset-digest": audit.dataset.digest,
            }
        ),
        "local-definitions": {"components": [_target(run), _data(run)]},
        "reviewed-controls": _selection(run, reviewed, left_out),
        **{name: items for name, items in found.items() if items},
    }


def _reviewed(run: JudgedRun) -> tuple[list[ControlVerdict], list[ControlVerdict]]:
    """Part the controls that a rule or a person's word bears on from those that nothing does."""
    known = {control.id for control in run.framework.controls}
    verdicts = [item for item in run.judgement.controls if item.control in known]
    bears = {
        item.control: bool(item.rules) or item.status == ControlStatus.ATTESTED for item in verdicts
    }
    return (
        [item for item in verdicts if bears[item.control]],
        [item for item in verdicts if not bears[item.control]],
    )


def _selection(
    run: JudgedRun, reviewed: list[ControlVerdict], left_out: list[ControlVerdict]
) -> dict[str, Any]:
    token = {control.id: control.token for control in run.framework.controls}
    selection: dict[str, Any] = {
        "description": f"Controls of {run.framework.title} that rules or attestations bear on."
    }
    if reviewed:
        selection["include-controls"] = [{"control-id": token[v.control]} for v in reviewed]
    if left_out:
        selection["exclude-controls"] = [{"control-id": token[v.control]} for v in left_out]
        selection["remarks"] = "Nothing in this audit bears on the excluded controls."
    return {"control-selections": [selection]}


def _observation(run: JudgedRun, judged: Judged) -> dict[str, Any]:
    verdict = judged.verdict
    values = {
        "status": verdict.status.value,
        "severity": verdict.severity.value,
        "must-hold": "yes" if verdict.gated else "no",
        "rule": verdict.rule,
        "metric": verdict.metric,
        "limit": verdict.limit,
    }
    if (item := verdict.measurement) is not None:
        values |= {
            "value": repr(item.value),
            "low": repr(item.interval.low),
            "high": repr(item.interval.high),
            "level": repr(item.interval.level),
            "interval-method": item.interval.method,
            "samples": str(item.samples),
        }
        values |= {f"slice-{_token(key)}": value for key, value in item.slice.items()}
    return {
        "uuid": run.id("observation", verdict.rule),
        "title": judged.title,
        "description": account(judged),
        "props": _props(values),
        "methods": ["TEST"],
        "subjects": [{"subject-uuid": run.id("target"), "type": "component"}],
        "relevant-evidence": [
            {"description": f"measurements.parquet of run {run.audit.stamp.run}"}
        ],
        "collected": run.finished,
    }


def _risks(run: JudgedRun) -> Iterator[dict[str, Any]]:
    """Yield one risk for each rule that fails, and one for each that somebody set aside."""
    for judged in run.page.verdicts:
        status = judged.verdict.status
        if status not in {Status.FAIL, Status.WAIVED}:
            continue
        risk: dict[str, Any] = {
            "uuid": run.id("risk", judged.verdict.rule),
            "title": judged.title,
            "description": judged.because,
            "statement": sentence(judged.rule.because if judged.rule else judged.title),
            "status": "open" if status == Status.FAIL else "deviation-approved",
            "related-observations": [
                {"observation-uuid": run.id("observation", judged.verdict.rule)}
            ],
        }
        if judged.waiver is not None:
            risk["deadline"] = f"{judged.waiver.expires}T23:59:59Z"
        yield risk


def _finding(run: JudgedRun, verdict: ControlVerdict) -> dict[str, Any]:
    control = next(item for item in run.framework.controls if item.id == verdict.control)
    state, reason = STATES[verdict.status]
    statuses = {item.rule: item.status for item in run.judgement.verdicts}
    rules = [rule for rule in verdict.rules if rule in statuses]
    risky = [rule for rule in rules if statuses[rule] in {Status.FAIL, Status.WAIVED}]
    label = CONTROL[verdict.status]
    found: dict[str, Any] = {
        "uuid": run.id("finding", control.id),
        "title": f"{control.id}: {label.name.lower()}",
        "description": f"{control.title} {sentence(verdict.because)}",
        "props": _props({"status": verdict.status.value}),
        "target": {
            "type": "statement-id",
            "target-id": f"{control.token}_smt",
            "status": {
                "state": state,
                "reason": reason,
                "remarks": f"{label.name}: {label.means}. {CAVEAT}",
            },
        },
    }
    if rules:
        found["related-observations"] = [
            {"observation-uuid": run.id("observation", rule)} for rule in rules
        ]
    if risky:
        found["related-risks"] = [{"risk-uuid": run.id("risk", rule)} for rule in risky]
    return found


def _target(run: JudgedRun) -> dict[str, Any]:
    target = run.audit.target
    return {
        "uuid": run.id("target"),
        "type": "software",
        "title": target.name,
        "description": "The model under audit.",
        "props": _props({"fingerprint": target.fingerprint, "kind": target.kind}),
        "status": UNKNOWN,
    }


def _data(run: JudgedRun) -> dict[str, Any]:
    facts = run.audit.dataset
    return {
        "uuid": run.id("dataset"),
        "type": "data",
        "title": facts.name,
        "description": f"The rows that the audit was made on: {facts.rows:,}.",
        "props": _props({"digest": facts.digest, "rows": str(facts.rows)}),
        "status": UNKNOWN,
    }


def _props(values: dict[str, str]) -> list[dict[str, str]]:
    """Return properties, which hold one line each; OSCAL knows no empty ones."""
    lines = {name: " ".join(value.split()) for name, value in values.items()}
    return [
        {"name": name, "ns": NAMESPACE, "value": value} for name, value in lines.items() if value
    ]


def _token(name: str) -> str:
    """Return a name as OSCAL writes ids."""
    plain = re.sub(r"[^a-z0-9_.-]+", "-", name.lower()).strip("-.")
    return plain if plain[:1].isalpha() else f"x-{plain}".rstrip("-")
