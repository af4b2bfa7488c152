"""Rows by role; pictures are read and decoded when asked for."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from PIL.Image import Image

from vlaudit.core.config import EngineConfig
from vlaudit.core.dataset import Columns, R, Role, Unreadable
from vlaudit.core.errors import InputError
from vlaudit.data.engine import run_shards
from vlaudit.data.images import decode, silence
from vlaudit.data.whole import BATCH, FOLDER, Whole, group_column

MOST_NAMED = 5
_NOT_TEXT = (Role.IMAGE, FOLDER)


@dataclass(frozen=True)
class BatchWork:
    """Work on a shard: what a function returns for each of its batches."""

    data: "ArrowDataset"
    fn: Callable[[pa.RecordBatch], Any]
    roles: tuple[Role, ...]
    size: int

    def __call__(self, start: int, stop: int) -> list[Any]:
        """Return the results of the batches of one shard."""
        return [
            self.fn(b) for b in self.data.batches(self.roles, range(start, stop), size=self.size)
        ]


def _digest_of(batch: pa.RecordBatch) -> bytes:
    """Return SHA-256 over the values of a batch: texts as JSON, pictures with their lengths."""
    state = hashlib.sha256()
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        state.update(name.encode())
        if name == Role.IMAGE:
            for picture in column:
                encoded: bytes = picture.as_py() or b""
                state.update(len(encoded).to_bytes(8, "big") + encoded)
        else:
            state.update(json.dumps(column.to_pylist()).encode())
    return state.digest()


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
        if self._rows != range(len(self._whole.index)):
            whole = ArrowDataset(self._whole).digest
            return hashlib.sha256(json.dumps([whole, list(self._rows)]).encode()).hexdigest()
        known = self._whole.known
        if "digest" not in known:
            known["digest"] = self._digest()
        return known["digest"]

    def _digest(self) -> str:
        roles = [Role(name) for name in sorted(self._whole.table.column_names) if name in set(Role)]
        roles += [Role.GROUPS] if self.columns.groups else []
        state = hashlib.sha256(json.dumps([len(self), *self.columns.groups]).encode())
        for digest in self.map_batches(_digest_of, roles, size=BATCH, pure=True):
            state.update(digest)
        return state.hexdigest()

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
        self,
        fn: Callable[[pa.RecordBatch], R],
        roles: Sequence[Role],
        *,
        size: int = BATCH,
        pure: bool = False,
    ) -> Iterator[R]:
        """Apply `fn` to Arrow batches of the columns that play `roles`, named by role, in order.

        Texts are strings, pictures their encoded bytes (null where there is none), groups a
        struct of one string an attribute. One batch is in memory at a time. `pure` promises that
        `fn` changes nothing and can be pickled: with more rows than one shard holds it then runs
        on the engine, with the same results.

        Raises:
            InputError: no column plays one of the roles, or the engine cannot be used.
            EngineError: `fn` failed on the engine, or its processes were killed.
        """
        shards = self.shards(size) if pure else []
        # One shard is done before a second process has started.
        if len(shards) <= 1:
            for batch in self.batches(roles, range(len(self)), size=size):
                yield fn(batch)
            return
        work = BatchWork(self, fn, tuple(roles), size)
        for _, results in run_shards(work, shards, engine=self.engine):
            yield from results

    @property
    def engine(self) -> EngineConfig:
        """Where scans of many rows run."""
        return self._whole.engine

    def shards(self, size: int = BATCH) -> list[tuple[int, int]]:
        """Return first position and position after the last one of each shard.

        A shard holds whole batches, so that batches are the same wherever they are worked on.
        """
        rows = -(-self.engine.shard_rows // size) * size
        return [(at, min(at + rows, len(self))) for at in range(0, len(self), rows)]

    def batches(
        self, roles: Sequence[Role], positions: range, *, size: int = BATCH
    ) -> Iterator[pa.RecordBatch]:
        """Yield Arrow batches of these rows, as `map_batches` gives them to its function."""
        for start in range(positions.start, positions.stop, size):
            rows = self._rows[start : min(start + size, positions.stop)]
            part = ArrowDataset(self._whole, rows)
            arrays = [part._array(role) for role in roles]
            yield pa.RecordBatch.from_arrays(arrays, names=[role.value for role in roles])

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
