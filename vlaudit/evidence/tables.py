"""Measurements as a Parquet table and findings as JSON lines."""

import io
import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter

from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.evidence.files import write_whole

FINDING: TypeAdapter[Finding] = TypeAdapter(Finding)


def write_measurements(path: Path, measurements: Mapping[str, tuple[Measurement, ...]]) -> None:
    """Write one row a measurement: probe, metric, slice, value, interval, samples, clusters."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [
        {
            "probe": probe,
            "metric": item.metric,
            "slice": json.dumps(item.slice, ensure_ascii=False),
            "value": item.value,
            "low": item.interval.low,
            "high": item.interval.high,
            "one_sided": item.interval.one_sided,
            "level": item.interval.level,
            "method": item.interval.method,
            "samples": item.samples,
            "clusters": item.clusters,
        }
        for probe, items in measurements.items()
        for item in items
    ]
    text = ("probe", "metric", "slice", "method")
    whole = ("samples", "clusters")
    number = ("value", "low", "high", "one_sided", "level")
    kinds = [(n, pa.string()) for n in text] + [(n, pa.int64()) for n in whole]
    schema = pa.schema(kinds + [(n, pa.float64()) for n in number])
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), buffer)
    write_whole(path, buffer.getvalue())


def read_measurements(path: Path) -> dict[str, tuple[Measurement, ...]]:
    """Return the measurements of each probe, in the order in which they came."""
    import pyarrow.parquet as pq

    found: dict[str, list[Measurement]] = defaultdict(list)
    for row in pq.read_table(path).to_pylist():
        interval = Interval(
            row["low"], row["high"], row["method"], row["level"], row.get("one_sided")
        )
        found[row["probe"]].append(
            Measurement(
                row["metric"],
                row["value"],
                samples=row["samples"],
                clusters=row["clusters"],
                interval=interval,
                slice=json.loads(row["slice"]),
            )
        )
    return {probe: tuple(items) for probe, items in found.items()}


def write_findings(path: Path, findings: Mapping[str, tuple[Finding, ...]]) -> None:
    """Write one JSON object a line, each with the id of its probe."""
    lines = [
        json.dumps({"probe": probe, **FINDING.dump_python(item, mode="json")}, ensure_ascii=False)
        for probe, items in findings.items()
        for item in items
    ]
    write_whole(path, "".join(f"{line}\n" for line in lines))


def read_findings(path: Path) -> dict[str, tuple[Finding, ...]]:
    """Return the findings of each probe, in the order in which they came."""
    found: dict[str, list[Finding]] = defaultdict(list)
    for line in path.read_bytes().splitlines():
        fields = json.loads(line)
        found[fields.pop("probe")].append(FINDING.validate_python(fields))
    return {probe: tuple(items) for probe, items in found.items()}
