"""All that was loaded: rows in memory-mapped Arrow, with what is needed to read pictures."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pyarrow as pa

from vlaudit.core.config import EngineConfig
from vlaudit.core.dataset import Columns, Role, Unreadable
from vlaudit.data.fetch import Fetcher
from vlaudit.data.images import Limits, read_picture
from vlaudit.data.remote import is_remote, is_web, read_remote

FOLDER = "folder"
BATCH = 1024


def group_column(attribute: str) -> str:
    """Return the name of the stored column of one attribute."""
    return f"groups.{attribute}"


@dataclass(frozen=True, kw_only=True)
class Whole:
    """Everything that was loaded, which selections share.

    Attributes:
        table: one column a role (string, but `image`: {bytes, path}), one a group
            attribute, and `folder`, where relative paths begin.
        index: table row of each row that counts, after `split` and `limit`; a range for all.
        engine: where scans of many rows run.
        scratch: folder that all processes of the engine can read.
        notes: sentences about decisions made while loading.
    """

    table: pa.Table
    index: Sequence[int]
    name: str
    columns: Columns
    limits: Limits
    fetcher: Fetcher
    engine: EngineConfig
    scratch: Path
    evaluate_on: str | None = None
    notes: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[object, ...]:
        """Travel as the path of the rows: they are mapped into memory where they are read."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        del fields["table"]
        return _reopened, (self._stored, fields)

    @cached_property
    def _stored(self) -> Path:
        """Write the rows for other processes, whole or not at all, and return where they lie."""
        path = self.scratch / f"rows-{uuid.uuid4().hex}.arrow"
        # A file has one dictionary a column, and every part has its own.
        table = self.table.unify_dictionaries()
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table, max_chunksize=BATCH)
        return path

    @cached_property
    def known(self) -> dict[str, str]:
        """What was found out about all rows once, for every selection of them."""
        return {}

    def strings(self, column: str, rows: Sequence[int]) -> list[str | None]:
        """Return texts of some rows, None where they are blank.

        Surrounding white space is dropped, but for captions, whose offsets findings report.
        """
        texts = self.table.column(column)
        if isinstance(rows, range) and isinstance(self.index, range):
            texts = texts.slice(rows.start, len(rows))
        else:
            texts = texts.take(pa.array([self.index[row] for row in rows], pa.int64()))
        values = [text if text and not text.isspace() else None for text in texts.to_pylist()]
        if column == Role.CAPTION:
            return values
        return [value and value.strip() for value in values]

    def picture(self, row: int) -> bytes | Unreadable:
        """Return the encoded picture of one row, or why there is none."""
        at = self.index[row]
        picture: dict[str, Any] = self.table.column(Role.IMAGE)[at].as_py()
        encoded: bytes | None = picture["bytes"]
        path: str | None = picture["path"]
        if encoded is not None:
            return encoded
        if not path:
            return Unreadable(reason="the row names no picture")
        folder: str = self.table.column(FOLDER)[at].as_py()
        if is_web(folder) and not is_remote(path):
            path = urljoin(f"{folder}/", path)
        if is_web(path):
            return self.fetcher.picture(path, checksum=self._checksum(row))
        if is_remote(folder) or is_remote(path):
            return read_remote(folder, path, limits=self.limits)
        return read_picture(Path(folder, path), limits=self.limits)

    def _checksum(self, row: int) -> str | None:
        return self.strings(Role.CHECKSUM, [row])[0] if self.columns.checksum else None


def _reopened(path: Path, fields: dict[str, Any]) -> Whole:
    """Return what was stored, with rows mapped into memory."""
    return Whole(table=pa.ipc.open_file(pa.memory_map(str(path))).read_all(), **fields)
