"""JUnit XML for CI servers: one test case a rule, red exactly where the exit code is not 0.

There is no official schema; this keeps to what Jenkins' and pytest's schemas both allow, so what
holds the exit code at 3 is a `failure` of type `inconclusive` or `not_measured`, never an `error`.
"""

from datetime import datetime
from xml.etree import ElementTree as ET

from vlaudit.core.verdict import Status
from vlaudit.report.escape import visible
from vlaudit.report.exchange import JudgedRun, account
from vlaudit.report.judged import Judged

NO_XML = str.maketrans(dict.fromkeys("\ufffe\uffff", "\N{REPLACEMENT CHARACTER}"))


def export(run: JudgedRun) -> str:
    """Return junit.xml."""
    cases = [_case(judged) for judged in run.page.verdicts]
    failures = str(sum(case.find("failure") is not None for case in cases))
    skipped = str(sum(case.find("skipped") is not None for case in cases))
    counts = {"tests": str(len(cases)), "failures": failures, "errors": "0", "time": _seconds(run)}
    root = ET.Element("testsuites", {"name": "vlaudit", **counts})
    about = {"name": _plain(f"vlaudit {run.policy.id}"), **counts, "skipped": skipped}
    suite = ET.SubElement(root, "testsuite", {**about, "timestamp": run.started.rstrip("Z")})
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(run).items():
        ET.SubElement(properties, "property", {"name": name, "value": _plain(value)})
    suite.extend(cases)
    if unseen := _unseen(run):
        ET.SubElement(suite, "system-err").text = _plain(unseen)
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _case(judged: Judged) -> ET.Element:
    verdict = judged.verdict
    name, group = _plain(f"{verdict.rule}: {judged.title}"), _plain(verdict.metric)
    case = ET.Element("testcase", {"name": name, "classname": group})
    said = _plain(account(judged))
    message = _plain(f"{judged.status.name} ({judged.severity.lower()}): {judged.because}")
    if verdict.effect != "ignore":
        failure = ET.SubElement(case, "failure", {"type": verdict.status, "message": message})
        failure.text = said
    elif verdict.status == Status.PASS:
        ET.SubElement(case, "system-out").text = said
    else:
        reason = {"type": verdict.status, "message": _plain(_passed_over(judged, message))}
        ET.SubElement(case, "skipped", reason).text = said
    return case


def _passed_over(judged: Judged, message: str) -> str:
    """Say that a rule which does not pass leaves the exit code alone."""
    if judged.verdict.status in {Status.FAIL, Status.INCONCLUSIVE, Status.NOT_MEASURED}:
        return f"{message} The policy does not hold a release for it."
    return message


def _properties(run: JudgedRun) -> dict[str, str]:
    audit = run.audit
    return {
        "run": audit.stamp.run,
        "vlaudit": audit.stamp.vlaudit,
        "policy": run.policy.id,
        "target": audit.target.name,
        "target.fingerprint": audit.target.fingerprint,
        "dataset": audit.dataset.name,
        "dataset.digest": audit.dataset.digest,
    }


def _unseen(run: JudgedRun) -> str:
    """Say which probes gave no answer, one a line."""
    gaps = run.page.gaps
    kinds = (("broke", gaps.broken), ("not reached", gaps.unreached), ("skipped", gaps.skipped))
    return "\n".join(
        f"{gap.planned.card.id} {word}: {gap.reason}" for word, items in kinds for gap in items
    )


def _seconds(run: JudgedRun) -> str:
    begun, ended = (datetime.fromisoformat(text) for text in (run.started, run.finished))
    return f"{(ended - begun).total_seconds():.3f}"


def _plain(text: str) -> str:
    """Return text without characters that XML cannot hold."""
    return visible(text).translate(NO_XML)
