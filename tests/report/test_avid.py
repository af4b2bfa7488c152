"""The AVID report has the fields and words of AVID's own data model."""

import json
from collections.abc import Callable

from vlaudit.core.verdict import Status
from vlaudit.report.avid import export
from vlaudit.report.exchange import JudgedRun

FIELDS = {
    "data_type", "data_version", "metadata", "affects", "problemtype", "metrics", "references",
    "description", "impact", "credit", "reported_date",
}  # fmt: skip


def test_it_names_the_risks_whose_rules_failed(judged_run: Callable[..., JudgedRun]) -> None:
    found = json.loads(export(judged_run()))
    assert set(found) == FIELDS
    assert found["impact"]["avid"]["sep_view"] == [
        "E0101: Group fairness",
        "S0600: Data Poisoning",
    ]
    assert found["impact"]["avid"]["risk_domain"] == ["Ethics", "Security"]
    assert found["affects"]["artifacts"] == [
        {"type": "Model", "name": "reference:flawed"},
        {"type": "Dataset", "name": "reference:flawed"},
    ]
    metric = next(m for m in found["metrics"] if m["results"]["rule"] == "equal_accuracy")
    assert metric["detection_method"] == {"type": "Static Threshold", "name": "at most 10%"}
    assert (metric["results"]["low"], metric["results"]["samples"]) == (0.203, 640)


def test_without_failures_no_weakness_is_claimed(judged_run: Callable[..., JudgedRun]) -> None:
    fine = {verdict.rule: Status.PASS for verdict in judged_run().judgement.verdicts}
    assert json.loads(export(judged_run(**fine)))["impact"]["avid"]["sep_view"] == []
