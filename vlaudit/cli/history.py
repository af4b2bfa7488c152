"""`vlaudit history`: how every metric went from run to run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from vlaudit.history import History


def history(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with run folders.")] = Path(
        "runs"
    ),
    metric: Annotated[
        str | None, typer.Option("--metric", help="Show only metrics whose name holds this text.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a page with charts to this file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show every metric over all runs in a folder, with intervals: table, JSON or chart page."""
    import json
    from dataclasses import replace

    from vlaudit.cli.console import console
    from vlaudit.core.errors import InputError
    from vlaudit.history import history as trends
    from vlaudit.report.trends import trends_page

    found = trends(folder)
    if metric is not None:
        kept = tuple(series for series in found.series if metric in series.name)
        if not kept:
            raise InputError(f"--metric: no metric in {folder} holds '{metric}' in its name")
        found = replace(found, series=kept)
    if html is not None:
        html.write_text(trends_page(found, title=f"History of {folder}"), encoding="utf-8")
        typer.echo(f"wrote {html}")
        return
    if as_json:
        typer.echo(json.dumps(_values(found), indent=2))
        return
    console().print(_table(found, slices=metric is not None))
    for problem in found.problems:
        console().print(f"note: {problem}", highlight=False, markup=False)


def _table(found: "History", *, slices: bool) -> "Table":
    """Return one row a run of every metric; slices only where they are asked for."""
    from rich.markup import escape
    from rich.table import Table

    table = Table("metric", "run", "target", "value", "interval", "samples", box=None)
    for series in found.series:
        if series.slice and not slices:
            continue
        for at, point in enumerate(series.points):
            item = point.measurement
            table.add_row(
                escape(series.name) if at == 0 else "",
                point.started[:16].replace("T", " "),
                escape(point.target),
                f"{item.value:.4g}",
                f"{item.interval.low:.4g} to {item.interval.high:.4g}",
                f"{item.samples:,}",
            )
    return table


def _values(found: "History") -> dict[str, Any]:
    return {
        "runs": list(found.runs),
        "series": [
            {
                "metric": f"{series.card.id}.{series.metric}",
                "slice": dict(series.slice),
                "points": [
                    {"run": point.run, "started": point.started, "target": point.target,
                     "value": point.measurement.value, "low": point.measurement.interval.low,
                     "high": point.measurement.interval.high,
                     "samples": point.measurement.samples}
                    for point in series.points
                ],
            }
            for series in found.series
        ],
        "problems": list(found.problems),
    }  # fmt: skip
