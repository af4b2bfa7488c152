"""A judged run in an MLflow tracking server: metrics with their intervals, parameters, files."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from vlaudit.core.errors import MissingExtraError, TargetError
from vlaudit.core.measurement import Measurement
from vlaudit.judge import exit_code
from vlaudit.report.exchange import JudgedRun
from vlaudit.report.readings import slice_name

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "vlaudit"
AT_ONCE = 1000
LONGEST = 250
ALLOWED = re.compile(r"[^\w\-. /]+", flags=re.ASCII)


def log_run(run: JudgedRun, tracking: str, *, experiment: str = EXPERIMENT) -> str:
    """Log a run and return its id at the server.

    Every measurement becomes four metrics: the value, `.low`, `.high` and `.samples`.

    Args:
        run: the judged run.
        tracking: address of the server, such as `http://localhost:5000`.
        experiment: name of the experiment, made if need be.

    Raises:
        MissingExtraError: mlflow is not installed.
        TargetError: the server does not answer or refuses.
    """
    try:
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException
    except ImportError as error:
        raise MissingExtraError(extra="mlflow", purpose="Logging to MLflow") from error
    try:
        return _logged(run, MlflowClient(tracking_uri=tracking), experiment)
    except (MlflowException, OSError) as error:
        raise TargetError(f"MLflow at {tracking} does not take the run: {error}") from error


def _logged(run: JudgedRun, client: "MlflowClient", name: str) -> str:
    from mlflow.entities import Metric, Param, RunTag

    known = client.get_experiment_by_name(name)
    experiment = client.create_experiment(name) if known is None else known.experiment_id
    begun = client.create_run(experiment, run_name=run.audit.stamp.run)
    entry: str = begun.info.run_id
    moment: int = begun.info.start_time
    metrics = [Metric(key, value, moment, 0) for key, value in metrics_of(run)]
    for start in range(0, len(metrics), AT_ONCE):
        client.log_batch(entry, metrics=metrics[start : start + AT_ONCE])
    params = [Param(key, str(value)[:LONGEST]) for key, value in _params(run).items()]
    tags = [RunTag(f"vlaudit.rule.{v.rule}", v.status) for v in run.judgement.verdicts]
    for start in range(0, len(tags), 100):
        client.log_batch(entry, tags=tags[start : start + 100])
    client.log_batch(entry, params=params)
    client.log_artifacts(entry, str(run.evidence.folder), "run")
    client.set_terminated(entry, "FINISHED")
    return entry


def metrics_of(run: JudgedRun) -> Iterator[tuple[str, float]]:
    """Yield the exit code and every measurement: value, ends of the interval and samples."""
    yield "exit_code", float(exit_code(run.judgement))
    seen: Counter[str] = Counter()
    for probe, items in run.evidence.measurements.items():
        for item in items:
            plain = _key(probe, item)
            seen[plain] += 1
            key = plain if seen[plain] == 1 else f"{plain} {seen[plain]}"
            yield key, item.value
            yield f"{key}.low", item.interval.low
            yield f"{key}.high", item.interval.high
            yield f"{key}.samples", float(item.samples)


def _key(probe: str, item: Measurement) -> str:
    """Return a name that MLflow allows; other characters become `_`, so groups may share one."""
    where = f"/{slice_name(item)}" if item.slice else ""
    return ALLOWED.sub("_", f"{probe}.{item.metric}{where}")[: LONGEST - len(" 9999.samples")]


def _params(run: JudgedRun) -> dict[str, Any]:
    audit = run.audit
    return {
        "target": audit.target.name,
        "fingerprint": audit.target.fingerprint,
        "dataset": audit.dataset.name,
        "dataset_digest": audit.dataset.digest,
        "rows": audit.dataset.rows,
        "policy": run.policy.id,
        "seed": audit.config.seed,
        "vlaudit": audit.stamp.vlaudit,
    }
