"""`vlaudit demo`: audits a bundled reference model on the bundled reference dataset."""

from typing import Annotated

import typer

from vlaudit.cli import options


def demo(
    context: typer.Context,
    target: Annotated[
        str,
        typer.Option(
            "--target",
            help="flawed (planted flaws), clean (none), or captioner (writes; needs vlaudit[hf]).",
        ),
    ] = "flawed",
    output: Annotated[str, typer.Option("--output", help="Folder for run folders.")] = "runs",
    threads: options.Threads = None,
    self_check: options.SelfCheck = None,
    set: options.Sets = None,
) -> None:
    """Audit a bundled model on bundled pictures; needs no network and no configuration.

    The exit code is that of any audit: a model with planted flaws fails its policy, so it is 1.
    """
    from pathlib import Path

    from vlaudit import api
    from vlaudit.cli.audited import run_and_exit
    from vlaudit.cli.configuration import settings
    from vlaudit.demo import config_file
    from vlaudit.reading.config import read_config

    flags = {"output": output, "target.threads": threads, "self_check": self_check}
    wanted = settings(set or ()) | {k: value for k, value in flags.items() if value is not None}
    config = read_config(config_file(target), overrides=wanted)
    run_and_exit(
        lambda observer: api.audit(config, base=Path(), observer=observer),
        debug=bool(context.obj),
    )
