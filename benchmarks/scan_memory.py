"""Memory and time of scans of 10,000 and 1,000,000 rows, each in a process of its own.

A flat scan needs no more of its own memory for a hundred times the rows. Rows on disk that are
mapped into memory are no such memory: the system takes them back at will, and they are left out.
"""

import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SIZES = (10_000, 1_000_000)


def anonymous(process: int) -> float:
    """Return the MB that a process holds for itself alone, without mapped files."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1e3 for line in lines if line.startswith("RssAnon")), 0.0)


def family(process: int) -> list[int]:
    """Return a process and all that it started."""
    try:
        threads = Path(f"/proc/{process}/task").glob("*/children")
        children = [int(child) for listed in threads for child in listed.read_text().split()]
    except OSError:
        children = []
    return [process, *(member for child in children for member in family(child))]


def scan_once(folder: Path, rows: int) -> None:
    """Write rows, load them, scan them, and print what that took."""
    import os

    import pyarrow as pa
    import pyarrow.parquet as pq

    from vlaudit.core.config import DataConfig, EngineConfig
    from vlaudit.core.dataset import Role
    from vlaudit.data import load
    from vlaudit.data.scan import scan

    def count(batch: pa.RecordBatch) -> pa.RecordBatch:
        words = [len(str(text).split()) for text in batch.column("caption").to_pylist()]
        return pa.RecordBatch.from_pydict({"words": words})

    schema = pa.schema([("caption", pa.string()), ("split", pa.string())])
    with pq.ParquetWriter(folder / "rows.parquet", schema) as writer:
        for start in range(0, rows, 10_000):
            captions = [
                f"a caption of some words, number {at}" for at in range(start, start + 10_000)
            ]
            writer.write_table(pa.table({"caption": captions, "split": ["train"] * 10_000}, schema))
    config, engine = DataConfig(source="rows.parquet"), EngineConfig(shard_rows=2048)
    data = load(config, base=folder, cache=folder / "cache", engine=engine)
    before = anonymous(os.getpid())
    peak = [before]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            peak.append(sum(map(anonymous, family(os.getpid()))))

    watching = threading.Thread(target=watch)
    watching.start()
    started = time.perf_counter()
    scanned = scan(data, count, [Role.CAPTION], folder=folder / "scan")
    words = sum(sum(table.column("words").to_pylist()) for table in scanned.tables())
    seconds = time.perf_counter() - started
    done.set()
    watching.join()
    assert words == 7 * rows
    grown = max(peak) - before
    print(
        f"{rows:>9,} rows: {seconds:6.1f} s, {rows / seconds:>9,.0f} rows/s; {before:4.0f} MB "
        f"before the scan, all processes together {grown:4.0f} MB more while it runs"
    )


def main() -> None:
    """Scan each size in a fresh process."""
    if len(sys.argv) > 1:
        scan_once(Path(sys.argv[1]), int(sys.argv[2]))
        return
    for rows in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, __file__, folder, str(rows)], check=True)


if __name__ == "__main__":
    main()
