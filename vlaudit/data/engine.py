"""Shards of rows, worked on by Daft: in processes of this machine, or on a Ray cluster."""

import logging
import os
import pickle
import socket
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any, TypeAlias

from vlaudit.core.config import EngineConfig
from vlaudit.core.errors import InputError, MissingExtraError, VlauditError

Work: TypeAlias = Callable[[int, int], Any]
MOST_PARTITIONS = 1024
PATIENCE = 5.0
QUIET = {
    # Daft counts its users unless told otherwise, and an audit makes no request of its own.
    "DO_NOT_TRACK": "true",
    "DAFT_ANALYTICS_ENABLED": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "DAFT_PROGRESS_BAR": "0",
}


class EngineError(VlauditError):
    """Work that came to no end on the engine; what was finished before is not lost."""


def run_shards(
    work: Work, shards: Sequence[tuple[int, int]], *, engine: EngineConfig
) -> Iterator[tuple[tuple[int, int], Any]]:
    """Yield each shard with what `work(start, stop)` returned for it, in order.

    The plan is the same here and on a cluster: one row a shard, of which only the two ends travel;
    rows are read where they are worked on. Few results wait at any time.

    Args:
        work: a function that can be pickled, as can what it returns.
        shards: first row and the row after the last one.
        engine: where to work.

    Raises:
        InputError: the cluster does not answer, or this process works elsewhere already.
        EngineError: the work failed, or the processes that did it were killed too often.
    """
    daft = _daft(engine)
    col, binary = daft.col, daft.DataType.binary()

    def results(starts: Any, stops: Any) -> list[bytes]:
        ends = zip(starts.to_pylist(), stops.to_pylist(), strict=True)
        return [pickle.dumps(work(start, stop)) for start, stop in ends]

    worked = daft.func.batch(return_dtype=binary, batch_size=1, use_process=engine.ray is None)(
        results
    )
    plan = daft.from_pydict({"start": [a for a, _ in shards], "stop": [b for _, b in shards]})
    if engine.ray is not None:
        plan = plan.into_partitions(min(len(shards), MOST_PARTITIONS))
    plan = plan.select(col("start"), col("stop"), worked(col("start"), col("stop")).alias("result"))
    try:
        for batch in plan.to_arrow_iter():
            for row in batch.to_pylist():
                # Made by `worked` a moment ago and never stored: no foreign pickle comes in here.
                yield (row["start"], row["stop"]), pickle.loads(row["result"])
    except _failures(daft, engine) as error:
        # The text of a foreign error may quote the data: the cause is shown with --debug only.
        raise EngineError(
            f"the scan stopped ({type(error).__name__}): the function raised on some rows, or its "
            "processes were killed; see the cause with --debug"
        ) from error


def _failures(daft: Any, engine: EngineConfig) -> tuple[type[Exception], ...]:
    """Return what a failed plan, and with Ray a lost machine, raises."""
    lost = () if engine.ray is None else (import_module("ray").exceptions.RayError,)
    return (daft.exceptions.DaftCoreException, RuntimeError, OSError, *lost)


def _daft(engine: EngineConfig) -> Any:
    """Return Daft, set to run where the configuration says."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    daft = import_module("daft")
    wanted = "native" if engine.ray is None else "ray"
    try:
        if engine.ray is None:
            daft.set_runner_native()
        else:
            _join(engine.ray)
            daft.set_runner_ray()
    except ImportError as error:
        raise MissingExtraError(extra="ray", purpose="a scan on a Ray cluster") from error
    except (ConnectionError, TimeoutError) as error:
        raise InputError(
            f"engine.ray {engine.ray!r}: no cluster answers there; start one with `ray start`, or "
            "correct the address"
        ) from error
    except daft.exceptions.DaftCoreException as error:
        # Daft lets a process choose its runner once.
        if daft.get_or_infer_runner_type() != wanted:
            raise InputError(
                f"this process scans on {daft.get_or_infer_runner_type()!r} already, and cannot "
                f"change to {wanted!r}; use a process of its own"
            ) from error
    return daft


def _join(address: str) -> None:
    """Join a cluster without its log lines and progress bars, unless that was done before.

    Raises:
        ConnectionError: there is no cluster.
    """
    ray = import_module("ray")
    if not ray.is_initialized():
        _knock(address)
        quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
        ray.init(address=address, runtime_env={"env_vars": QUIET}, **quiet)


def _knock(address: str) -> None:
    """Connect to HOST:PORT once: Ray itself goes on asking a silent address for minutes.

    Raises:
        ConnectionError: nobody listens there.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if port.isdecimal():
        try:
            socket.create_connection((host, int(port)), timeout=PATIENCE).close()
        except OSError as error:
            raise ConnectionError(str(error)) from error
