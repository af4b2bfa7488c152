"""`vlaudit verify`: checks a run folder against itself and its signature."""

from pathlib import Path
from typing import Annotated

import typer

from vlaudit.cli import options


def verify(
    run: options.Run,
    key: Annotated[
        Path | None, typer.Option("--key", help="Public key (PEM) that must have signed the run.")
    ] = None,
) -> None:
    """Check that a run is as it was judged, without model, data or network.

    Every file is held against its digest, every verdict is recomputed from its measurement by the
    policy that was kept, and the signature must be by the key and over all of it. 0: everything
    holds. 1: something was changed. 3: something could not be checked.
    """
    from vlaudit.report.verification import State
    from vlaudit.report.verification import verify as verified

    checks = verified(run, key=key)
    for check in checks:
        typer.echo(f"{check.state:8}{check.name}: {check.detail}")
    states = {check.state for check in checks}
    if State.BROKEN in states:
        raise typer.Exit(1)
    raise typer.Exit(3 if State.OPEN in states else 0)
