"""Successes row by row, kept beside the rates that they add up to."""

import io
from pathlib import Path
from typing import Any

from vlaudit.core.errors import InputError
from vlaudit.core.measurement import RowResults
from vlaudit.evidence.files import write_whole

ENDING = ".rows.parquet"


def write_rows(folder: Path, results: RowResults) -> None:
    """Write one table: id, right, and one column an attribute, named `group:ATTRIBUTE`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, pa.Array[Any]] = {
        "id": pa.array([str(name) for name in results.ids], pa.string()),
        "right": pa.array([bool(one) for one in results.right], pa.bool_()),
        **{
            f"group:{attribute}": pa.array(list(groups), pa.string())
            for attribute, groups in results.groups.items()
        },
    }
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    write_whole(folder / f"{results.metric}{ENDING}", buffer.getvalue())


def read_rows(run: Path) -> dict[str, RowResults]:
    """Return what a run kept row by row, by `PROBE.METRIC`.

    Raises:
        InputError: a table cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    found: dict[str, RowResults] = {}
    for path in sorted(run.glob(f"artifacts/*/*{ENDING}")):
        metric = path.name.removesuffix(ENDING)
        try:
            table = pq.read_table(path).to_pydict()
            found[f"{path.parent.name}.{metric}"] = RowResults(
                metric=metric,
                ids=table.pop("id"),
                right=table.pop("right"),
                groups={name.removeprefix("group:"): column for name, column in table.items()},
            )
        except (OSError, KeyError, pa.ArrowException) as error:
            raise InputError(f"{path} cannot be read: {error}") from error
    return found
