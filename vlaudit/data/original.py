"""A dataset as its owner keeps it, with every row and column, and what is done to its rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import pyarrow as pa

from vlaudit.core.config import DataConfig
from vlaudit.core.dataset import Role
from vlaudit.core.errors import InputError
from vlaudit.data.assemble import unfolded
from vlaudit.data.dataset import ArrowDataset
from vlaudit.data.fetch import Fetcher
from vlaudit.data.layout import METADATA
from vlaudit.data.load import load
from vlaudit.data.source import Reader

LINES = (".csv", ".tsv", ".jsonl", ".ndjson")
Reference = Callable[[str], Sequence[Path]]


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What is done to one row, and why.

    Attributes:
        drop: leave the row out; nothing else counts then.
        mark: text for the column `vlaudit_flags`.
        texts: new text by role, such as a caption; an empty text empties the cell.
        picture: new encoded picture.
        reasons: why, in words free of personal data; they stand in the manifest.
    """

    reasons: tuple[str, ...]
    drop: bool = False
    mark: str | None = None
    texts: Mapping[Role, str] = field(default_factory=dict[Role, str])
    picture: bytes | None = None

    @property
    def action(self) -> Literal["left out", "marked", "changed"]:
        """What the manifest says of the row."""
        if self.drop:
            return "left out"
        return "changed" if self.texts or self.picture is not None else "marked"


Edits = Callable[[int], Edit | None]


@dataclass(frozen=True)
class Original:
    """All rows and columns of a source, without samples and splits.

    Attributes:
        data: every row, by role; positions of edits are positions in it.
        table: every column, named as the user names it, row by row as `data`.
        file: the one file of lines of text that the rows stand in, where there is one.
    """

    data: ArrowDataset
    table: pa.Table
    file: Path | None

    @cached_property
    def positions(self) -> dict[str, int]:
        """Position of each row by its id, as findings name rows."""
        return {row: at for at, row in enumerate(self.data.ids())}


def open_original(
    config: DataConfig, *, base: Path, cache: Path, reference: Reference | None = None
) -> Original:
    """Return all rows and columns of a source; its `limit`, `split` and `evaluate_on` are ignored.

    Args:
        config: the section `data` of a configuration.
        base: folder where relative paths begin.
        cache: folder for memory-mapped copies, which must outlive the original.
        reference: returns the parquet files of `reference:NAME`.

    Raises:
        InputError: the source cannot be read, or its columns do not fit together.
    """
    whole = config.model_copy(update={"limit": None, "split": None, "evaluate_on": None})
    data = load(whole, base=base, reference=reference, cache=cache)
    fetcher = Fetcher(whole.fetch, folder=cache / "downloads", most_bytes=whole.pictures.bytes)
    reader = Reader(config=whole, base=base, cache=cache, fetcher=fetcher, reference=reference)
    parts = [unfolded(part.table) for part in reader.read() if part.table.num_rows]
    try:
        table = pa.concat_tables(parts, promote_options="permissive")
    except pa.ArrowException as error:
        raise InputError(
            f"data.source: a column is of another type in some files: {error}; "
            "convert it to one type"
        ) from error
    split = data.columns.split
    if split and split not in table.column_names:
        table = table.append_column(split, pa.array(data.texts(Role.SPLIT), pa.string()))
    return Original(data, table, _lines(base / Path(whole.source).expanduser(), len(data)))


def _lines(path: Path, rows: int) -> Path | None:
    """Return the one file of lines that a path names, or that stands beside pictures in it."""
    if path.is_dir():
        beside = [path / name for name in METADATA if (path / name).is_file()]
        inner = [file for file in path.rglob("metadata.*") if file.name in METADATA]
        path = beside[0] if len(beside) == len(inner) == 1 else path
    return path if rows and path.is_file() and path.suffix.lower() in LINES else None
