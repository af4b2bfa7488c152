"""The probe of picture files: nothing raw is reported, odd rows are no files."""

from typing import Any

import numpy as np
import pytest

from vlaudit import registry
from vlaudit.core.dataset import Role
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.selftest.fakes.photographs import build
from vlaudit.selftest.memory import MemoryDataset

SECRETS = ("Zuzana", "Thistlewood", "415-555-0142", "536-22-7431", "XQ-00417732", "41.0", "120.0")


def report(data: MemoryDataset, **settings: Any) -> tuple[list[Any], list[str]]:
    probe = registry.load("privacy.metadata")
    notes: list[str] = []
    context = Context(
        target=build(rows=1)[0],
        data=data,
        features=None,  # type: ignore[arg-type]
        settings={**probe.card.settings, "recogniser": "shipped", **settings},
        rng=np.random.default_rng(0),
        note=notes.append,
        progress=lambda fraction: None,
        keep_picture=lambda name, pixels: name,
    )
    return list(probe.run(context)), notes


def test_nothing_raw_is_reported() -> None:
    kinds = ("gps", "owner", "artist", "serial", "comment", "xmp", "iptc", "png_text")
    items, notes = report(build(rows=40, planted=dict.fromkeys(kinds, 4))[1])
    told = repr(items) + repr(notes)
    assert not [secret for secret in SECRETS if secret in told]
    kinds_told = {item.kind for item in items if isinstance(item, Finding)}
    assert kinds_told == {
        "metadata_place", "metadata_owner", "metadata_serial_number", "metadata_text",
    }  # fmt: skip


def test_texts_are_named_by_mask() -> None:
    items, _ = report(build(rows=2, planted={"comment": 1})[1])
    [finding] = [item for item in items if isinstance(item, Finding)]
    assert "<PHONE_NUMBER:12>" in finding.summary
    assert "<EMAIL_ADDRESS:18>" in finding.summary


def test_rows_without_a_file_are_no_samples() -> None:
    _, data = build(rows=4, planted={"gps": 2})
    gone = MemoryDataset(
        data.pictures, {Role.ID: ["a", "b", "c", "d"]}, encoded=[*data.encoded[:3], b""]
    )
    items, _ = report(gone)
    rate = next(i for i in items if isinstance(i, Measurement) and i.metric == "place_rate")
    assert rate.samples == 3


def test_no_file_is_a_reason() -> None:
    with pytest.raises(Inapplicable, match="no row has a picture file"):
        report(MemoryDataset(build(rows=1)[1].pictures, encoded=[b""]))
