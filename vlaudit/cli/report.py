"""`vlaudit report`: prints the documents of a run."""

from pathlib import Path
from typing import Annotated

import typer

from vlaudit.cli import options


def report(
    run: options.Run,
    policy: options.PolicyName = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="Folder for the documents. Default: the run folder."),
    ] = None,
) -> None:
    """Write report.html, report.md and the cards of a run, without model or data.

    The run is judged anew, by its own policy unless another one is named.
    """
    from vlaudit import api

    result = api.conclude(run, policy=policy, output=output)
    for document in result.documents:
        typer.echo(f"wrote {document}")
