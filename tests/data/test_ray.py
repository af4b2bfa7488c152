"""A scan on a real cluster of two workers on this machine, one of which is killed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

# A busy machine may take long to start a worker.
PATIENT = {"RAY_raylet_start_wait_time_s": "120", "DAFT_RAY_WORKER_STARTUP_TIMEOUT": "240"}
ON_A_CLUSTER = """
import json, sys, threading, time
from pathlib import Path
import pyarrow as pa
import ray
from ray.cluster_utils import Cluster
from vlaudit.core.config import DataConfig, EngineConfig
from vlaudit.core.dataset import Role
from vlaudit.data import load
from vlaudit.data.scan import scan

base = Path(sys.argv[1])
here = {"object_store_memory": 100_000_000}
cluster = Cluster(
    initialize_head=True, head_node_args={**here, "num_cpus": 0, "include_dashboard": False}
)
workers = [cluster.add_node(num_cpus=1, **here) for _ in range(2)]
cluster.wait_for_nodes()

def marked(batch):
    import os
    time.sleep(0.1)
    rows = batch.column("id").to_pylist()
    if "r13" in rows:
        raise ValueError
    return pa.RecordBatch.from_pydict({"id": rows, "worker": [os.getpid()] * len(rows)})

def kill_one():
    while len(list((base / "scan").glob("*/*.arrow"))) < 5:
        time.sleep(0.05)
    cluster.remove_node(workers[1], allow_graceful=False)

data = load(DataConfig(source="rows.csv"), base=base, cache=base / "cache",
            engine=EngineConfig(ray=cluster.address, shard_rows=10))
killer = threading.Thread(target=kill_one, daemon=True)
killer.start()
scanned = scan(data, marked, [Role.ID], folder=base / "scan", size=10)
killer.join()
tables = list(scanned.tables())
(base / "found.json").write_text(json.dumps({
    "ids": [row for table in tables for row in table.column("id").to_pylist()],
    "workers": len({pid for table in tables for pid in table.column("worker").to_pylist()}),
    "quarantine": scanned.quarantine,
}))
ray.shutdown()
cluster.shutdown()
"""


def test_a_worker_is_killed_and_the_result_is_whole(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    ids = [f"r{at}" for at in range(400)]
    pd.DataFrame({"id": ids}).to_csv(tmp_path / "rows.csv", index=False)
    done = subprocess.run(
        [sys.executable, "-c", ON_A_CLUSTER, str(tmp_path)],
        env={**os.environ, **PATIENT},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["ids"] == [name for name in ids if name != "r13"]
    assert found["workers"] >= 2
    assert found["quarantine"] == {"13": "ValueError at <string>:25"}


def test_a_cluster_that_does_not_answer(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    code = (
        "import sys\n"
        "from vlaudit.core.config import EngineConfig\n"
        "from vlaudit.core.errors import InputError\n"
        "from vlaudit.data.engine import run_shards\n"
        "try: list(run_shards(max, [(0, 1)], engine=EngineConfig(ray='127.0.0.1:9')))\n"
        "except InputError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "no cluster answers there" in done.stdout, done.stderr[-2000:]
