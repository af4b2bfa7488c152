"""The summary of a CI job names every rule that did not pass, with its number whole."""

from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt

from vlaudit.core.verdict import Status
from vlaudit.report.brief import export
from vlaudit.report.exchange import JudgedRun

Judge = Callable[..., JudgedRun]


def row(run: JudgedRun, title: str) -> str | None:
    return next((line for line in export(run).splitlines() if f"| {title} |" in line), None)


@pytest.mark.parametrize("status", Status)
def test_a_rule_is_listed_unless_it_holds(judged_run: Judge, status: Status) -> None:
    listed = row(judged_run(equal_accuracy=status), "Equal accuracy") is not None
    assert listed == (status not in {Status.PASS, Status.ATTESTED, Status.NOT_APPLICABLE})


def test_a_number_has_interval_samples_and_blind_spot(judged_run: Judge) -> None:
    found = row(judged_run(), "Equal accuracy") or ""
    for said in ("❌", "28.1%", "20.3% to 35.5%", "640 samples", "Groups that nobody annotated"):
        assert said in found
    assert (row(judged_run(no_trigger=Status.INCONCLUSIVE), "No trigger") or "").startswith("| ⚠️")


def test_it_is_one_table_and_a_list(judged_run: Judge) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(export(judged_run()))
    kinds = [token.type for token in tokens if token.level == 0 and token.nesting == 1]
    assert kinds == [
        "heading_open", "paragraph_open", "paragraph_open", "table_open", "paragraph_open",
        "bullet_list_open",
    ]  # fmt: skip
