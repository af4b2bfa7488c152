"""Efficiency of two Ray workers against one, over the same scan on a cluster of this machine."""

import hashlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS = 4000
ROUNDS = 3000


def scan_on(workers: int, folder: Path) -> None:
    """Scan on a fresh cluster of so many workers and print how long it took."""
    import pandas as pd
    import pyarrow as pa
    import ray
    from ray.cluster_utils import Cluster

    from vlaudit.core.config import DataConfig, EngineConfig
    from vlaudit.core.dataset import Role
    from vlaudit.data import load
    from vlaudit.data.scan import scan

    def stretched(batch: pa.RecordBatch) -> pa.RecordBatch:
        texts = [str(text).encode() for text in batch.column("caption").to_pylist()]
        digests = [hashlib.pbkdf2_hmac("sha256", text, b"", ROUNDS).hex() for text in texts]
        return pa.RecordBatch.from_pydict({"digest": digests})

    pd.DataFrame({"caption": [f"caption {at}" for at in range(ROWS)]}).to_csv(folder / "rows.csv")
    head = {"num_cpus": 0, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    for _ in range(workers):
        cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    engine = EngineConfig(ray=cluster.address, shard_rows=100)
    data = load(DataConfig(source="rows.csv"), base=folder, cache=folder / "cache", engine=engine)
    first = data.select(range(200))
    scan(first, stretched, [Role.CAPTION], folder=folder / "warm", size=100)
    started = time.perf_counter()
    scan(data, stretched, [Role.CAPTION], folder=folder / "scan", size=100)
    print(time.perf_counter() - started)
    ray.shutdown()
    cluster.shutdown()


def main() -> None:
    """Time one worker, then two."""
    if len(sys.argv) > 1:
        scan_on(int(sys.argv[1]), Path(sys.argv[2]))
        return
    seconds: list[float] = []
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, __file__, str(workers), folder],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
        seconds.append(float(done.stdout.split()[-1]))
        print(f"{workers} worker(s): {seconds[-1]:5.1f} s for {ROWS:,} rows")
    print(f"efficiency of two against one: {seconds[0] / (2 * seconds[1]):.2f}")


if __name__ == "__main__":
    main()
