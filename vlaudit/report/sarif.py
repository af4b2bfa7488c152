"""SARIF 2.1.0 for code scanning: what failed, what is open, and what was found.

Code scanning shows every result as an alert, whatever its `kind`. Rules that pass therefore stand
among the rules and in the run's properties only, and rules that the exit code passes over are
notifications.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from vlaudit.core.finding import Finding, Severity
from vlaudit.core.outcome import Broken
from vlaudit.core.probe import Card, Risk
from vlaudit.core.verdict import Status
from vlaudit.judge import exit_code
from vlaudit.report.exchange import UNDECIDED, JudgedRun, account, as_json
from vlaudit.report.judged import Judged
from vlaudit.report.words import counted, sentence, titled

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
PLACE = "vlaudit.yaml"
MOST_FINDINGS = 20_000
LEVEL = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
SECURITY = frozenset({Risk.ADVERSARIAL, Risk.POISONING, Risk.PRIVACY})
SECURITY_SEVERITY = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.5",
}
PRECISION = {"high": "high", "medium": "medium", "low": "low"}
_MARKUP = re.compile(r"([\\\[\]])")


def export(run: JudgedRun, *, most_findings: int = MOST_FINDINGS) -> str:
    """Return report.sarif, which code scanning refuses with more than 25,000 results."""
    everything = run.findings
    findings = everything[:most_findings]
    rules = [*(_rule(run, item) for item in run.page.verdicts), *_kinds(run, findings)]
    place = {rule["id"]: index for index, rule in enumerate(rules)}
    results = [*_verdicts(run), *_findings(run, findings)]
    for result in results:
        result["ruleIndex"] = place[result["ruleId"]]
    return as_json(
        {
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": _driver(run, rules)},
                    "automationDetails": {
                        "id": f"vlaudit/{run.audit.target.name}/{run.policy.id}/"
                        f"{run.audit.stamp.run}",
                        "guid": run.id("sarif"),
                    },
                    "invocations": [
                        _invocation(run, place, left_out=len(everything) - len(findings))
                    ],
                    "taxonomies": [_taxonomy(run)],
                    "results": results,
                    "properties": _properties(run),
                }
            ],
        }
    )


def text(words: str) -> str:
    """Return words as a SARIF message: brackets, which would make a link, mean themselves."""
    return _MARKUP.sub(r"\\\1", words)


def _driver(run: JudgedRun, rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": "vlaudit",
        "version": run.audit.stamp.vlaudit,
        "rules": rules,
        "supportedTaxonomies": [{"name": run.framework.id, "index": 0}],
    }


def _rule(run: JudgedRun, judged: Judged) -> dict[str, Any]:
    verdict = judged.verdict
    card = judged.planned.card if judged.planned else None
    why = judged.rule.because if judged.rule else judged.because
    blind = f" Blind to: {sentence(card.blind_to)}" if card else ""
    return {
        "id": verdict.rule,
        "name": titled(verdict.rule),
        "shortDescription": {"text": judged.title},
        "fullDescription": {"text": sentence(why)},
        "help": {"text": f"{judged.asks} Limit: {judged.limit}. {judged.origin}{blind}"},
        "defaultConfiguration": {"level": LEVEL[verdict.severity]},
        "relationships": [
            {"target": taxon, "kinds": ["relevant"]} for taxon in _taxa(run, verdict.controls)
        ],
        "properties": _tagged(card, verdict.severity),
    }


def _kinds(run: JudgedRun, findings: list[tuple[str, Finding]]) -> Iterator[dict[str, Any]]:
    """Yield one rule for each kind of finding; its severity is the worst one of its findings."""
    known: set[str] = set()
    for probe, finding in findings:
        name = f"{probe}/{finding.kind}"
        if name in known:
            continue
        known.add(name)
        card = run.cards.get(probe)
        about = card.asks if card else "Noticed while loading."
        blind = f" Blind to: {sentence(card.blind_to)}" if card else ""
        yield {
            "id": name,
            "name": titled(finding.kind),
            "shortDescription": {"text": titled(finding.kind)},
            "help": {"text": f"{about}{blind}"},
            "defaultConfiguration": {"level": LEVEL[finding.severity]},
            "properties": _tagged(card, finding.severity)
            | {"precision": PRECISION[finding.confidence]},
        }


def _tagged(card: Card | None, severity: Severity) -> dict[str, Any]:
    """Return the properties that code scanning sorts and filters by."""
    risk = card.risk if card else None
    if risk is None or risk in SECURITY:
        tags = ["security"] if risk is None else ["security", risk.value]
        return {"tags": tags, "security-severity": SECURITY_SEVERITY[severity]}
    weight = {"error": "error", "warning": "warning", "note": "recommendation"}
    return {"tags": [risk.value], "problem.severity": weight[LEVEL[severity]]}


def _verdicts(run: JudgedRun) -> Iterator[dict[str, Any]]:
    for judged in run.page.verdicts:
        verdict = judged.verdict
        failed = verdict.status == Status.FAIL
        held = verdict.status in UNDECIDED and verdict.effect != "ignore"
        if not failed and not held and verdict.status != Status.WAIVED:
            continue
        level = "error" if verdict.effect == "fail" else LEVEL[verdict.severity]
        measured = judged.reading.slice if judged.reading else "overall"
        result: dict[str, Any] = {
            "ruleId": verdict.rule,
            "kind": "fail" if failed else "open" if held else "review",
            "level": level if failed else "none",
            "message": {"text": text(f"{judged.title}. {account(judged)}")},
            "locations": [_location(f"{verdict.metric} ({measured})", "metric")],
            "partialFingerprints": _fingerprint("rule", verdict.rule),
            "taxa": _taxa(run, verdict.controls),
            "properties": {
                "status": verdict.status.value,
                "severity": verdict.severity.value,
                "gated": verdict.gated,
                "metric": verdict.metric,
                **_numbers(judged),
            },
        }
        if verdict.status == Status.WAIVED:
            waiver: dict[str, Any] = {"kind": "external", "status": "accepted"}
            result["suppressions"] = [waiver | {"justification": judged.because}]
        yield result


def _findings(run: JudgedRun, findings: list[tuple[str, Finding]]) -> Iterator[dict[str, Any]]:
    seen: Counter[tuple[str, ...]] = Counter()
    for probe, finding in findings:
        row = finding.row or "whole set or model"
        identity = (probe, finding.kind, finding.row or "", finding.where or "")
        seen[identity] += 1
        where = f" At {finding.where}." if finding.where else ""
        yield {
            "ruleId": f"{probe}/{finding.kind}",
            "kind": "fail",
            "level": LEVEL[finding.severity],
            "message": {"text": text(f"{sentence(finding.summary)} Row: {row}.{where}")},
            "locations": [_location(row, "row" if finding.row else "module")],
            "partialFingerprints": _fingerprint(*identity, str(seen[identity])),
            "properties": {
                "severity": finding.severity.value,
                "confidence": finding.confidence.value,
                "evidence": dict(finding.evidence),
            },
        }


def _numbers(judged: Judged) -> dict[str, Any]:
    item = judged.verdict.measurement
    if item is None:
        return {}
    interval = item.interval
    return {
        "value": item.value,
        "low": interval.low,
        "high": interval.high,
        "level": interval.level,
        "method": interval.method,
        "samples": item.samples,
        "slice": dict(item.slice),
    }


def _location(name: str, kind: str) -> dict[str, Any]:
    """Return the place of a result: the configuration that asked, and the metric or row."""
    return {
        "physicalLocation": {"artifactLocation": {"uri": PLACE}, "region": {"startLine": 1}},
        "logicalLocations": [{"fullyQualifiedName": name, "kind": kind}],
    }


def _fingerprint(*identity: str) -> dict[str, str]:
    """Return what a result is known again by in later runs: no number enters it."""
    digest = hashlib.sha256("\x1f".join(identity).encode("utf-8", "surrogatepass")).hexdigest()
    return {"vlaudit/v1": digest, "primaryLocationLineHash": f"{digest[:16]}:1"}


def _taxonomy(run: JudgedRun) -> dict[str, Any]:
    framework = run.framework
    return {
        "name": framework.id,
        "version": framework.version,
        "shortDescription": {"text": f"{framework.title} ({framework.source})"},
        "isComprehensive": True,
        "taxa": [
            {"id": control.id, "shortDescription": {"text": control.title}}
            for control in framework.controls
        ],
    }


def _taxa(run: JudgedRun, controls: tuple[str, ...]) -> list[dict[str, Any]]:
    places = {control.id: index for index, control in enumerate(run.framework.controls)}
    component = {"name": run.framework.id, "index": 0}
    return [
        {"id": name, "index": places[name], "toolComponent": component}
        for name in controls
        if name in places
    ]


def _invocation(run: JudgedRun, place: dict[str, int], *, left_out: int) -> dict[str, Any]:
    outcomes = run.audit.outcomes.values()
    whole = run.audit.stamp.finished is not None
    return {
        "executionSuccessful": whole and not any(isinstance(each, Broken) for each in outcomes),
        "startTimeUtc": run.started,
        "endTimeUtc": run.finished,
        "exitCode": exit_code(run.judgement),
        "toolExecutionNotifications": [
            *_probes(run),
            *_left_out(left_out),
            *_passed_over(run, place),
        ],
    }


def _probes(run: JudgedRun) -> Iterator[dict[str, Any]]:
    gaps = run.page.gaps
    for level, said, items in (
        ("error", "broke", gaps.broken),
        ("warning", "was not reached", gaps.unreached),
        ("note", "was skipped", gaps.skipped),
    ):
        for gap in items:
            words = f"{gap.planned.card.id} {said}: {sentence(gap.reason)}"
            yield {"level": level, "message": {"text": text(words)}}


def _left_out(findings: int) -> Iterator[dict[str, Any]]:
    """Say how many findings are not among the results."""
    if findings:
        words = f"The gravest findings are listed; {counted(findings, 'more', 'more')} stand in "
        yield {"level": "warning", "message": {"text": f"{words}findings.jsonl."}}


def _passed_over(run: JudgedRun, place: dict[str, int]) -> Iterator[dict[str, Any]]:
    """Yield the rules that are not decided, and that the exit code passes over."""
    for judged in run.page.verdicts:
        verdict = judged.verdict
        if verdict.status in UNDECIDED and verdict.effect == "ignore":
            yield {
                "level": "note",
                "message": {"text": text(f"{judged.title}. {account(judged)}")},
                "associatedRule": {"id": verdict.rule, "index": place[verdict.rule]},
            }


def _properties(run: JudgedRun) -> dict[str, Any]:
    return {
        "run": run.audit.stamp.run,
        "policy": run.policy.id,
        "target": run.audit.target.name,
        "targetFingerprint": run.audit.target.fingerprint,
        "dataset": run.audit.dataset.name,
        "datasetDigest": run.audit.dataset.digest,
        "verdicts": {
            status.value: [v.rule for v in run.judgement.verdicts if v.status == status]
            for status in Status
        },
    }
