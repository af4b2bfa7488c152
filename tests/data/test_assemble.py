"""Parts become one table of roles."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vlaudit.core.dataset import Columns, Role
from vlaudit.core.errors import InputError
from vlaudit.data import ArrowDataset
from vlaudit.data.assemble import assemble
from vlaudit.data.read import Part

Load = Callable[..., ArrowDataset]


def part(split: str | None = None, folder: str = "/", **columns: list[str | None]) -> Part:
    arrays = [pa.array(values, pa.string()) for values in columns.values()]
    return Part(pa.Table.from_arrays(arrays, names=list(columns)), Path(folder), split)


def test_splits_of_the_layout_become_a_column() -> None:
    table, columns, _ = assemble([part("train", text=["a"]), part("dev", text=["b"])], Columns())
    assert columns.split == "split"
    assert table.column(Role.SPLIT).to_pylist() == ["train", "dev"]


def test_a_column_of_splits_goes_before_the_layout() -> None:
    parts = [part("train", text=["a"], subset=["x"]), part("dev", text=["b"], subset=["y"])]
    table, columns, _ = assemble(parts, Columns())
    assert columns.split == "subset"
    assert table.column(Role.SPLIT).to_pylist() == ["x", "y"]


def test_columns_that_a_part_lacks_are_empty_there() -> None:
    parts = [part(text=["a"], gender=["f"]), part(label=["b"], gender=["m"])]
    table, columns, _ = assemble(parts, Columns())
    assert (columns.caption, columns.label, columns.groups) == ("text", "label", ("gender",))
    assert table.column("caption").to_pylist() == ["a", None]
    assert table.column("label").to_pylist() == [None, "b"]
    assert table.column("groups.gender").to_pylist() == ["f", "m"]


def test_every_row_knows_the_folder_of_its_part() -> None:
    table, _, _ = assemble(
        [part(folder="/a", text=["x"]), part(folder="/b", text=["y"])], Columns()
    )
    assert table.column("folder").to_pylist() == ["/a", "/b"]


@pytest.mark.parametrize(
    ("ids", "note"),
    [("a\nb\na", "repeats 1 ids and lacks 0"), ("a\nNA\nc", "repeats 0 ids and lacks 1")],
)
def test_ids_that_tell_no_rows_apart_are_replaced(
    ids: str, note: str, tmp_path: Path, load_from: Load
) -> None:
    (tmp_path / "rows.csv").write_text("id,caption\n" + "\n".join(f"{i},x" for i in ids.split()))
    data = load_from("rows.csv")
    assert data.ids() == ["0", "1", "2"]
    assert data.columns.id is None
    assert any(note in said for said in data.notes)


def test_columns_of_other_types_in_other_files_are_said(tmp_path: Path, load_from: Load) -> None:
    pq.write_table(pa.table({"label": ["x"]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"label": [{"name": "x"}]}), tmp_path / "2.parquet")
    with pytest.raises(InputError, match="of another type in some files"):
        load_from("*.parquet")


def test_pictures_of_which_none_exists(tmp_path: Path, load_from: Load) -> None:
    """A wrong folder is an error where the column was declared, else a note."""
    (tmp_path / "rows.csv").write_text("file_name,caption\nx/1.png,a\n" + "a" * 5000 + ",b\n")
    data = load_from("rows.csv")
    assert data.columns.image is None
    assert data.notes[1].endswith(f"{tmp_path}; the column is not taken as image")
    assert "1.png" not in data.notes[1]
    assert data.texts(Role.CAPTION) == ["a", "b"]
    with pytest.raises(InputError, match="a relative path begins at the folder of its table"):
        load_from("rows.csv", columns={"image": "file_name"})


def test_one_picture_that_exists_is_enough(
    tmp_path: Path, pictures: list[str], load_from: Load
) -> None:
    (tmp_path / "rows.csv").write_text(f"file_name\nx.png\n{pictures[0]}\n")
    assert load_from("rows.csv").columns.image == "file_name"
