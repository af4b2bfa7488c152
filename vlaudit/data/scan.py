"""Scans of whole datasets that survive bad rows, kills and lost machines."""

import hashlib
import json
import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from vlaudit.core.dataset import Role
from vlaudit.core.errors import InputError
from vlaudit.data.dataset import ArrowDataset
from vlaudit.data.engine import EngineError, run_shards
from vlaudit.data.whole import BATCH

Scan = Callable[[pa.RecordBatch], pa.RecordBatch]
QUARANTINE = b"quarantine"
FRUITLESS = 4
PAUSE = 5.0


@dataclass(frozen=True)
class Scanned:
    """What a scan found.

    Attributes:
        shards: one Arrow file a shard, in the order of rows.
        quarantine: position of each row that the function failed on -> why.
        resumed: number of shards that an earlier scan had finished.
    """

    shards: tuple[Path, ...]
    quarantine: dict[int, str]
    resumed: int

    def tables(self) -> Iterator[pa.Table]:
        """Yield what the function returned, shard after shard, mapped into memory."""
        for path in self.shards:
            yield _read(path)


def scan(
    data: ArrowDataset, fn: Scan, roles: Sequence[Role], *, folder: Path, size: int = BATCH
) -> Scanned:
    """Apply `fn` to all batches on the engine of `data`, and keep what it returns by shard.

    A scan that was killed goes on with the shards that are missing when it is called again with
    the same data, roles and size, and the same folder: give every function a folder of its own. A
    batch that `fn` raises on is halved until the row is found; that row is set aside and the
    others are not lost. Shards whose process or machine was killed are worked on again.

    Args:
        data: the rows.
        fn: changes nothing, can be pickled, and returns batches of one schema, of any length.
        roles: the columns that `fn` is given, named by role.
        folder: keeps the shards; on a cluster one that all machines share.
        size: most rows that `fn` is given at once.

    Raises:
        InputError: no column plays one of the roles, or the engine or folder cannot be used.
        EngineError: shard after shard was killed without one being finished.
    """
    named = json.dumps([data.digest, [str(role) for role in roles], size])
    kept = folder / hashlib.sha256(named.encode()).hexdigest()[:16]
    try:
        kept.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: shards cannot be kept there ({error.strerror})") from error
    work = ShardWork(data, fn, tuple(roles), size, kept.resolve())
    shards = data.shards(size)
    left = work.unfinished(shards)
    resumed = len(shards) - len(left)
    fruitless = 0
    while left:
        try:
            for _ in run_shards(work, left, engine=data.engine):
                pass
        except EngineError:
            before, left = len(left), work.unfinished(left)
            fruitless = fruitless + 1 if len(left) == before else 0
            if fruitless == FRUITLESS:
                raise
            # A cluster needs some seconds to notice that a machine is gone.
            time.sleep(PAUSE * fruitless if data.engine.ray is not None else 0)
        else:
            left = work.unfinished(left)
            if left:
                raise EngineError(
                    f"{folder}: shards that were worked on are not there; on a cluster it must lie "
                    "on storage that all machines share"
                )
    paths = tuple(work.path(start) for start, _ in shards)
    return Scanned(paths, {at: why for path in paths for at, why in _bad(path)}, resumed)


@dataclass(frozen=True)
class ShardWork:
    """Work on a shard: its results are written whole or not at all."""

    data: ArrowDataset
    fn: Scan
    roles: tuple[Role, ...]
    size: int
    folder: Path

    def __call__(self, start: int, stop: int) -> None:
        """Apply the function to the batches of one shard and write what it returns."""
        bad: dict[int, str] = {}
        found: list[pa.RecordBatch] = []
        for at in range(start, stop, self.size):
            found += self._apply(range(at, min(at + self.size, stop)), bad)
        schema = found[0].schema if found else pa.schema([])
        told = {QUARANTINE: json.dumps(bad).encode()}
        schema = schema.with_metadata({**(schema.metadata or {}), **told})
        path = self.path(start)
        partial = path.with_name(f"{path.name}.{os.uname().nodename}.{os.getpid()}.part")
        with pa.OSFile(str(partial), "wb") as file, pa.ipc.new_file(file, schema) as writer:
            for batch in found:
                writer.write_batch(batch.replace_schema_metadata(schema.metadata))
        partial.replace(path)

    def _apply(self, rows: range, bad: dict[int, str]) -> list[pa.RecordBatch]:
        """Return the results of these rows; halves them to find those that fail."""
        try:
            return [self.fn(b) for b in self.data.batches(self.roles, rows, size=self.size)]
        except Exception as error:  # the function is foreign code: a row it fails on fails alone
            if len(rows) == 1:
                bad[rows.start] = _reason(error)
                return []
        middle = (rows.start + rows.stop) // 2
        first, second = range(rows.start, middle), range(middle, rows.stop)
        return [*self._apply(first, bad), *self._apply(second, bad)]

    def path(self, start: int) -> Path:
        """Return where the results of the shard that begins with this row are kept."""
        return self.folder / f"{start:012d}.arrow"

    def unfinished(self, shards: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return the shards whose results are missing or damaged."""
        return [shard for shard in shards if not _is_whole(self.path(shard[0]))]


def _read(path: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def _bad(path: Path) -> Iterator[tuple[int, str]]:
    with pa.memory_map(str(path)) as file:
        told: dict[bytes, bytes] = pa.ipc.open_file(file).schema.metadata or {}
    for position, reason in json.loads(told[QUARANTINE]).items():
        yield int(position), str(reason)


def _is_whole(path: Path) -> bool:
    with suppress(OSError, pa.ArrowException, KeyError, ValueError):
        list(_bad(path))
        return True
    return False


def _reason(error: Exception) -> str:
    """Say what went wrong and where, without the text of the error: it may quote the data."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at {Path(frames[-1].filename).name}:{frames[-1].lineno}"
