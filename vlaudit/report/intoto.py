"""An in-toto statement v1 with a test result: which rules held for which model and data.

It is signed by `vlaudit sign`. Whatever holds the exit code at 3 counts as failed, so that a
verifier that lets warnings pass does not let the undecided pass.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from vlaudit.core.verdict import Status, Verdict
from vlaudit.judge import exit_code
from vlaudit.report.exchange import JudgedRun, as_json

STATEMENT = "https://in-toto.io/Statement/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
EVIDENCE = ("run.json", "measurements.parquet", "findings.jsonl")


def export(run: JudgedRun) -> str:
    """Return statement.intoto.json."""
    return statement(run)


def statement(run: JudgedRun, *, files: Sequence[str] = EVIDENCE) -> str:
    """Return the statement over model, data and these files of the run folder, as JSON."""
    rules: dict[str, list[str]] = {"passedTests": [], "warnedTests": [], "failedTests": []}
    for verdict in run.judgement.verdicts:
        if verdict.status != Status.NOT_APPLICABLE:
            rules[_side(verdict)].append(verdict.rule)
    warned = "WARNED" if rules["warnedTests"] else "PASSED"
    result = "FAILED" if exit_code(run.judgement) else warned
    predicate = {"result": result, "configuration": [_policy(run)], **rules}
    return as_json(
        {
            "_type": STATEMENT,
            "subject": _subjects(run, files),
            "predicateType": TEST_RESULT,
            "predicate": {name: value for name, value in predicate.items() if value},
        }
    )


def _side(verdict: Verdict) -> str:
    if verdict.effect != "ignore":
        return "failedTests"
    return "passedTests" if verdict.status == Status.PASS else "warnedTests"


def _subjects(run: JudgedRun, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return model, data and the files that the verdicts follow from, with their digests."""
    target, data = run.audit.target, run.audit.dataset
    named = [
        _resource(f"model:{target.name}", target.fingerprint, "weights and preprocessing"),
        _resource(f"dataset:{data.name}", data.digest, "rows and columns"),
    ]
    if other := run.audit.reference:
        named.append(
            _resource(f"reference:{other.name}", other.fingerprint, "weights and preprocessing")
        )
    files = [run.evidence.folder / name for name in names]
    return named + [
        _resource(
            f"{run.audit.stamp.run}/{path.name}",
            hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes of the file",
        )
        for path in files
        if path.is_file()
    ]


def _policy(run: JudgedRun) -> dict[str, Any]:
    words = run.policy.model_dump_json().encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(words).hexdigest()
    return _resource(f"policy:{run.policy.id}", digest, "the policy as JSON, inclusions resolved")


def _resource(name: str, digest: str, over: str) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": digest}, "annotations": {"digestOver": over}}
