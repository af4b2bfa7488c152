"""Rows in memory-mapped Arrow; pictures are read and decoded when asked for."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pyarrow as pa
from PIL.Image import Image

from vlaudit.core.dataset import Columns, R, Role, Unreadable
from vlaudit.core.errors import InputError
from vlaudit.data.fetch import Fetcher
from vlaudit.data.images import Limits, decode, read_picture, silence
from vlaudit.data.remote import is_remote, is_web, read_remote

FOLDER = "folder"
BATCH = 1024
MOST_NAMED = 5
_NOT_TEXT = (Role.IMAGE, FOLDER)


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
        notes: sentences about decisions made while loading.
    """

    table: pa.Table
    index: Sequence[int]
    name: str
    columns: Columns
    limits: Limits
    fetcher: Fetcher
    evaluate_on: str | None = None
    notes: tuple[str, ...] = ()

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

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the values of every role and the bytes of every picture."""
        state = hashlib.sha256(str(len(self.index)).encode())
        named = [name for name in sorted(self.table.column_names) if name not in _NOT_TEXT]
        for start in range(0, len(self.index), BATCH):
            rows = range(start, min(start + BATCH, len(self.index)))
            for name in named:
                state.update(json.dumps([name, self.strings(name, rows)]).encode())
            for row in rows if Role.IMAGE in self.table.column_names else ():
                picture = self.picture(row)
                encoded = picture if isinstance(picture, bytes) else b""
                state.update(len(encoded).to_bytes(8, "big") + encoded)
        return state.hexdigest()


class ArrowDataset:
    """Rows of a `Whole`; selecting rows copies nothing."""

    def __init__(self, whole: Whole, rows: Sequence[int] | None = None) -> None:
        """Show `rows` of `whole`, all of them where none are given."""
        self._whole = whole
        self._rows = range(len(whole.index)) if rows is None else rows

    @property
    def name(self) -> str:
        """Name for people."""
        return self._whole.name

    @property
    def columns(self) -> Columns:
        """The user's columns that play a role, declared or proposed."""
        return self._whole.columns

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what was decided while loading."""
        return self._whole.notes

    @property
    def evaluate_on(self) -> str | None:
        """Name of the split whose rows are kept for evaluation; None means all rows."""
        return self._whole.evaluate_on

    @property
    def rows(self) -> Sequence[int]:
        """Positions of these rows among all that were loaded."""
        return self._rows

    @property
    def digest(self) -> str:
        """SHA-256 over values and encoded pictures; of a selection, over digest and positions.

        Every picture is read once, on first use.
        """
        whole = self._whole.digest
        if self._rows == range(len(self._whole.index)):
            return whole
        return hashlib.sha256(json.dumps([whole, list(self._rows)]).encode()).hexdigest()

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def ids(self) -> list[str]:
        """Return the id of each row, its position in the user's data where there is none."""
        places = [str(self._whole.index[row]) for row in self._rows]
        if not self.columns.id:
            return places
        given = self._whole.strings(Role.ID, self._rows)
        return [place if name is None else name for name, place in zip(given, places, strict=True)]

    def texts(self, role: Role) -> list[str | None]:
        """Return caption, label, split, licence, source or checksum of each row.

        Raises:
            InputError: no column plays `role`.
        """
        if role is Role.ID:
            return list(self.ids())
        if role in _NOT_TEXT or role not in self._whole.table.column_names:
            raise InputError(f"no column holds the {role}; name one under data.columns.{role}")
        return self._whole.strings(role, self._rows)

    def groups(self, attribute: str) -> list[str | None]:
        """Return the group of each row by one attribute; None where it is not annotated.

        Raises:
            InputError: there is no such attribute.
        """
        if attribute not in self.columns.groups:
            present = ", ".join(self.columns.groups) or "none"
            raise InputError(
                f"no column {attribute!r} under data.columns.groups; present: {present}"
            )
        return self._whole.strings(group_column(attribute), self._rows)

    def picture_bytes(self, positions: Sequence[int]) -> list[bytes]:
        """Return the encoded pictures at these positions; empty where there is none."""
        pictures = (self._picture(position) for position in positions)
        return [b"" if isinstance(picture, Unreadable) else picture for picture in pictures]

    def decode(self, positions: Sequence[int]) -> list[Image | Unreadable]:
        """Return the RGB pictures at these positions, or why they are unreadable."""
        with silence(), ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            return list(pool.map(self._decode, positions))

    def images(self, positions: Sequence[int]) -> list[Image]:
        """Return the RGB pictures at these positions.

        Raises:
            InputError: pictures that are unreadable, by the ids of their rows.
        """
        decoded = self.decode(positions)
        bad = {
            position: item.reason
            for position, item in zip(positions, decoded, strict=True)
            if isinstance(item, Unreadable)
        }
        if bad:
            ids = self.select(list(bad)).ids()
            listed = [f"row {row}: {why}" for row, why in zip(ids, bad.values(), strict=True)]
            more = [f"and {len(listed) - MOST_NAMED} rows more"] if len(listed) > MOST_NAMED else []
            raise InputError([*listed[:MOST_NAMED], *more])
        return [item for item in decoded if not isinstance(item, Unreadable)]

    def select(self, positions: Sequence[int]) -> "ArrowDataset":
        """Return the dataset of these rows only."""
        return ArrowDataset(self._whole, [int(self._rows[position]) for position in positions])

    def evaluation(self) -> "ArrowDataset":
        """Return the rows kept for evaluation: one split, or all where none is named."""
        if self.evaluate_on is None:
            return self
        splits = self.texts(Role.SPLIT)
        return self.select([at for at, split in enumerate(splits) if split == self.evaluate_on])

    def map_batches(
        self, fn: Callable[[pa.RecordBatch], R], roles: Sequence[Role], *, size: int = BATCH
    ) -> Iterator[R]:
        """Apply `fn` to Arrow batches of the columns that play `roles`, named by role.

        Texts are strings, pictures their encoded bytes (null where there is none), groups a
        struct of one string an attribute. One batch is in memory at a time.
        """
        for start in range(0, len(self), size):
            part = ArrowDataset(self._whole, self._rows[start : start + size])
            arrays = [part._array(role) for role in roles]
            yield fn(pa.RecordBatch.from_arrays(arrays, names=[role.value for role in roles]))

    def _array(self, role: Role) -> "pa.Array[Any]":
        if role is Role.IMAGE:
            pictures = self.picture_bytes(range(len(self)))
            return pa.array([picture or None for picture in pictures], pa.large_binary())
        if role is Role.GROUPS:
            columns = [pa.array(self.groups(name), pa.string()) for name in self.columns.groups]
            return pa.StructArray.from_arrays(columns, names=list(self.columns.groups))
        return pa.array(self.texts(role), pa.string())

    def _picture(self, position: int) -> bytes | Unreadable:
        if not self.columns.image:
            raise InputError("no column holds the image; name one under data.columns.image")
        return self._whole.picture(self._rows[position])

    def _decode(self, position: int) -> Image | Unreadable:
        picture = self._picture(position)
        if isinstance(picture, Unreadable):
            return picture
        return decode(picture, limits=self._whole.limits)
