"""`vlaudit import`: adds the results of other tools to a run."""

from pathlib import Path
from typing import Annotated

import typer

from vlaudit.cli import options


def import_results(
    run: options.Run,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILES...", help="What the tool wrote.", exists=True)
    ],
    format_name: Annotated[
        str,
        typer.Option("--format", help="garak, promptfoo, inspect, lmms-eval or modelscan."),
    ],
    policy: options.PolicyName = None,
) -> None:
    """Add the results of another tool to a run as measurements, and judge it anew.

    They get counts, intervals and names that rules can use, such as
    `adversarial.garak.attack_success`. Versions that are not known are refused.
    """
    from vlaudit import api
    from vlaudit.evidence import foreign
    from vlaudit.report.escape import visible

    found = foreign.import_results(run, files, format_name)
    for item in found.measurements:
        if not item.slice:
            low, high = item.interval.low, item.interval.high
            name = f"{found.card.id}.{item.metric}"
            typer.echo(f"{name} = {item.value:.4g} [{low:.4g}, {high:.4g}], {item.samples} samples")
    for note in found.notes:
        typer.echo(f"note: {visible(note)}")
    for document in api.conclude(run, policy=policy).documents:
        typer.echo(f"wrote {document}")
