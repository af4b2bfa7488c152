"""A run is logged to a real MLflow server with a SQLite store."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vlaudit.core.errors import MissingExtraError, TargetError
from vlaudit.report.exchange import JudgedRun
from vlaudit.report.mlflow_log import log_run, metrics_of

WAIT = 600


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Yield the address of an `mlflow server` process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--backend-store-uri", f"sqlite:///{tmp_path}/mlflow.db", "--port", str(port)]
    options += ["--host", "127.0.0.1", "--workers", "1"]
    options += ["--artifacts-destination", str(tmp_path / "artifacts")]
    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-m", "mlflow", "server", *options]
        alone = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env=alone, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(process, f"{address}/health", tmp_path / "log")
        yield address
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)


def _wait(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    end = time.monotonic() + WAIT
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"mlflow server did not start within {WAIT} s:\n{log.read_text()[-2000:]}")


def test_groups_that_mlflow_writes_alike_are_both_logged(
    judged_run: Callable[..., JudgedRun],
) -> None:
    run = judged_run()
    items = run.evidence.measurements["bias.zero_shot_parity"]
    (woman,) = [item for item in items if item.slice == {"gender": "woman"}]
    pair = tuple(
        replace(woman, value=v, slice={"gender": n}) for v, n in ((0.5, "女"), (0.4, "男"))
    )
    evidence = replace(run.evidence, measurements={"bias.zero_shot_parity": pair})
    logged = dict(metrics_of(replace(run, evidence=evidence)))
    assert {0.4, 0.5} <= set(logged.values())


def test_metrics_parameters_and_files_arrive(
    judged_run: Callable[..., JudgedRun], server: str
) -> None:
    from mlflow import MlflowClient

    run = judged_run()
    entry = log_run(run, server)
    client = MlflowClient(tracking_uri=server)
    found: Any = client.get_run(entry)
    gap = "bias.zero_shot_parity.accuracy_gap"
    metrics = found.data.metrics
    assert [metrics[f"{gap}{end}"] for end in ("", ".low", ".high", ".samples")] == [
        0.281, 0.203, 0.355, 640,
    ]  # fmt: skip
    assert metrics["bias.zero_shot_parity.group_accuracy/gender _ woman"] == 0.969
    assert metrics["exit_code"] == 1
    assert found.data.params["fingerprint"] == run.audit.target.fingerprint
    assert found.data.tags["vlaudit.rule.no_trigger"] == "fail"
    assert found.info.status == "FINISHED"
    assert [item.path for item in client.list_artifacts(entry, "run")] == ["run/artifacts"]


def test_a_server_that_is_not_there_is_said(
    judged_run: Callable[..., JudgedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(TargetError, match=r"MLflow at http://127\.0\.0\.1:9 does not take the run"):
        log_run(judged_run(), "http://127.0.0.1:9")


def test_a_missing_extra_is_named(
    judged_run: Callable[..., JudgedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(MissingExtraError, match=r"vlaudit\[mlflow\]"):
        log_run(judged_run(), "http://127.0.0.1:9")
