"""Personal data in captions: right rates, honest intervals, nothing raw ever reported."""

import json
from importlib.resources import as_file, files
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy.stats import beta

from vlaudit import registry
from vlaudit.core.dataset import Role
from vlaudit.core.finding import Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.detect.pii.planted import PLANTED, plant
from vlaudit.detect.pii.scan import scanner
from vlaudit.selftest.fakes.captions import build
from vlaudit.selftest.memory import MemoryDataset

SECRETS = {
    "Zora.Quillfeather77@example.com": "email_address",
    "4000 0566 5566 5556": "credit_card",
    "536-22-7431": "us_ssn",
    "(303) 555-0187": "phone_number",
    "NL91ABNA0417164300": "iban_code",
    "Ignatius Szymborska": "person",
}


def report(data: MemoryDataset, **settings: Any) -> tuple[list[Any], list[str]]:
    """Run the probe and return what it yields and what it notes."""
    probe = registry.load("privacy.pii_in_captions")
    notes: list[str] = []
    context = Context(
        target=build(rows=1)[0],
        data=data,
        features=None,  # type: ignore[arg-type]
        settings={**probe.card.settings, "recogniser": "shipped", "planted": 0, **settings},
        rng=np.random.default_rng(0),
        note=notes.append,
        progress=lambda fraction: None,
        keep_picture=lambda name, pixels: name,
    )
    return list(probe.run(context)), notes


def captions(*texts: str | None) -> MemoryDataset:
    return MemoryDataset(values={Role.CAPTION: list(texts)})


def value(items: list[Any], metric: str, **part: str) -> Measurement:
    [found] = [
        i for i in items if isinstance(i, Measurement) and (i.metric, i.slice) == (metric, part)
    ]
    return found


def test_no_byte_of_what_is_planted_is_reported() -> None:
    texts = [f"A picture of a bicycle, {secret}, by the river" for secret in SECRETS]
    items, notes = report(captions(*texts, "a photo of a dog"), planted=70)
    told = "\n".join([repr(item) for item in items] + notes).lower()
    for secret, kind in SECRETS.items():
        assert kind in {item.kind for item in items if isinstance(item, Finding)}, kind
        for part in {secret, *secret.replace("@", " ").replace(".", " ").split()}:
            assert len(part) < 4 or part.lower() not in told, part
    assert "river" not in told


def test_a_finding_says_where_and_how_grave() -> None:
    items, _ = report(captions("a dog", "card 4111 1111 1111 1111 shown"))
    [finding] = [item for item in items if isinstance(item, Finding)]
    assert (finding.row, finding.where) == ("1", "caption[5:24]")
    assert finding.severity == Severity.HIGH
    assert finding.evidence["mask"] == "<CREDIT_CARD:19>"


def test_a_caption_counts_once_however_much_it_holds() -> None:
    items, _ = report(captions("a@example.com b@example.org c@example.net", *["a dog"] * 9))
    assert value(items, "rate").value == pytest.approx(100.0)
    assert value(items, "rate", entity="EMAIL_ADDRESS").value == pytest.approx(100.0)


def test_the_interval_is_clopper_pearson_per_thousand() -> None:
    items, _ = report(captions(*["jane@example.com"] * 3, *[f"dog {i}" for i in range(497)]))
    rate = value(items, "rate")
    assert rate.value == pytest.approx(6.0)
    assert rate.interval.low == pytest.approx(1000 * beta.ppf(0.025, 3, 498))
    assert rate.interval.high == pytest.approx(1000 * beta.ppf(0.975, 4, 497))
    assert (rate.samples, rate.clusters) == (500, 498)


def test_clean_captions_still_have_an_interval() -> None:
    items, _ = report(captions(*["a photo of a dog"] * 300))
    assert value(items, "high_risk_rate").value == 0
    assert value(items, "high_risk_rate").interval.high == pytest.approx(12.2, abs=0.1)


def test_findings_are_capped_the_gravest_first_and_the_rest_counted() -> None:
    texts = ["jane@example.com"] * 5 + ["4111 1111 1111 1111"] * 2
    items, notes = report(captions(*texts), max_findings=3)
    kinds = [item.kind for item in items if isinstance(item, Finding)]
    assert kinds == ["credit_card", "credit_card", "email_address"]
    assert any("4 further findings" in note for note in notes)


def test_the_recogniser_is_named() -> None:
    _, notes = report(captions("a dog"))
    assert any("shipped name recogniser" in note for note in notes)


def test_rows_without_captions_are_no_samples() -> None:
    items, _ = report(captions(None, "", "  ", "a dog", "x" * 10_000))
    assert value(items, "rate").samples == 2


def test_no_captions_is_a_reason_and_not_a_pass() -> None:
    with pytest.raises(Inapplicable, match=r"data\.columns\.caption"):
        report(captions(None, " "))


def test_detector_quality_is_measured_on_the_users_captions() -> None:
    items, _ = report(captions(*[f"a photo of a red {i}" for i in range(50)]), planted=140)
    assert value(items, "recall_on_planted").samples == 140
    assert value(items, "recall_on_planted").value > 0.9
    assert value(items, "recall_on_planted", tier="high_risk").value > 0.95
    assert value(items, "false_alarm_on_decoys").value < 0.05


@pytest.mark.parametrize("count", [1, 20, 100])
def test_a_planted_rate_lies_in_its_interval(count: int) -> None:
    _, data = build(rows=1000, planted=count, decoyed=300, seed=count, only="contact")
    items, _ = report(data)
    contact = value(items, "contact_rate")
    assert contact.interval.low <= count <= contact.interval.high
    assert contact.value == pytest.approx(count, abs=0.02 * count + 0.5)


def test_every_kind_that_is_planted_is_found() -> None:
    planted = plant(["a wooden boat"], np.random.default_rng(5), 3 * len(PLANTED))
    items, _ = report(captions(*(p.text for p in planted)))
    kinds = {item.kind for item in items if isinstance(item, Finding)}
    assert kinds >= set(SECRETS.values()) | {"ip_address"}


def test_the_bundled_defects_are_found_and_the_bundled_innocents_are_not_accused() -> None:
    folder = files("vlaudit.demo") / "data"
    truth = json.loads((folder / "defects_truth.json").read_text(encoding="utf-8"))
    with as_file(folder / "defects.parquet") as path:
        rows = pq.read_table(path, columns=["id", "caption"]).to_pylist()
    found = scanner("shipped").scan([row["caption"] or "" for row in rows])
    hits, planted, alarms = 0, 0, 0
    for row, entities in zip(rows, found, strict=True):
        facts = [f for f in truth.get(row["id"], []) if f.get("column") == "caption"]
        planted += len(facts)
        hits += sum(any(e.overlaps(f["start"], f["end"]) for e in entities) for f in facts)
        alarms += sum(not any(e.overlaps(f["start"], f["end"]) for f in facts) for e in entities)
    assert planted > 200
    assert hits / planted > 0.97
    assert alarms / len(rows) < 0.005
