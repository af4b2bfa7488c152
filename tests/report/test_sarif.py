"""SARIF: what needs a look is a result, nothing undecided looks met, and later runs match."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.verdict import Status
from vlaudit.report.exchange import JudgedRun
from vlaudit.report.sarif import export, text

SCHEMA = Path(__file__).resolve().parents[3] / "shared/data/formats/sarif/sarif-schema-2.1.0.json"
Judge = Callable[..., JudgedRun]


def sarif(run: JudgedRun) -> dict[str, Any]:
    return first(export(run))


def first(document: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document)["runs"][0]
    return found


def result(run: JudgedRun, rule: str) -> dict[str, Any] | None:
    return next((each for each in sarif(run)["results"] if each["ruleId"] == rule), None)


@pytest.mark.parametrize("status", Status)
def test_it_is_valid_whatever_the_verdicts(judged_run: Judge, status: Status) -> None:
    if not SCHEMA.is_file():
        pytest.skip("the schema of SARIF is not on this machine")
    run = judged_run(equal_accuracy=status, no_trigger=status, four_fifths=status)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    errors = Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER).iter_errors(
        json.loads(export(run))
    )
    assert [error.message for error in errors] == []


def test_a_failed_rule_that_must_hold_is_an_error(judged_run: Judge) -> None:
    found = result(judged_run(), "equal_accuracy")
    assert found is not None
    assert (found["kind"], found["level"]) == ("fail", "error")
    assert found["taxa"][0]["id"] == "MEASURE 2.11"
    assert (found["properties"]["low"], found["properties"]["samples"]) == (0.203, 640)
    for said in ("28.1%", "20.3% to 35.5%", "640 samples", "Groups that nobody annotated"):
        assert said in found["message"]["text"]


@pytest.mark.parametrize("status", [Status.INCONCLUSIVE, Status.NOT_MEASURED])
def test_an_undecided_rule_that_must_hold_is_open(judged_run: Judge, status: Status) -> None:
    found = result(judged_run(no_trigger=status), "no_trigger")
    assert found is not None
    assert (found["kind"], found["level"]) == ("open", "none")


def test_an_undecided_rule_without_effect_is_a_notification(judged_run: Judge) -> None:
    run = judged_run()
    assert result(run, "four_fifths") is None
    noted = sarif(run)["invocations"][0]["toolExecutionNotifications"]
    about = {note["associatedRule"]["id"] for note in noted if "associatedRule" in note}
    assert about == {"four_fifths", "words_do_not_decide"}


def test_only_what_needs_a_look_is_a_result(judged_run: Judge) -> None:
    run = judged_run(no_trigger=Status.PASS, equal_accuracy=Status.NOT_APPLICABLE)
    for rule in ("no_trigger", "equal_accuracy", "stands_against_pixels"):
        assert result(run, rule) is None
    listed = sarif(run)["properties"]["verdicts"]
    assert "no_trigger" in listed["pass"]
    assert listed["not_applicable"] == ["equal_accuracy"]
    assert {rule["id"] for rule in sarif(run)["tool"]["driver"]["rules"]} >= {"no_trigger"}


def test_a_waiver_suppresses_and_says_why(judged_run: Judge) -> None:
    found = result(judged_run(), "no_identity_inference")
    assert found is not None
    assert found["kind"] == "review"
    assert found["suppressions"][0]["status"] == "accepted"
    assert "Safety board" in found["suppressions"][0]["justification"]


def test_level_is_none_exactly_where_kind_is_not_fail(judged_run: Judge) -> None:
    for found in sarif(judged_run(no_trigger=Status.INCONCLUSIVE))["results"]:
        assert (found["level"] == "none") == (found["kind"] != "fail")


def test_indices_point_at_what_they_name(judged_run: Judge) -> None:
    run = sarif(judged_run())
    rules, taxa = run["tool"]["driver"]["rules"], run["taxonomies"][0]["taxa"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for found in run["results"]:
        assert rules[found["ruleIndex"]]["id"] == found["ruleId"]
        for taxon in found.get("taxa", []):
            assert taxa[taxon["index"]]["id"] == taxon["id"]


def test_every_result_has_a_place_and_a_fingerprint_of_its_own(judged_run: Judge) -> None:
    found = sarif(judged_run())["results"]
    assert all(each["locations"][0]["physicalLocation"]["region"] for each in found)
    prints = {each["partialFingerprints"]["vlaudit/v1"] for each in found}
    assert len(prints) == len(found)


def test_fingerprints_outlive_a_run(judged_run: Judge) -> None:
    run = judged_run()
    stamp = run.audit.stamp.model_copy(update={"run": "later", "started": "2027-01-01T00:00:00Z"})
    audit = run.audit.model_copy(update={"stamp": stamp})
    findings = {
        probe: tuple(replace(item, summary="In other words.") for item in items)
        for probe, items in run.evidence.findings.items()
    }
    later = replace(run, evidence=replace(run.evidence, audit=audit, findings=findings))
    prints = [
        [each["partialFingerprints"] for each in sarif(item)["results"]] for item in (run, later)
    ]
    assert prints[0] == prints[1]


def test_a_broken_probe_is_no_success(judged_run: Judge) -> None:
    call = sarif(judged_run())["invocations"][0]
    assert call["executionSuccessful"] is False
    assert call["exitCode"] == 1
    texts = [note["message"]["text"] for note in call["toolExecutionNotifications"]]
    assert any(said.startswith("adversarial.typographic broke") for said in texts)
    assert any(said.startswith("privacy.identity_inference was skipped") for said in texts)


def test_too_many_findings_are_cut_aloud(judged_run: Judge) -> None:
    run = judged_run()
    many = [
        Finding("dust", "Dust.", Severity.LOW, Confidence.LOW, row=str(row)) for row in range(8)
    ]
    grave = Finding("fire", "Fire.", Severity.CRITICAL, Confidence.HIGH, row="last")
    evidence = replace(run.evidence, findings={"vlaudit": (*many, grave)})
    full = first(export(replace(run, evidence=evidence), most_findings=3))
    found = [each for each in full["results"] if each["ruleId"].startswith("vlaudit/")]
    assert len(found) == 3
    assert found[0]["ruleId"] == "vlaudit/fire"
    notes = full["invocations"][0]["toolExecutionNotifications"]
    assert any("6 more" in note["message"]["text"] for note in notes)


def test_brackets_make_no_link() -> None:
    assert text(r"[here](https://example.com) \ ") == r"\[here\](https://example.com) \\ "
