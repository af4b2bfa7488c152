"""Reports of modelscan (`modelscan -r json`): files of a model that run code when loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vlaudit.core.errors import InputError
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.probe import Risk
from vlaudit.evidence.foreign.shares import Imported, Part, Tool, imported, known, read_json

TOOL = Tool(
    id="poisoning.modelscan",
    name="modelscan",
    risk=Risk.POISONING,
    asks="Do files of the model run code when they are loaded?",
    blind_to="Files that it skipped, formats it does not know, and backdoors in the weights.",
    metric="unsafe_files",
    means="Share of scanned files with an issue.",
    better="lower",
)
SUPPORTED = ("0.5", "0.6", "0.7", "0.8")
SEVERITY = {
    "CRITICAL": Severity.CRITICAL,
    "HIGH": Severity.HIGH,
    "MEDIUM": Severity.MEDIUM,
    "LOW": Severity.LOW,
}


def read(files: Sequence[Path]) -> Imported:
    """Return the share of scanned files with an issue, and the issues as findings.

    Raises:
        InputError: a file is no report of a supported version, or no file was scanned.
    """
    parts: list[Part] = []
    findings: list[Finding] = []
    notes: list[str] = []
    version = ""
    for path in files:
        report = read_json(path)
        summary = report.get("summary") if isinstance(report, dict) else None
        if not isinstance(summary, dict) or not isinstance(report.get("issues"), list):
            raise InputError(f"{path} is no report of modelscan (summary, issues)")
        told = summary.get("modelscan_version")
        minor = None if told is None else ".".join(str(told).split(".")[:2])
        version = known(TOOL, path, minor, SUPPORTED)
        scanned = int((summary.get("scanned") or {}).get("total_scanned", 0))
        unsafe = {str(issue.get("source")): [1.0] for issue in report["issues"]}
        safe = {f"{path.stem} {index}": [0.0] for index in range(len(unsafe), scanned)}
        parts.append(Part(path.stem, {"report": path.stem}, unsafe | safe))
        findings += [_finding(issue) for issue in report["issues"]]
        skipped = int((summary.get("skipped") or {}).get("total_skipped", 0))
        failed = len(report.get("errors") or [])
        if skipped or failed:
            notes.append(f"{path.name}: {skipped} files were skipped, {failed} gave an error.")
    return replace(imported(TOOL, version, parts, notes), findings=tuple(findings))


def _finding(issue: Mapping[str, Any]) -> Finding:
    operator = f"{issue.get('module', '')}.{issue.get('operator', '')}".strip(".")
    return Finding(
        kind="unsafe_operator",
        summary=f"The file calls {operator or 'code'} when it is loaded.",
        severity=SEVERITY.get(str(issue.get("severity")), Severity.MEDIUM),
        confidence=Confidence.HIGH,
        where=str(issue.get("source")),
        evidence={"scanner": str(issue.get("scanner", ""))},
    )
