"""The bundled pictures, read as anyone would read them."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from vlaudit.demo import data_files
from vlaudit.demo.rows import Row, read_rows


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return read_rows(data_files("clean")[0])


def test_ids_and_pictures_are_all_different(rows: list[Row]) -> None:
    assert len({row.id for row in rows}) == len(rows)
    assert len({row.checksum for row in rows}) == len(rows)


def test_splits_share_no_rendering_even_after_decoding(rows: list[Row]) -> None:
    seen: dict[bytes, str] = {}
    for row in rows:
        pixels = row.image.resize((16, 16)).tobytes()
        assert seen.setdefault(pixels, row.split) == row.split


def test_the_test_split_is_a_full_crossing_of_role_gender_and_skin_tone(rows: list[Row]) -> None:
    cells = Counter((r.label, r.gender, r.skin_tone) for r in rows if r.split == "test")
    assert len(cells) == 64 * 2 * 5
    assert set(cells.values()) == {3}
    assert None not in {label for label, _, _ in cells}


def test_at_least_a_thousand_other_things_are_named(rows: list[Row]) -> None:
    things = {row.source for row in rows if row.gender is None}
    assert len(things) >= 1000
    assert all(row.label is None for row in rows if row.gender is None)


def test_a_part_of_the_captions_names_gender_and_skin_tone(rows: list[Row]) -> None:
    people = [row for row in rows if row.label is not None]
    gendered = np.mean([f" {row.gender} " in f" {row.caption} " for row in people])
    toned = np.mean([f"{row.skin_tone} skin" in row.caption for row in people])
    assert 0.3 < gendered < 0.5
    assert 0.1 < toned < 0.3


def test_hugging_face_datasets_decodes_the_pictures(tmp_path: Path) -> None:
    from datasets import load_dataset

    files = [str(path) for path in data_files("flawed")]
    table = load_dataset("parquet", data_files=files, split="train", cache_dir=str(tmp_path))
    assert table[0]["image"].size == (64, 64)
    assert {"gender", "skin_tone", "role", "licence", "source", "checksum"} <= set(table.features)
    assert set(table["licence"]) == {"OFL-1.1"}
