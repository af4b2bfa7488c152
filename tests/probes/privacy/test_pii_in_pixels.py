"""Written personal data: the bundled defects are found, and nothing raw is reported."""

import json
from importlib.resources import as_file, files
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from vlaudit import registry
from vlaudit.core.dataset import Role
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.selftest.fakes.seer import Seer
from vlaudit.selftest.memory import MemoryDataset


def report(data: MemoryDataset, **settings: Any) -> tuple[list[Any], list[str]]:
    probe = registry.load("privacy.pii_in_pixels")
    notes: list[str] = []
    context = Context(
        target=Seer(("thing",)),
        data=data,
        features=None,  # type: ignore[arg-type]
        settings={**probe.card.settings, "recogniser": "shipped", "planted": 0, **settings},
        rng=np.random.default_rng(0),
        note=notes.append,
        progress=lambda fraction: None,
        keep_picture=lambda name, pixels: name,
    )
    try:
        return list(probe.run(context)), notes
    except Inapplicable as reason:
        if "vlaudit[ocr]" in str(reason):
            pytest.skip(str(reason))
        raise


def bundled() -> tuple[MemoryDataset, dict[str, str]]:
    """Return every picture with written personal data and as many others; the secrets by row."""
    folder = files("vlaudit.demo") / "data"
    truth = json.loads((folder / "defects_truth.json").read_text(encoding="utf-8"))
    secrets = {
        row: fact["text"]
        for row, facts in truth.items()
        for fact in facts
        if fact["kind"] == "written_personal_data"
    }
    with as_file(folder / "defects.parquet") as path:
        rows = pq.read_table(path, columns=["id", "image"]).to_pylist()
    others = [row for row in rows if row["id"] not in truth][: len(secrets)]
    chosen = [row for row in rows if row["id"] in secrets] + others
    pictures = [Image.open(BytesIO(row["image"]["bytes"])).convert("RGB") for row in chosen]
    ids: list[str | None] = [row["id"] for row in chosen]
    return MemoryDataset(pictures, {Role.ID: ids}), secrets


def test_the_bundled_writings_are_found_and_no_byte_of_them_is_reported() -> None:
    data, secrets = bundled()
    items, notes = report(data, sample=0)
    rows = [item.row for item in items if isinstance(item, Finding)]
    assert len(set(rows) & set(secrets)) >= 0.75 * len(secrets)
    assert len(set(rows) - set(secrets)) <= 1
    told = (repr(items) + repr(notes)).lower()
    for secret in secrets.values():
        assert secret.lower() not in told
        assert not [part for part in secret.lower().split() if len(part) > 5 and part in told]


def test_a_sample_says_that_it_is_one() -> None:
    data, _ = bundled()
    items, notes = report(data, sample=10)
    rate = next(i for i in items if isinstance(i, Measurement) and i.metric == "rate")
    assert rate.samples == 10
    assert "random sample" in rate.interval.method
    assert notes[0].startswith("10 of 48 pictures were read")
