"""The in-toto statement passes nothing that is undecided, and names what it is about by digest."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from vlaudit.core.verdict import Status
from vlaudit.report.exchange import JudgedRun
from vlaudit.report.intoto import export

Judge = Callable[..., JudgedRun]
FINE = {"equal_accuracy": Status.PASS, "no_trigger": Status.PASS}


def statement(run: JudgedRun) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(export(run))
    return found


@pytest.mark.parametrize("status", Status)
def test_a_rule_passes_only_when_it_passed(judged_run: Judge, status: Status) -> None:
    found = statement(judged_run(equal_accuracy=status))["predicate"]
    assert ("equal_accuracy" in found["passedTests"]) == (status is Status.PASS)
    held = {Status.FAIL, Status.INCONCLUSIVE, Status.NOT_MEASURED}
    assert ("equal_accuracy" in found["failedTests"]) == (status in held)


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (Status.PASS, "WARNED"),
        (Status.INCONCLUSIVE, "FAILED"),
        (Status.NOT_MEASURED, "FAILED"),
        (Status.FAIL, "FAILED"),
    ],
)
def test_the_result_follows_the_exit_code(judged_run: Judge, status: Status, result: str) -> None:
    run = judged_run(**(FINE | {"equal_accuracy": status}))
    assert statement(run)["predicate"]["result"] == result


def test_all_rules_met_is_a_pass(judged_run: Judge) -> None:
    everything = {v.rule: Status.PASS for v in judged_run().judgement.verdicts}
    found = statement(judged_run(**everything))["predicate"]
    assert found["result"] == "PASSED"
    assert len(found["passedTests"]) == 7
    assert "failedTests" not in found


def test_subjects_are_named_by_digest(judged_run: Judge) -> None:
    run = judged_run()
    (run.evidence.folder / "run.json").write_text("{}")
    digests = {each["name"]: each["digest"]["sha256"] for each in statement(run)["subject"]}
    assert digests == {
        "model:reference:flawed": run.audit.target.fingerprint,
        "dataset:reference:flawed": run.audit.dataset.digest,
        f"{run.audit.stamp.run}/run.json": hashlib.sha256(b"{}").hexdigest(),
    }


def test_the_model_that_the_target_is_compared_with_is_a_subject(judged_run: Judge) -> None:
    run = judged_run()
    other = run.audit.target.model_copy(update={"name": "other", "fingerprint": "b2" * 32})
    audit = run.audit.model_copy(update={"reference": other})
    compared = JudgedRun(
        replace(run.evidence, audit=audit), run.judgement, run.policy, run.framework
    )
    named = {each["name"]: each["digest"]["sha256"] for each in statement(compared)["subject"]}
    assert named["reference:other"] == "b2" * 32


def test_another_policy_is_another_configuration(judged_run: Judge) -> None:
    run = judged_run()
    other = run.policy.model_copy(update={"title": "Other"})
    changed = JudgedRun(run.evidence, run.judgement, other, run.framework)
    first, second = (
        statement(each)["predicate"]["configuration"][0]["digest"] for each in (run, changed)
    )
    assert first != second
