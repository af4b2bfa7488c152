"""CSV and JSON: every measurement whole, and no cell that a spreadsheet would run."""

import csv
import io
import json
from collections.abc import Callable

import pytest

from vlaudit.report.exchange import JudgedRun
from vlaudit.report.spreadsheet import cell
from vlaudit.report.tables import HEADINGS, as_csv, as_one

Judge = Callable[..., JudgedRun]


def rows(run: JudgedRun) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(run), newline="")))


def test_every_measurement_is_a_row_with_the_rules_it_decided(judged_run: Judge) -> None:
    run = judged_run()
    found = rows(run)
    assert len(found) == sum(len(items) for items in run.evidence.measurements.values())
    assert all(tuple(row) == HEADINGS and None not in row.values() for row in found)
    gap = next(row for row in found if row["metric"] == "accuracy_gap")
    assert (float(gap["low"]), float(gap["high"]), gap["samples"]) == (0.203, 0.355, "640")
    assert gap["rules"] == "equal_accuracy:fail"
    assert gap["blind_to"].startswith("Groups that nobody annotated")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "|x", "%y"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text).startswith("'")


@pytest.mark.parametrize("text", ["woman", "3 of 4", "gender = man", "ä=1"])
def test_plain_words_stay(text: str) -> None:
    assert cell(text) == text


def test_json_holds_verdicts_measurements_findings_and_gaps(judged_run: Judge) -> None:
    run = judged_run()
    found = json.loads(as_one(run))
    assert found["schema_version"] == 1
    assert len(found["judgement"]["verdicts"]) == 7
    assert len(found["findings"]) == 15
    assert found["findings"][0]["severity"] == "critical"
    probes = found["probes"]
    assert probes["adversarial.typographic"]["outcome"]["state"] == "broken"
    assert probes["privacy.identity_inference"]["outcome"]["state"] == "skipped"
    assert probes["bias.zero_shot_parity"]["measurements"][0]["interval"]["low"] == 0.203
