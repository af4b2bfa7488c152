"""OSCAL: only what speaks for a control satisfies it, and every reference has its end."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from markdown_it import MarkdownIt

from vlaudit.core.verdict import ControlStatus, ControlVerdict, Status
from vlaudit.report.exchange import JudgedRun
from vlaudit.report.oscal import catalogue, export

Judge = Callable[..., JudgedRun]
TOKEN = re.compile(r"[a-zA-Z_][a-zA-Z0-9._-]*")
REQUIRED = {
    "observations": {"uuid", "description", "methods", "collected"},
    "risks": {"uuid", "title", "description", "statement", "status"},
    "findings": {"uuid", "title", "description", "target"},
}


def document(run: JudgedRun) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(export(run))["assessment-results"]
    return found


def with_status(run: JudgedRun, status: ControlStatus) -> JudgedRun:
    controls = tuple(
        ControlVerdict(control=item.control, status=status, rules=item.rules, because="Why.")
        if item.control == "MEASURE 2.11"
        else item
        for item in run.judgement.controls
    )
    judgement = run.judgement.model_copy(update={"controls": controls})
    return JudgedRun(run.evidence, judgement, run.policy, run.framework)


def finding(run: JudgedRun, token: str) -> dict[str, Any]:
    items = document(run)["results"][0]["findings"]
    return next(item for item in items if item["target"]["target-id"] == f"{token}_smt")


@pytest.mark.parametrize("status", Status)
def test_trestle_reads_it(judged_run: Judge, status: Status) -> None:
    results = pytest.importorskip("trestle.oscal.assessment_results")
    run = judged_run(equal_accuracy=status, no_trigger=status)
    read = results.AssessmentResults.model_validate(document(run))
    assert len(read.results[0].observations) == 7


def test_trestle_reads_the_catalogue(judged_run: Judge) -> None:
    catalogs = pytest.importorskip("trestle.oscal.catalog")
    read = catalogs.Catalog.model_validate(json.loads(catalogue(judged_run()))["catalog"])
    assert sum(len(group.controls) for group in read.groups) == 72


@pytest.mark.parametrize("status", ControlStatus)
def test_only_what_speaks_for_a_control_satisfies_it(
    judged_run: Judge, status: ControlStatus
) -> None:
    target = finding(with_status(judged_run(), status), "measure-2.11")["target"]
    satisfied = status in {ControlStatus.EVIDENCED, ControlStatus.ATTESTED}
    assert (target["status"]["state"] == "satisfied") == satisfied
    assert (target["status"]["reason"] == "pass") == (status is ControlStatus.EVIDENCED)
    assert (target["status"]["reason"] == "fail") == (status is ControlStatus.REFUTED)


def test_controls_that_nothing_bears_on_are_left_out_aloud(judged_run: Judge) -> None:
    result = document(judged_run())["results"][0]
    selection = result["reviewed-controls"]["control-selections"][0]
    sizes = [len(selection[name]) for name in ("include-controls", "exclude-controls")]
    assert sizes == [len(result["findings"]), 72 - len(result["findings"])] == [5, 67]


def test_failures_and_waivers_are_risks(judged_run: Judge) -> None:
    risks = {item["title"]: item for item in document(judged_run())["results"][0]["risks"]}
    assert risks["Equal accuracy"]["status"] == "open"
    waived = risks["No identity inference"]
    assert (waived["status"], waived["deadline"]) == ("deviation-approved", "2027-06-30T23:59:59Z")


def test_what_the_specification_demands_is_there(judged_run: Judge) -> None:
    result = document(judged_run())["results"][0]
    for kind, names in REQUIRED.items():
        assert all(names <= set(item) for item in result[kind])
    assert all(item["target"]["status"]["state"] for item in result["findings"])
    for prop in properties(document(judged_run())):
        assert TOKEN.fullmatch(prop["name"])
        assert prop["value"].strip() == prop["value"] != ""


def test_prose_is_no_markup(judged_run: Judge) -> None:
    run = judged_run()
    target = run.audit.target.model_copy(update={"name": "<b>[x](http://example.com)</b>\n# *y*"})
    audit = run.audit.model_copy(update={"target": target})
    hostile = replace(run, evidence=replace(run.evidence, audit=audit))
    title = document(hostile)["metadata"]["title"]
    assert MarkdownIt("commonmark").render(title) == (
        "<p>Audit of &lt;b&gt;[x](http://example.com)&lt;/b&gt; # *y*</p>\n"
    )


def test_every_reference_has_its_end(judged_run: Judge) -> None:
    text = export(judged_run())
    defined = re.findall(r'"uuid": "([^"]+)"', text)
    assert len(defined) == len(set(defined))
    assert all(UUID(item).version == 5 for item in defined)
    named = re.findall(r'"(?:subject|observation|risk)-uuid": "([^"]+)"', text)
    named += re.findall(r'"href": "#([^"]+)"', text)
    assert set(named) <= set(defined)


def properties(value: Any) -> list[dict[str, str]]:
    if isinstance(value, dict):
        return [*value.get("props", []), *(p for v in value.values() for p in properties(v))]
    return [p for item in value for p in properties(item)] if isinstance(value, list) else []
