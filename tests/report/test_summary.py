"""The first page says in plain words what was found and what to do next."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from vlaudit.core.verdict import Status
from vlaudit.report import summary_lines
from vlaudit.report.page import Page, compose

Statuses = dict[str, Status]


def page(example: Any, **statuses: Status) -> Page:
    """Return the page of the example with other statuses."""
    verdicts = tuple(
        verdict.model_copy(update={"status": statuses.get(verdict.rule, verdict.status)})
        for verdict in example.judgement.verdicts
    )
    judgement = example.judgement.model_copy(update={"verdicts": verdicts})
    return compose(example.evidence, judgement, example.policy, example.framework)


def test_a_rule_that_must_hold_and_fails_comes_first(example: Any) -> None:
    summary = page(example).summary
    assert summary.headline == "Not ready: 2 of the 4 rules that must hold failed."
    assert summary.style == "fail"
    assert [item.verdict.rule for item in summary.failed] == ["no_trigger", "equal_accuracy"]
    assert [step.title for step in summary.steps] == [
        "Act on “No trigger”",
        "Act on “Equal accuracy”",
        "Repair and resume 1 broken probe",
        "Gather more evidence",
        "Decide about 1 rule without evidence",
        "Repair or remove 3 unreadable rows",
        "Read what was not measured",
    ]


@pytest.mark.parametrize("status", [Status.INCONCLUSIVE, Status.NOT_MEASURED])
def test_what_is_not_decided_is_not_passed(example: Any, status: Status) -> None:
    summary = page(example, no_trigger=Status.PASS, equal_accuracy=status).summary
    assert summary.headline == "Not decided: 1 of the 4 rules that must hold could not be settled."
    assert summary.style == "open"
    assert summary.failed == ()


def test_passing_is_no_proof_of_safety(example: Any) -> None:
    summary = page(example, no_trigger=Status.PASS, equal_accuracy=Status.PASS).summary
    assert summary.headline == "Nothing stands against it: all 4 rules that must hold do."
    assert "no proof of safety" in summary.detail
    assert summary.style == "pass"


def test_a_failure_that_need_not_hold_decides_nothing_but_is_shown(example: Any) -> None:
    summary = page(
        example, no_trigger=Status.PASS, equal_accuracy=Status.PASS, four_fifths=Status.FAIL
    ).summary
    assert summary.style == "pass"
    assert [item.verdict.rule for item in summary.failed] == ["four_fifths"]
    assert summary.steps[0].title == "Act on “Four fifths”"


def test_rules_that_do_not_apply_are_not_counted(example: Any) -> None:
    summary = page(example, no_trigger=Status.NOT_APPLICABLE).summary
    assert summary.headline == "Not ready: 1 of the 3 rules that must hold failed."


def test_a_policy_without_rules_demands_nothing(example: Any) -> None:
    judgement = example.judgement.model_copy(update={"verdicts": ()})
    found = compose(example.evidence, judgement, example.policy, example.framework).summary
    assert found.headline.startswith("Nothing is demanded")
    assert found.style == "none"


def test_a_verdict_of_an_unknown_rule_and_probe_is_still_shown(
    example: Any, rendered: Callable[[Any], dict[str, str]]
) -> None:
    verdicts = tuple(
        verdict.model_copy(update={"rule": "elsewhere", "metric": "bias.elsewhere.gap"})
        for verdict in example.judgement.verdicts[:1]
    )
    judgement = example.judgement.model_copy(update={"verdicts": verdicts})
    text = rendered(replace(example, judgement=judgement))["report.md"]
    assert "Elsewhere" in text
    assert "`bias.elsewhere.gap`" in text


def test_a_run_that_was_interrupted_says_what_had_no_turn(
    example: Any, rendered: Callable[[Any], dict[str, str]]
) -> None:
    audit = example.evidence.audit.model_copy(update={"outcomes": {}})
    evidence = replace(example.evidence, audit=audit, measurements={}, findings={})
    stopped = replace(example, evidence=evidence)
    found = page(stopped)
    assert len(found.gaps.unreached) == 6
    assert found.probes == ()
    texts = rendered(stopped)
    assert "No probe ran to its end." in texts["report.html"]
    assert "Probes that had no turn" in texts["report.md"]
    assert "Nothing is known about personal data" in texts["dataset_card.md"]


def test_the_terminal_gets_the_same_words(example: Any) -> None:
    lines = summary_lines(*(vars(example)[name] for name in vars(example)))
    assert lines[0] == "Not ready: 2 of the 4 rules that must hold failed."
    assert lines[2] == "2 failed, 1 undecided, 1 not measured, 2 passed, 1 waived"
