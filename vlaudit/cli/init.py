"""`vlaudit init`: writes a configuration to start from."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vlaudit.cli import options

if TYPE_CHECKING:
    from vlaudit.data.propose import Proposal


def init(
    file: Annotated[Path, typer.Argument(metavar="[FILE]", help="Where to write it.")] = Path(
        "vlaudit.yaml"
    ),
    target: options.Model = None,
    data: options.Data = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Write a commented configuration, with the columns that the data seem to have.

    Beside it goes the schema that lets editors complete it.
    """
    import json

    from vlaudit.core.errors import InputError
    from vlaudit.reading.schema import schema
    from vlaudit.reading.starter import SCHEMA_FILE, starter

    if file.exists() and not force:
        raise InputError(f"{file}: exists; name another file, or replace it with --force")
    source = _seen_from(file.parent, data)
    found = _proposed(source, file.parent)
    text = starter(
        model=target,
        source=source,
        columns=found.columns if found else None,
        evaluate_on=found.evaluate_on if found else None,
        candidates=found.candidates if found else None,
    )
    beside = file.parent / SCHEMA_FILE
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        beside.write_text(json.dumps(schema("config"), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file}: cannot be written ({error.strerror}); check folder") from None
    typer.echo(f"wrote {file} and {beside}")
    for line in _said(found) if found else ():
        typer.echo(line)
    todo = "check the columns" if found else "fill in the columns"
    typer.echo(f"next: {todo}, then `vlaudit plan {file}` and `vlaudit run {file}`")


def _proposed(source: str | None, folder: Path) -> "Proposal | None":
    """Look into data that are at hand; a name of the hub is not downloaded for a proposal."""
    import glob
    import os

    from vlaudit.core.errors import InputError
    from vlaudit.data.propose import propose

    if source is None:
        return None
    # The folder of the new file may not exist yet, and then `..` leads nowhere.
    base = Path(os.path.abspath(folder))
    place = os.path.normpath(base / source)
    if not (os.path.exists(place) or glob.has_magic(source) or "://" in source):
        if os.path.isabs(source) or source.startswith("."):
            raise InputError(f"{source}: no such file or folder; check the path")
        typer.echo(f"note: {place} does not exist: {source} is taken for a name", err=True)
        return None
    try:
        return propose(source if "://" in source else place, base=base)
    except InputError as error:
        for problem in error.problems:
            typer.echo(f"note: no columns are proposed: {problem}", err=True)
        return None


def _said(found: "Proposal") -> list[str]:
    given = {role: name for role, name in found.columns.model_dump().items() if name}
    lines = [f"found {found.rows:,} rows"]
    lines += [
        f"  {role:<9} {name if isinstance(name, str) else ', '.join(name)}"
        for role, name in given.items()
    ]
    lines += [
        f"  could be groups too: {name} ({', '.join(values)})"
        for name, values in found.candidates.items()
    ]
    return [*lines, *(f"  note: {note}" for note in found.notes)]


def _seen_from(folder: Path, data: str | None) -> str | None:
    """Return a path as it must stand in a file of `folder`; other names as they are."""
    import os

    if data is None or os.path.isabs(data) or not os.path.exists(data):
        return data
    return Path(os.path.relpath(data, folder)).as_posix()
