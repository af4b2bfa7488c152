"""Scans on the engine: the same results, bad rows set aside, killed ones resumed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from vlaudit.core.config import DataConfig, EngineConfig
from vlaudit.core.dataset import Role
from vlaudit.core.errors import InputError
from vlaudit.data import ArrowDataset, load
from vlaudit.data.engine import EngineError
from vlaudit.data.scan import Scanned, scan

Encode = Callable[..., bytes]
ROWS = 1000


@pytest.fixture
def rows(tmp_path: Path) -> ArrowDataset:
    """A thousand captions in ten shards."""
    table = pd.DataFrame({"id": [f"r{at}" for at in range(ROWS)], "gender": ["f", "m"] * 500})
    table["caption"] = [f"caption number {at}" for at in range(ROWS)]
    table.to_parquet(tmp_path / "rows.parquet")
    engine = EngineConfig(shard_rows=100)
    return load(
        DataConfig(source="rows.parquet"), base=tmp_path, cache=tmp_path / "cache", engine=engine
    )


def lengths(batch: pa.RecordBatch) -> pa.RecordBatch:
    captions = batch.column("caption").to_pylist()
    return pa.RecordBatch.from_pydict({"length": [len(str(text)) for text in captions]})


def values(scanned: Scanned, name: str) -> list[object]:
    return [value for table in scanned.tables() for value in table.column(name).to_pylist()]


def test_results_are_the_same_on_the_engine_and_here(rows: ArrowDataset) -> None:
    roles = [Role.ID, Role.CAPTION, Role.GROUPS]
    here = list(rows.map_batches(lambda batch: batch.to_pylist(), roles, size=30))
    there = list(rows.map_batches(lambda batch: batch.to_pylist(), roles, size=30, pure=True))
    assert [row for batch in here for row in batch] == [row for batch in there for row in batch]
    assert sum(map(len, there)) == ROWS
    pids = set(rows.map_batches(lambda batch: os.getpid(), [Role.ID], size=30, pure=True))
    assert os.getpid() not in pids


def test_a_selection_travels_too(rows: ArrowDataset) -> None:
    odd = rows.select(range(1, ROWS, 2))

    def ids(batch: pa.RecordBatch) -> list[object]:
        return list(batch.column(0).to_pylist())

    found = odd.map_batches(ids, [Role.ID], size=100, pure=True)
    assert [row for batch in found for row in batch] == odd.ids()


def test_the_digest_does_not_depend_on_shards(rows: ArrowDataset, tmp_path: Path) -> None:
    whole = load(DataConfig(source="rows.parquet"), base=tmp_path, cache=tmp_path / "cache")
    assert whole.digest == rows.digest
    assert whole.select(range(5)).digest != whole.digest


def test_rows_that_fail_are_set_aside(rows: ArrowDataset, tmp_path: Path) -> None:
    def picky(batch: pa.RecordBatch) -> pa.RecordBatch:
        texts = [str(text) for text in batch.column("caption").to_pylist()]
        if any(text.endswith(("number 7", "number 500")) for text in texts):
            raise ValueError(f"no such caption: {texts}")
        return pa.RecordBatch.from_pydict({"text": texts})

    scanned = scan(rows, picky, [Role.CAPTION], folder=tmp_path / "scan", size=50)
    assert set(scanned.quarantine) == {7, 500}
    assert scanned.quarantine[7].startswith("ValueError at test_scan.py:")
    assert "caption number" not in scanned.quarantine[7]
    expected = [f"caption number {at}" for at in range(ROWS) if at not in (7, 500)]
    assert values(scanned, "text") == expected


def test_every_row_of_a_shard_may_fail(rows: ArrowDataset, tmp_path: Path) -> None:
    def broken(batch: pa.RecordBatch) -> pa.RecordBatch:
        raise OSError

    scanned = scan(rows.select(range(150)), broken, [Role.ID], folder=tmp_path / "scan", size=10)
    assert sorted(scanned.quarantine) == list(range(150))
    assert sum(table.num_rows for table in scanned.tables()) == 0


def test_a_worker_that_dies_is_replaced(rows: ArrowDataset, tmp_path: Path) -> None:
    """The first process to see row 500 dies as if killed."""
    mark = str(tmp_path / "died")

    def deadly(batch: pa.RecordBatch) -> pa.RecordBatch:
        if "r500" in batch.column("id").to_pylist() and not os.path.exists(mark):
            open(mark, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return pa.RecordBatch.from_pydict({"id": batch.column("id").to_pylist()})

    scanned = scan(rows, deadly, [Role.ID], folder=tmp_path / "scan", size=50)
    assert os.path.exists(mark)
    assert values(scanned, "id") == rows.ids()


SLOW = """
import sys, time
from pathlib import Path
import pyarrow as pa
from vlaudit.core.config import DataConfig, EngineConfig
from vlaudit.core.dataset import Role
from vlaudit.data import load
from vlaudit.data.scan import scan
def slow(batch):
    time.sleep(0.3)
    return pa.RecordBatch.from_pydict({"id": batch.column("id").to_pylist()})
base = Path(sys.argv[1])
rows = load(DataConfig(source="rows.parquet"), base=base, cache=base / "other",
            engine=EngineConfig(shard_rows=100))
scan(rows, slow, [Role.ID], folder=base / "scan", size=100)
"""


def test_a_killed_scan_goes_on(rows: ArrowDataset, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, str(tmp_path)], start_new_session=True
    ) as running:
        deadline = time.monotonic() + 60
        while len(list((tmp_path / "scan").glob("*/*.arrow"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        os.killpg(running.pid, signal.SIGKILL)
    (folder,) = (tmp_path / "scan").iterdir()
    kept = sorted(folder.glob("*.arrow"))
    assert 2 <= len(kept) < 10
    kept[0].write_bytes(kept[0].read_bytes()[:100])

    def ids(batch: pa.RecordBatch) -> pa.RecordBatch:
        return pa.RecordBatch.from_pydict({"id": batch.column("id").to_pylist()})

    scanned = scan(rows, ids, [Role.ID], folder=tmp_path / "scan", size=100)
    assert scanned.resumed == len(kept) - 1
    assert values(scanned, "id") == rows.ids()
    again = scan(rows, lengths, [Role.ID], folder=tmp_path / "scan", size=100)
    assert again.resumed == 10


def test_shards_that_cannot_be_kept(rows: ArrowDataset, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="shards cannot be kept there"):
        scan(rows, lengths, [Role.CAPTION], folder=tmp_path / "file", size=50)


def test_a_function_that_raises_is_said_without_quoting_the_data(rows: ArrowDataset) -> None:
    def broken(batch: pa.RecordBatch) -> int:
        raise ValueError(f"secret {batch.to_pylist()}")

    with pytest.raises(EngineError, match="the function raised on some rows") as caught:
        list(rows.map_batches(broken, [Role.CAPTION], size=50, pure=True))
    assert "caption number" not in str(caught.value)
