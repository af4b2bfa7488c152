"""`vlaudit clean`: a copy of a dataset without the rows that a run has flagged."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vlaudit.cli import options


class Action(StrEnum):
    """What happens to flagged rows."""

    DROP = "drop"
    MARK = "mark"


def clean(
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET", help="What was audited: file, folder, hub name or reference:NAME."
        ),
    ],
    run: options.Run,
    output: Annotated[Path, typer.Option("--output", help="New folder for the copy.")],
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            help="Kind of finding whose rows to take, such as near_duplicate; repeat for several. "
            "Default: all that a row can be left out for.",
        ),
    ] = None,
    action: Annotated[
        Action, typer.Option("--action", help="drop the rows, or mark them in a new column.")
    ] = Action.DROP,
) -> None:
    """Write a copy of a dataset without, or with marks on, the rows that a run has flagged.

    The dataset itself is never changed. A manifest.json beside the copy says what was done to which
    row, and why. Of rows that copy each other the first is kept.
    """
    import tempfile

    from vlaudit.clean import flagged, matching_config, reasons_said
    from vlaudit.data.original import open_original
    from vlaudit.data.rewrite import write_copy
    from vlaudit.demo import data_files
    from vlaudit.evidence import load_run

    evidence = load_run(run)
    reasons = flagged(evidence, kinds or [])
    config, base = matching_config(evidence, dataset)
    with tempfile.TemporaryDirectory(prefix="vlaudit-") as cache:
        original = open_original(config, base=base, cache=Path(cache), reference=data_files)
        edits = reasons_said(original, reasons, evidence, drop=action is Action.DROP)
        about = {"run": evidence.audit.stamp.run, "action": action.value, "kinds": sorted(
            {kind for found in reasons.values() for kind, _ in found}
        )}  # fmt: skip
        copied = write_copy(original, edits.get, output, about=about)
    done = ", ".join(f"{count} {what}" for what, count in copied.actions.items()) or "none changed"
    typer.echo(f"wrote {copied.folder}: {copied.rows} rows ({done})")
