"""CycloneDX: numbers keep their interval and count, and no control looks better than it is."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from vlaudit.core.verdict import Status
from vlaudit.report.cyclonedx import export, export_1_6
from vlaudit.report.exchange import JudgedRun

SCHEMAS = Path(__file__).resolve().parents[3] / "shared/data/formats/cyclonedx"
Judge = Callable[..., JudgedRun]


def bom(run: JudgedRun) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(export(run))
    return found


def mapped(run: JudgedRun, control: str) -> dict[str, Any]:
    entries = bom(run)["declarations"]["attestations"][0]["map"]
    return next(entry for entry in entries if entry["requirement"] == f"control:{control}")


@pytest.mark.parametrize("version", ["1.6", "1.7"])
@pytest.mark.parametrize("status", Status)
def test_it_is_valid_whatever_the_verdicts(judged_run: Judge, status: Status, version: str) -> None:
    if not SCHEMAS.is_dir():
        pytest.skip("the schemas of CycloneDX are not on this machine")
    known = {path.name: json.loads(path.read_text()) for path in SCHEMAS.glob("*.schema.json")}
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in known.values()
    )
    run = judged_run(equal_accuracy=status, no_trigger=status)
    document = json.loads({"1.6": export_1_6, "1.7": export}[version](run))
    validator = Draft7Validator(
        known[f"bom-{version}.schema.json"],
        registry=registry,
        format_checker=Draft7Validator.FORMAT_CHECKER,
    )
    assert document["specVersion"] == version
    assert document["$schema"] == known[f"bom-{version}.schema.json"]["$id"]
    assert [error.message for error in validator.iter_errors(document)] == []


def test_1_7_cites_what_the_program_supplied_and_1_6_has_no_room(judged_run: Judge) -> None:
    run = judged_run()
    (citation,) = bom(run)["citations"]
    assert citation["attributedTo"] == bom(run)["metadata"]["tools"]["components"][0]["bom-ref"]
    for pointer in citation["pointers"]:
        place: Any = bom(run)
        for step in pointer.strip("/").split("/"):
            place = place[int(step)] if isinstance(place, list) else place[step]
        assert place
    assert "citations" not in json.loads(export_1_6(run))


def test_every_measurement_keeps_interval_slice_and_samples(judged_run: Judge) -> None:
    card = bom(judged_run())["components"][0]["modelCard"]
    metrics = card["quantitativeAnalysis"]["performanceMetrics"]
    named = {(each["type"], each["slice"]): each for each in metrics}
    gap = named["bias.zero_shot_parity.accuracy_gap", "overall"]
    assert gap["value"] == "0.281"
    assert gap["confidenceInterval"] == {"lowerBound": "0.203", "upperBound": "0.355"}
    assert named["bias.zero_shot_parity.group_accuracy", "gender = man"]["value"] == "0.688"
    said = {each["name"]: each["value"] for each in card["properties"]}
    assert len(said) == len(metrics) == 13
    assert "640 samples" in said["vlaudit:measurement:bias.zero_shot_parity.accuracy_gap:overall"]


def test_limits_of_the_audit_are_limits_of_the_card(judged_run: Judge) -> None:
    said = bom(judged_run())["components"][0]["modelCard"]["considerations"]
    assert "Knows small drawn pictures only." in said["technicalLimitations"]
    assert any("Groups that nobody annotated" in each for each in said["technicalLimitations"])
    assert len(said["fairnessAssessments"]) == 1


@pytest.mark.parametrize("status", Status)
def test_only_a_pass_is_a_claim_and_only_a_failure_a_counter_claim(
    judged_run: Judge, status: Status
) -> None:
    entry = mapped(judged_run(equal_accuracy=status, four_fifths=status), "MEASURE 2.11")
    assert ("claims" in entry) == (status is Status.PASS)
    assert ("counterClaims" in entry) == (status is Status.FAIL)
    assert "score" not in entry["conformance"]


def test_a_persons_word_is_said_to_be_one(judged_run: Judge) -> None:
    run = judged_run()
    assert mapped(run, "GOVERN 1.1")["claims"] == ["word:GOVERN 1.1"]
    claims = {each["bom-ref"]: each for each in bom(run)["declarations"]["claims"]}
    assert claims["word:GOVERN 1.1"]["predicate"].startswith("Attested, not measured")


def test_every_reference_has_its_end(judged_run: Judge) -> None:
    document = bom(judged_run())
    declared = document["declarations"]
    defined = [each["bom-ref"] for each in document["components"]]
    defined += [each["bom-ref"] for each in declared["assessors"]]
    defined += [each["bom-ref"] for each in declared["claims"] + declared["evidence"]]
    standard = document["definitions"]["standards"][0]
    defined += [standard["bom-ref"], *(each["bom-ref"] for each in standard["requirements"])]
    assert len(defined) == len(set(defined))
    named = [each["target"] for each in declared["claims"]]
    named += [proof for each in declared["claims"] for proof in each["evidence"]]
    for entry in declared["attestations"][0]["map"]:
        named += [entry["requirement"], *entry.get("claims", []), *entry.get("counterClaims", [])]
    assert set(named) <= set(defined)
