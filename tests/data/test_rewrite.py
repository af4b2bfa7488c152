"""Changed copies: every format keeps its rows, only what was asked is changed, and it is told."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vlaudit.core.config import DataConfig
from vlaudit.core.dataset import Columns, Role
from vlaudit.core.errors import InputError
from vlaudit.data.original import Edit, Original, open_original
from vlaudit.data.rewrite import write_copy

CAPTIONS = ["a red square", 'the "green", one', "blau: größer", "yellow\nand new", "black"]


@pytest.fixture
def original(tmp_path: Path) -> Any:
    def original(source: str, columns: dict[str, Any] | None = None) -> Original:
        config = DataConfig(source=source, columns=Columns.model_validate(columns or {}), limit=2)
        return open_original(config, base=tmp_path, cache=tmp_path / ".cache")

    return original


def edits(position: int) -> Edit | None:
    changed = Edit(reasons=("name in caption",), texts={Role.CAPTION: "[NAME] is blue"})
    return {1: Edit(reasons=("copy of 0",), drop=True), 2: changed,
            4: Edit(reasons=("odd",), mark="odd")}.get(position)  # fmt: skip


def written(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name, digest in document["sha256"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    return document


def test_a_csv_table_stays_one_and_takes_its_pictures_along(
    tmp_path: Path, pictures: list[str], original: Any
) -> None:
    with (tmp_path / "rows.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["file_name", "caption", "code", "id"])
        writer.writerows(
            [name, text, "001", f"r{at}"]
            for at, (name, text) in enumerate(zip(pictures, CAPTIONS, strict=True))
        )
    before = (tmp_path / "rows.csv").read_bytes()
    copied = write_copy(original("rows.csv"), edits, tmp_path / "out", about={"run": "x"})
    assert (copied.rows, copied.actions) == (4, {"left out": 1, "changed": 1, "marked": 1})
    with (tmp_path / "out" / "rows.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [row["id"] for row in rows] == ["r0", "r2", "r3", "r4"]
    assert [row["caption"] for row in rows] == [CAPTIONS[0], "[NAME] is blue", *CAPTIONS[3:]]
    assert {row["code"] for row in rows} == {"001"}
    assert [row["vlaudit_flags"] for row in rows] == ["", "", "", "odd"]
    for row in rows:
        copy = tmp_path / "out" / row["file_name"]
        assert copy.read_bytes() == (tmp_path / row["file_name"]).read_bytes()
    assert not (tmp_path / "out" / pictures[1]).exists()
    assert (tmp_path / "rows.csv").read_bytes() == before
    document = written(tmp_path / "out")
    assert (document["run"], document["rows_read"], document["rows_written"]) == ("x", 5, 4)
    assert document["changes"] == [
        {"row": "r1", "action": "left out", "reasons": ["copy of 0"]},
        {"row": "r2", "action": "changed", "columns": ["caption"], "reasons": ["name in caption"]},
        {"row": "r4", "action": "marked", "reasons": ["odd"]},
    ]
    assert [row["caption"] for row in _read(tmp_path, original, "out/rows.csv")][1] == rows[1][
        "caption"
    ]


def _read(tmp_path: Path, original: Any, source: str) -> list[dict[str, Any]]:
    read = original(source)
    assert all(read.data.picture_bytes(range(len(read.data))))
    rows: list[dict[str, Any]] = read.table.to_pylist()
    return rows


def test_json_lines_stay_lines(tmp_path: Path, pictures: list[str], original: Any) -> None:
    rows = [
        {"image": name, "caption": text, "extra": {"deep": [1, 2]}}
        for name, text in zip(pictures, CAPTIONS, strict=True)
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    write_copy(original("rows.jsonl"), edits, tmp_path / "out")
    lines = (tmp_path / "out" / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    kept = [json.loads(line) for line in lines]
    assert kept[0] == rows[0]
    assert kept[1] == {**rows[2], "caption": "[NAME] is blue"}
    assert kept[3] == {**rows[4], "vlaudit_flags": "odd"}
    assert written(tmp_path / "out")["changes"][0]["row"] == "1"


@pytest.mark.parametrize("shape", ["struct", "bytes", "paths", "lists"])
def test_parquet_keeps_all_columns_and_pictures(
    tmp_path: Path, pictures: list[str], original: Any, shape: str
) -> None:
    contents = [(tmp_path / name).read_bytes() for name in pictures]
    held: Any = {
        "struct": [{"bytes": c, "path": None} for c in contents],
        "bytes": contents,
    }.get(shape, pictures)
    captions = [[text, "another"] for text in CAPTIONS] if shape == "lists" else CAPTIONS
    table = pa.table({"image": held, "caption": captions, "score": [1.5, 2.5, None, 4.0, 5.0]})
    (tmp_path / "in").mkdir()
    for name in pictures:
        (tmp_path / "in" / "img").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes((tmp_path / name).read_bytes())
    pq.write_table(table, tmp_path / "in" / "rows.parquet")
    new = Edit(reasons=("face",), picture=contents[0])

    def all_edits(position: int) -> Edit | None:
        return new if position == 3 else edits(position)

    write_copy(original("in/rows.parquet"), all_edits, tmp_path / "out")
    rows = pq.read_table(tmp_path / "out" / "rows.parquet").to_pylist()
    assert [row["image"]["bytes"] for row in rows] == [contents[at] for at in (0, 2, 0, 4)]
    assert [row["score"] for row in rows] == [1.5, None, 4.0, 5.0]
    told = "[NAME] is blue"
    assert rows[1]["caption"] == ([told] if shape == "lists" else told)
    assert [row["vlaudit_flags"] for row in rows] == [None, None, None, "odd"]
    assert written(tmp_path / "out")["changes"][2]["columns"] == ["image"]
    assert len(_read(tmp_path, original, "out/rows.parquet")) == 4


def test_folders_of_classes_become_a_table_with_labels(
    tmp_path: Path, encode: Any, original: Any
) -> None:
    for place in ("train/cat/1.png", "train/dog/1.png", "test/cat/1.png", "test/dog/2.png"):
        (tmp_path / "set" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / place).write_bytes(encode("red" if "cat" in place else "blue"))
    write_copy(original("set"), lambda position: None, tmp_path / "out")
    rows = pq.read_table(tmp_path / "out" / "rows.parquet").to_pylist()
    assert sorted((row["split"], row["label"]) for row in rows) == [
        ("test", "cat"), ("test", "dog"), ("train", "cat"), ("train", "dog"),
    ]  # fmt: skip
    assert all(row["image"]["bytes"] for row in rows)


def test_nothing_is_written_over_and_nothing_half(
    tmp_path: Path, pictures: list[str], original: Any
) -> None:
    table = pa.table({"image": pictures, "label": ["a"] * 5})
    pq.write_table(table, tmp_path / "rows.parquet")
    read = original("rows.parquet")
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match="exists"):
        write_copy(read, lambda position: None, tmp_path / "out")
    with pytest.raises(InputError, match="no column of the source holds the caption"):
        write_copy(read, edits, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert [path.name for path in tmp_path.glob(".new*")] == []


def test_pictures_outside_the_folder_come_along_and_changed_ones_spare_their_like(
    tmp_path: Path, encode: Any, original: Any
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "far.png").write_bytes(encode("green"))
    (tmp_path / "in" / "near.png").write_bytes(encode("red"))
    names = ["../far.png", "near.png", "near.png"]
    lines = [json.dumps({"image": name, "caption": "x"}) for name in names]
    (tmp_path / "in" / "rows.jsonl").write_text("\n".join(lines))
    new = Edit(reasons=("face",), picture=encode("black"))
    write_copy(original("in/rows.jsonl"), {2: new}.get, tmp_path / "out")
    rows = [json.loads(line) for line in (tmp_path / "out" / "rows.jsonl").read_text().splitlines()]
    assert [row["image"] for row in rows] == ["pictures/0.png", "near.png", "2-near.png"]
    shown = [(tmp_path / "out" / row["image"]).read_bytes() for row in rows]
    assert shown == [encode("green"), encode("red"), encode("black")]
