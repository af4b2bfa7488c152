"""`vlaudit compare`: what one audit says of another."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vlaudit.cli import options

if TYPE_CHECKING:
    from rich.table import Table

    from vlaudit.compare import Change, Comparison

Before = Annotated[Path, typer.Argument(metavar="BEFORE", help="The earlier run, or baseline.")]
After = Annotated[Path, typer.Argument(metavar="AFTER", help="The later run.")]
MARGIN = 0.01
MOST_LISTED = 10


def compare(
    before: Before,
    after: After,
    policy: options.PolicyName = None,
    margin: Annotated[
        float, typer.Option("--margin", min=0, help="Share of a metric's range that is no change.")
    ] = MARGIN,
    every: Annotated[
        bool, typer.Option("--all", help="Show what stayed the same or cannot be told as well.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare two runs, row by row where they share rows: better, worse, same or cannot tell.

    Slices count too, so that a group that lost while the whole stayed the same is found. Exit
    code 1 when anything became worse beyond chance and margin.
    """
    import json

    from vlaudit import api
    from vlaudit.cli.console import console
    from vlaudit.compare import compare as compared
    from vlaudit.evidence import load_run

    old, new = load_run(before), load_run(after)
    rules, _ = api.read_rules(new, policy)
    found = compared(old, new, policy=rules, margin=margin)
    if as_json:
        typer.echo(json.dumps(as_values(found), indent=2))
    else:
        console().print(changes_table(found, every=every))
        for line in said(found):
            console().print(line, highlight=False, markup=False)
    raise typer.Exit(1 if found.harm else 0)


def as_values(found: "Comparison") -> dict[str, Any]:
    """Return a comparison as plain values."""
    return {
        "changes": [_values(item) for item in found.changes],
        "silent": [item.name for item in found.silent],
        "flips": [
            {"metric": item.metric, "rows": item.rows, "share": item.share,
             "low": item.interval.low, "high": item.interval.high}
            for item in found.flips
        ],
        "notes": list(found.notes),
    }  # fmt: skip


def _values(item: "Change") -> dict[str, Any]:
    return {
        "metric": item.metric, "slice": dict(item.slice), "before": item.before,
        "after": item.after, "low": item.change.low, "high": item.change.high,
        "paired": item.paired, "p_value": item.p_value, "outcome": str(item.outcome),
        "rules": list(item.rules),
    }  # fmt: skip


def changes_table(found: "Comparison", *, every: bool) -> "Table":
    """Return what changed as a table, the worst first; rules' metrics are always shown."""
    from rich.markup import escape
    from rich.table import Table

    from vlaudit.compare import Outcome

    order = list(Outcome)
    table = Table("outcome", "metric", "before", "after", "change", "rows", "rules", box=None)
    for item in sorted(found.changes, key=lambda item: (order.index(item.outcome), item.name)):
        told = item.outcome in (Outcome.WORSE, Outcome.BETTER)
        if not (told or every or (item.rules and not item.slice)):
            continue
        table.add_row(
            item.outcome,
            escape(item.name),
            f"{item.before:.4g}",
            f"{item.after:.4g}",
            f"{item.change.low:+.4g} to {item.change.high:+.4g}",
            "the same" if item.paired else "others",
            ", ".join(item.rules),
        )
    return table


def said(found: "Comparison") -> list[str]:
    """Return what the table does not say, in sentences."""
    lines = [
        f"{item.share:.1%} of {item.rows:,} rows were right and are wrong now "
        f"({item.interval.low:.1%} to {item.interval.high:.1%}): {item.metric}"
        for item in found.flips
    ]
    silent = found.silent
    lines += [f"silent regression: {item.name}, the whole not" for item in silent[:MOST_LISTED]]
    if len(silent) > MOST_LISTED:
        lines.append(f"and {len(silent) - MOST_LISTED} more silent regressions (see --json)")
    lines += [f"note: {note}" for note in found.notes]
    return lines
