"""An AVID report: which weaknesses were measured in a model and its data, by AVID's taxonomy."""

from typing import Any

from vlaudit.core.probe import Risk
from vlaudit.core.verdict import Status
from vlaudit.report.exchange import JudgedRun, as_json
from vlaudit.report.judged import Judged

DATA_VERSION = "0.2"
TAXONOMY_VERSION = "0.2"
EVALUATION = "L05: Evaluation"
VIEW = {
    Risk.BIAS: "E0101: Group fairness",
    Risk.ADVERSARIAL: "S0403: Adversarial Example",
    Risk.ROBUSTNESS: "P0201: Resilience/ Stability",
    Risk.POISONING: "S0600: Data Poisoning",
    Risk.PRIVACY: "P0300: Privacy",
    Risk.RELIABILITY: "P0204: Accuracy",
    Risk.DATA: "P0104: Data quality issues",
}
DOMAIN = {"S": "Security", "E": "Ethics", "P": "Performance"}


def export(run: JudgedRun) -> str:
    """Return avid.json: one report; its taxonomy names the risks whose rules failed."""
    audit, summary = run.audit, run.page.summary
    risks = {item.planned.card.risk for item in summary.failed if item.planned is not None}
    views = sorted(VIEW[risk] for risk in risks)
    developer = audit.config.subject.developers
    judged = [item for item in run.page.verdicts if item.reading is not None]
    return as_json(
        {
            "data_type": "AVID",
            "data_version": DATA_VERSION,
            "metadata": {"report_id": run.id("avid")},
            "affects": {
                "developer": [developer] if developer else [],
                "deployer": [],
                "artifacts": [
                    {"type": "Model", "name": audit.target.name},
                    {"type": "Dataset", "name": audit.dataset.name},
                ],
            },
            "problemtype": {
                "classof": "Undefined",
                "type": "Measurement",
                "description": _words(summary.headline),
            },
            "metrics": [_metric(item) for item in judged],
            "references": [],
            "description": _words(_description(run)),
            "impact": {
                "avid": {
                    "vuln_id": None,
                    "risk_domain": sorted({DOMAIN[view[0]] for view in views}),
                    "sep_view": views,
                    "lifecycle_view": [EVALUATION],
                    "taxonomy_version": TAXONOMY_VERSION,
                }
            },
            "credit": [],
            "reported_date": run.finished[:10],
        }
    )


def _metric(item: Judged) -> dict[str, Any]:
    """Return a rule and the measurement that it was decided by."""
    number = item.verdict.measurement
    results: dict[str, Any] = {"rule": item.verdict.rule, "status": str(item.verdict.status)}
    if number is not None:
        results |= {
            "value": number.value,
            "low": number.interval.low,
            "high": number.interval.high,
            "level": number.interval.level,
            "method": number.interval.method,
            "samples": number.samples,
            "slice": number.slice,
        }
    if item.planned is not None:
        results["blind_to"] = item.planned.card.blind_to
    return {
        "name": item.verdict.metric,
        "results": results,
        "detection_method": {"type": "Static Threshold", "name": item.limit},
    }


def _description(run: JudgedRun) -> str:
    failed = [item for item in run.page.verdicts if item.verdict.status is Status.FAIL]
    said = [f"{item.title}: {item.because}" for item in failed]
    return " ".join([run.page.summary.headline, run.page.summary.detail, *said])


def _words(text: str) -> dict[str, str]:
    return {"lang": "eng", "value": text}
