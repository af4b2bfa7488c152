"""`vlaudit resume`: goes on with a run that was interrupted."""

import typer

from vlaudit.cli import options


def resume(context: typer.Context, run: options.Run) -> None:
    """Measure what an interrupted run had not measured to its end, and judge the whole."""
    from vlaudit import api
    from vlaudit.cli.audited import run_and_exit

    run_and_exit(lambda observer: api.resume(run, observer=observer), debug=bool(context.obj))
