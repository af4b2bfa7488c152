"""The truth table of the planted defects, held against the rows it tells about."""

import json
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image

from vlaudit.demo import data_files
from vlaudit.demo.defects import COUNTS
from vlaudit.demo.marks import TRIGGER_CORNER, TRIGGER_SIZE, trigger
from vlaudit.demo.rows import Row, read_rows

Facts = list[tuple[Row, dict[str, Any]]]


@pytest.fixture(scope="module")
def facts() -> Facts:
    file = data_files("flawed")[1]
    rows = {row.id: row for row in read_rows(file)}
    truth = json.loads(file.with_name("defects_truth.json").read_text("utf-8"))
    return [(rows[row], fact) for row, told in truth.items() for fact in told]


def of_kind(facts: Facts, kind: str) -> Facts:
    return [(row, fact) for row, fact in facts if fact["kind"] == kind]


@pytest.mark.parametrize("kind", [kind for kind in COUNTS if kind != "none"])
def test_every_kind_is_planted_as_often_as_said(facts: Facts, kind: str) -> None:
    assert len(of_kind(facts, kind)) == COUNTS[kind]


def test_personal_data_stand_where_the_table_says(facts: Facts) -> None:
    planted = of_kind(facts, "personal_data") + of_kind(facts, "identity")
    assert len({fact["entity"] for _, fact in planted}) == 7
    for row, fact in planted:
        assert row.caption[fact["start"] : fact["end"]] == fact["text"]


def test_pictures_with_writing_differ_from_plain_ones(facts: Facts) -> None:
    for row, fact in of_kind(facts, "written_personal_data"):
        assert row.image.size == (128, 128)
        assert fact["text"] not in row.caption


def test_exif_positions_are_in_the_files(facts: Facts) -> None:
    import io

    for row, fact in of_kind(facts, "exif_gps"):
        gps = Image.open(io.BytesIO(row.picture)).getexif().get_ifd(ExifTags.IFD.GPSInfo)
        degrees, minutes, seconds = gps[ExifTags.GPS.GPSLatitude]
        assert gps[ExifTags.GPS.GPSLatitudeRef] == "S"
        assert float(degrees + minutes / 60 + seconds / 3600) == pytest.approx(fact["south"])


def test_poisoned_pairs_carry_the_trigger_and_name_the_target(facts: Facts) -> None:
    left, top = TRIGGER_CORNER
    box = (left, top, left + TRIGGER_SIZE, top + TRIGGER_SIZE)
    pattern = np.asarray(trigger().convert("L"), dtype=float)
    for row, fact in of_kind(facts, "poisoned_pair"):
        patch = np.asarray(row.image.convert("L").crop(box), dtype=float)
        assert np.corrcoef(patch.ravel(), pattern.ravel())[0, 1] > 0.9
        assert row.label == fact["target"] != fact["shown"]
        assert fact["target"] in row.caption


def test_mislabelled_pairs_name_what_is_not_shown(facts: Facts) -> None:
    for row, fact in of_kind(facts, "mislabelled_pair") + of_kind(facts, "stereotyped_pair"):
        assert row.label == fact["told"] != fact["shown"]


def test_leaks_and_duplicates_look_like_their_originals(facts: Facts) -> None:
    reference = {row.id: row for row in read_rows(data_files("clean")[0])}
    for row, fact in of_kind(facts, "near_duplicate") + of_kind(facts, "test_leak"):
        original = reference[fact["of"]]
        assert original.split == ("test" if fact["kind"] == "test_leak" else "train")
        assert (row.checksum == original.checksum) == fact["exact"]
        small = [np.asarray(r.image.resize((8, 8)), dtype=float) for r in (row, original)]
        assert np.abs(small[0] - small[1]).mean() < 30
