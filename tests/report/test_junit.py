"""JUnit XML: red exactly where the exit code is not 0, and green only for what passed."""

from collections.abc import Callable
from xml.etree.ElementTree import Element, fromstring

import pytest

from vlaudit.core.verdict import Status
from vlaudit.judge import exit_code
from vlaudit.report.exchange import JudgedRun
from vlaudit.report.junit import export

Judge = Callable[..., JudgedRun]
ALLOWED = {
    "testsuites": ({"name", "tests", "failures", "errors", "time"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "time", "skipped", "timestamp"},
        {"properties", "testcase", "system-err"},
    ),
    "properties": (set[str](), {"property"}),
    "property": ({"name", "value"}, set[str]()),
    "testcase": ({"name", "classname"}, {"failure", "skipped", "system-out"}),
    "failure": ({"type", "message"}, set[str]()),
    "skipped": ({"type", "message"}, set[str]()),
    "system-out": (set[str](), set[str]()),
    "system-err": (set[str](), set[str]()),
}
GREEN = ["system-out"]


def case(run: JudgedRun, rule: str) -> Element:
    cases = fromstring(export(run)).iter("testcase")
    return next(each for each in cases if each.attrib["name"].startswith(f"{rule}:"))


def parts(run: JudgedRun, rule: str) -> list[str]:
    return [child.tag for child in case(run, rule)]


@pytest.mark.parametrize("status", Status)
def test_a_rule_is_green_only_when_it_passed(judged_run: Judge, status: Status) -> None:
    for rule in ("equal_accuracy", "four_fifths"):
        run = judged_run(**{rule: status})
        assert (parts(run, rule) == GREEN) == (status is Status.PASS)


@pytest.mark.parametrize("status", [Status.FAIL, Status.INCONCLUSIVE, Status.NOT_MEASURED])
def test_what_touches_the_exit_code_is_a_failure_of_its_kind(
    judged_run: Judge, status: Status
) -> None:
    found = case(judged_run(equal_accuracy=status), "equal_accuracy")
    assert [(child.tag, child.get("type")) for child in found] == [("failure", status.value)]
    assert "28.1%" in (found[0].text or "")


def test_what_does_not_is_skipped_with_the_reason(judged_run: Judge) -> None:
    skipped = case(judged_run(), "four_fifths")[0]
    assert skipped.tag == "skipped"
    assert skipped.attrib["message"].startswith("Undecided (medium): 0.62 to 0.83 spans")
    assert "does not hold a release" in skipped.attrib["message"]
    waived = case(judged_run(), "no_identity_inference")[0]
    assert (waived.tag, waived.attrib["type"]) == ("skipped", "waived")
    assert "Safety board" in waived.attrib["message"]


def test_it_is_red_exactly_when_the_exit_code_is_not_0(judged_run: Judge) -> None:
    fine = {"equal_accuracy": Status.PASS, "no_trigger": Status.WAIVED}
    for statuses in ({}, fine, fine | {"no_trigger": Status.INCONCLUSIVE}):
        run = judged_run(**statuses)
        red = int(fromstring(export(run)).attrib["failures"])
        assert (red > 0) == (exit_code(run.judgement) != 0)


def test_counts_add_up(judged_run: Judge) -> None:
    root = fromstring(export(judged_run()))
    suite = root[0]
    for tag, name in (("testcase", "tests"), ("failure", "failures"), ("skipped", "skipped")):
        assert int(suite.attrib[name]) == len(list(suite.iter(tag)))
    assert root.attrib["errors"] == suite.attrib["errors"] == "0"
    assert suite.attrib["time"] == "64.000"


def test_it_keeps_to_elements_that_ci_servers_know(judged_run: Judge) -> None:
    for each in fromstring(export(judged_run(no_trigger=Status.NOT_MEASURED))).iter():
        attributes, children = ALLOWED[each.tag]
        assert set(each.attrib) <= attributes
        assert {child.tag for child in each} <= children


def test_probes_without_an_answer_are_named(judged_run: Judge) -> None:
    said = fromstring(export(judged_run())).findtext(".//system-err") or ""
    assert "adversarial.typographic broke" in said
    assert "privacy.identity_inference skipped" in said
