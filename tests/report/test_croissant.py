"""Croissant: valid for mlcroissant, measured where it speaks, silent where nobody knows."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from vlaudit.report.croissant import FIELDS, export
from vlaudit.report.exchange import JudgedRun

Judge = Callable[..., JudgedRun]


def croissant(run: JudgedRun) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(export(run))
    return found


def test_mlcroissant_reads_it_and_its_records(judged_run: Judge) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    run = judged_run()
    read = mlcroissant.Dataset(jsonld=croissant(run))
    assert not read.metadata.ctx.issues.errors
    records = list(read.records("measurements"))
    assert {len(record) for record in records} == {len(FIELDS)}
    by_name = {record["measurements/metric"]: record for record in records}
    share = by_name["privacy.pii_in_captions.rows_with_pii"]
    assert (share["measurements/high"], share["measurements/samples"]) == (0.000865, 4264)


def test_what_was_measured_is_said_with_its_interval(judged_run: Judge) -> None:
    found = croissant(judged_run())
    said = " ".join(found["rai:personalSensitiveInformation"])
    assert "0% to 0.086%" in said
    assert "4,264 samples" in said
    assert any("gender: woman 320, man 318" in each for each in found["rai:dataBiases"])
    assert any("Personal data in other lang" in each for each in found["rai:dataLimitations"])
    assert "1 row set aside: truncated." in found["rai:dataCollectionMissingData"]
    assert found["license"] == ["OFL-1.1"]


def test_what_nobody_knows_is_left_out(judged_run: Judge) -> None:
    assert not {"creator", "datePublished", "url", "distribution"} & croissant(judged_run()).keys()


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ("https://me:word@host:8/rows.csv?key=secret", "https://host:8/rows.csv"),
        ("/home/a/rows.csv", None),
    ],
)
def test_an_address_is_told_without_what_may_be_secret(
    judged_run: Judge, source: str, url: str | None
) -> None:
    run = judged_run()
    data = run.audit.config.data.model_copy(update={"source": source})
    config = run.audit.config.model_copy(update={"data": data})
    audit = run.audit.model_copy(update={"config": config})
    assert croissant(replace(run, evidence=replace(run.evidence, audit=audit))).get("url") == url
