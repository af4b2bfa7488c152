"""Rows by role, pictures on demand."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vlaudit.core.dataset import Pictures, Role, Unreadable
from vlaudit.core.errors import InputError
from vlaudit.data import ArrowDataset, facts

Load = Callable[..., ArrowDataset]
Encode = Callable[..., bytes]


@pytest.fixture
def data(tmp_path: Path, pictures: list[str], load_from: Load) -> ArrowDataset:
    """Five rows; the pictures of two of them cannot be decoded."""
    (tmp_path / pictures[1]).write_bytes(b"<html>")
    (tmp_path / pictures[3]).unlink()
    pd.DataFrame(
        {
            "id": list("abcde"),
            "image": pictures,
            "caption": ["a red", "", "ein blaues", None, "a black"],
            "label": ["x", "y", "x", "y", "x"],
            "gender": ["f", "m", "f", None, "f"],
            "sex": [1, 2, 1, 2, 1],
            "licence": ["CC0", "CC0", "CC0", "CC0", None],
            "split": ["train", "train", "test", "test", "test"],
        }
    ).to_json(tmp_path / "rows.json", orient="records")
    return load_from("rows.json", evaluate_on="test")


def test_it_is_a_dataset_as_the_engine_sees_it(data: ArrowDataset) -> None:
    seen: Pictures = data
    assert len(seen) == 5
    assert seen.name == "rows"


def test_texts_by_role(data: ArrowDataset) -> None:
    assert data.ids() == data.texts(Role.ID) == ["a", "b", "c", "d", "e"]
    assert data.texts(Role.CAPTION) == ["a red", None, "ein blaues", None, "a black"]
    assert data.groups("gender") == ["f", "m", "f", None, "f"]
    assert data.groups("sex") == ["1", "2", "1", "2", "1"]


def test_the_identity_is_read_only_where_it_is_declared(tmp_path: Path, load_from: Load) -> None:
    (tmp_path / "rows.csv").write_text("identity,caption\nA Person,x\n")
    with pytest.raises(InputError, match=r"data\.columns\.identity"):
        load_from("rows.csv").texts(Role.IDENTITY)
    declared = load_from("rows.csv", columns={"identity": "identity"})
    assert declared.texts(Role.IDENTITY) == ["A Person"]


def test_roles_that_no_column_plays(data: ArrowDataset) -> None:
    for role in (Role.CHECKSUM, Role.IMAGE, Role.GROUPS):
        with pytest.raises(InputError, match=rf"data\.columns\.{role}"):
            data.texts(role)
    with pytest.raises(InputError, match="present: gender, sex"):
        data.groups("race")


def test_no_column_of_pictures(tmp_path: Path, load_from: Load) -> None:
    (tmp_path / "rows.csv").write_text("caption\nx\n")
    with pytest.raises(InputError, match=r"name one under data\.columns\.image"):
        load_from("rows.csv").decode([0])


def test_pictures_or_reasons(data: ArrowDataset) -> None:
    decoded = data.decode([4, 0, 1, 3])
    assert [getattr(picture, "size", None) for picture in decoded] == [(8, 6), (8, 6), None, None]
    assert isinstance(decoded[2], Unreadable)
    assert "accepted format" in decoded[2].reason
    assert decoded[3] == Unreadable(reason="the file is missing")
    assert [len(encoded) > 0 for encoded in data.picture_bytes([0, 1, 3])] == [True, True, False]
    assert data.decode([]) == []


def test_unreadable_pictures_are_named_by_row(data: ArrowDataset) -> None:
    assert [picture.size for picture in data.images([0, 2])] == [(8, 6), (8, 6)]
    with pytest.raises(InputError) as caught:
        data.images([0, 1, 3])
    assert [problem[:6] for problem in caught.value.problems] == ["row b:", "row d:"]


def test_paths_and_encoded_pictures_side_by_side(
    tmp_path: Path, pictures: list[str], encode: Encode, load_from: Load
) -> None:
    pq.write_table(pa.table({"image": pa.array([pictures[0]])}), tmp_path / "1.parquet")
    encoded = pa.array([encode("blue"), None])
    pq.write_table(pa.table({"image": encoded}), tmp_path / "2.parquet")
    data = load_from("*.parquet")
    assert [picture.getpixel((0, 0)) for picture in data.images([0, 1])] == [
        (255, 0, 0),
        (0, 0, 255),
    ]
    assert data.decode([2]) == [Unreadable(reason="the row names no picture")]


def test_rows_without_a_picture_and_single_web_addresses(
    tmp_path: Path, pictures: list[str], load_from: Load
) -> None:
    rows = [pictures[0], "", "https://example.com/x.png"]
    pd.DataFrame({"image": rows, "caption": "x"}).to_csv(tmp_path / "rows.csv")
    decoded = load_from("rows.csv").decode(range(3))
    assert [item.reason for item in decoded if isinstance(item, Unreadable)] == [
        "the row names no picture",
        "the picture is a web address, and downloads are not allowed (data.fetch.pictures)",
    ]


def test_selections_of_selections(data: ArrowDataset) -> None:
    part = data.select([0, 2, 4]).select([1, 2])
    assert (part.rows, part.ids(), part.groups("sex")) == ([2, 4], ["c", "e"], ["1", "1"])
    assert part.select(np.flatnonzero([False, True]).tolist()).ids() == ["e"]
    assert part.images([0])[0].getpixel((0, 0)) == (0, 0, 255)
    assert len(data.select([])) == 0
    assert data.select([]).texts(Role.LABEL) == []


def test_batches_of_roles(data: ArrowDataset) -> None:
    roles = [Role.ID, Role.IMAGE, Role.CAPTION, Role.GROUPS]
    batches = list(data.select([0, 1, 3]).map_batches(lambda batch: batch, roles, size=2))
    assert [batch.num_rows for batch in batches] == [2, 1]
    assert batches[0].schema.names == ["id", "image", "caption", "groups"]
    assert batches[0].column("groups").to_pylist() == [
        {"gender": "f", "sex": "1"},
        {"gender": "m", "sex": "2"},
    ]
    assert batches[0].column("image").to_pylist() == data.picture_bytes([0, 1])
    assert batches[1].column("image").to_pylist() == [None]
    assert batches[1].column("caption").type == pa.string()


def test_facts(data: ArrowDataset) -> None:
    said = facts(data, quarantined={"the file is missing": 1})
    assert (said.rows, said.evaluated, said.evaluated_on, said.classes) == (5, 3, "test", 2)
    assert said.groups == {"gender": {"f": 3, "m": 1}, "sex": {"1": 3, "2": 2}}
    assert said.splits == {"test": 3, "train": 2}
    assert said.licences == {"CC0": 4}
    assert said.quarantined == {"the file is missing": 1}
    assert said.digest == data.digest


def test_facts_of_captions_alone(tmp_path: Path, load_from: Load) -> None:
    (tmp_path / "rows.csv").write_text("caption\nx\n")
    said = facts(load_from("rows.csv"), quarantined={})
    assert (said.classes, said.groups, said.splits, said.licences) == (0, {}, {}, {})


def test_the_digest_is_of_values_not_of_files(
    tmp_path: Path, pictures: list[str], encode: Encode, load_from: Load
) -> None:
    rows = pd.DataFrame({"image": pictures, "caption": list("abcde")})
    rows.to_csv(tmp_path / "rows.csv", index=False)
    inside = [(tmp_path / name).read_bytes() for name in pictures]
    rows.assign(image=inside).to_parquet(tmp_path / "rows.parquet")
    digest = load_from("rows.csv").digest
    assert digest == load_from("rows.parquet").digest
    rows.assign(caption=list("abcdX")).to_csv(tmp_path / "other.csv", index=False)
    assert digest != load_from("other.csv").digest
    (tmp_path / pictures[2]).write_bytes(encode("white"))
    assert digest != load_from("rows.csv").digest


def test_the_digest_of_a_selection(data: ArrowDataset) -> None:
    assert data.select(range(5)).digest != data.select([0, 1]).digest
    assert data.select([0, 1]).digest == data.select([0, 1]).digest != data.select([0, 2]).digest
    assert len(data.digest) == 64


def test_values_that_move_between_columns_change_the_digest(
    tmp_path: Path, load_from: Load
) -> None:
    (tmp_path / "a.csv").write_text("caption,label\nx,\n")
    (tmp_path / "b.csv").write_text("caption,label\n,x\n")
    (tmp_path / "c.csv").write_text("caption\nx\n")
    assert len({load_from(f"{name}.csv").digest for name in "abc"}) == 3


def test_pictures_are_streamed_not_held(tmp_path: Path, load_from: Load) -> None:
    """Twenty thousand pictures of 4 kB pass through memory of a few batches."""
    rng = np.random.default_rng(0)
    columns: dict[str, pa.DataType] = {"image": pa.binary(), "caption": pa.string()}
    schema = pa.schema(columns)
    captions = pa.array(["a caption"] * 1000)
    with pq.ParquetWriter(tmp_path / "rows.parquet", schema) as writer:
        for _ in range(20):
            encoded = pa.array([rng.bytes(4096) for _ in range(1000)])
            writer.write_table(pa.Table.from_arrays([encoded, captions], schema=schema))
    data = load_from("rows.parquet")
    mapped = pa.total_allocated_bytes()
    tracemalloc.start()
    sizes = list(data.map_batches(_size, [Role.IMAGE, Role.CAPTION], size=500))
    assert len(data.digest) == 64
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(rows for rows, _ in sizes) == 20_000
    assert max(held for _, held in sizes) - mapped < 20e6
    assert peak < 20e6


def _size(batch: pa.RecordBatch) -> tuple[int, int]:
    return batch.num_rows, pa.total_allocated_bytes()
