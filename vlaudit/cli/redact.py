"""`vlaudit redact`: writes a copy of a dataset without the personal data that can be found."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vlaudit.cli import options

if TYPE_CHECKING:
    from vlaudit.core.audit import Evidence
    from vlaudit.redact import Left, Redacted

RECALL = {
    "captions": ("privacy.pii_in_captions", "recall_on_planted"),
    "writing in pictures": ("privacy.pii_in_pixels", "recall_on_planted"),
}


def redact(
    data: Annotated[
        str, typer.Argument(metavar="DATASET", help="Folder, file, glob or hub name of the data.")
    ],
    run: options.Run,
    output: Annotated[Path, typer.Option("--output", help="Folder to write; must not exist.")],
    pixels: Annotated[
        bool,
        typer.Option(
            "--pixels/--no-pixels", help="Read every picture and cover what is written on it."
        ),
    ] = True,
) -> None:
    """Write a masked copy of a dataset: captions, names, writing in pictures, metadata of files.

    The run says which column is which, and what is personal here. The source is never changed. The
    copy is searched again, and what is still found is printed.
    """
    import tempfile

    from rich.console import Console

    from vlaudit import redact as redaction
    from vlaudit.cli.progress import Bars
    from vlaudit.detect.ocr import load
    from vlaudit.evidence import load_run

    evidence = load_run(run)
    reader = load() if pixels else None
    with tempfile.TemporaryDirectory(prefix="vlaudit-") as kept, Bars(Console(stderr=True)) as bars:
        cache = Path(kept)
        bars.begin("copy", "Writing the copy")
        done = redaction.redact(
            data, evidence, output, base=Path(), cache=cache, reader=reader, progress=bars.advance
        )
        bars.end("written")
        bars.begin("search", "Searching the copy")
        tool = redaction.scanner_of(evidence)
        left = redaction.search(done.config, tool, reader, bars.advance, cache=cache / "copy")
        bars.end("searched")
    _print(done, left, evidence, pixels=pixels)


def _print(
    done: "Redacted", left: "Mapping[str, Left]", evidence: "Evidence", *, pixels: bool
) -> None:
    """Say what was taken out, what a second search finds, and what nobody looked at."""
    copied = done.copied
    changed = copied.actions.get("changed", 0)
    typer.echo(f"{changed} of {copied.rows} rows changed")
    for name, count in sorted(done.counts.items()):
        if count:
            typer.echo(f"  {count:>8}  {name}")
    typer.echo("still found in the copy:")
    for name, rest in left.items():
        share = 1000 * rest.found / max(rest.rows, 1)
        typer.echo(f"  {rest.found:>8}  of {rest.rows} {name} ({share:.2f} per 1,000)")
        if (recall := _recall(evidence, name)) is not None:
            typer.echo(
                f"            the search found {recall:.0%} of what the run planted to try it"
            )
    if not pixels:
        typer.echo("pictures were not read: what is written on them is still there")
    if done.untouched:
        typer.echo(f"copied as they are: {', '.join(done.untouched)}")
    typer.echo("faces, and what the searches miss, are still there; read before you share it")
    typer.echo(f"wrote {copied.folder}")


def _recall(evidence: "Evidence", searched: str) -> float | None:
    """Return the recall that the run measured, or None where it did not."""
    probe, metric = RECALL.get(searched, ("", ""))
    for found in evidence.measurements.get(probe, ()):
        if found.metric == metric and not found.slice:
            return found.value
    return None
