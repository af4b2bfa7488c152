"""`vlaudit init`: writes a configuration to start from."""

from pathlib import Path
from typing import Annotated

import typer

from vlaudit.cli import options


def init(
    file: Annotated[Path, typer.Argument(metavar="[FILE]", help="Where to write it.")] = Path(
        "vlaudit.yaml"
    ),
    target: options.Model = None,
    data: options.Data = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Write a commented configuration, and beside it the schema that lets editors complete it."""
    import json

    from vlaudit.core.errors import InputError
    from vlaudit.reading.schema import schema
    from vlaudit.reading.starter import SCHEMA_FILE, starter

    if file.exists() and not force:
        raise InputError(f"{file}: exists; name another file, or replace it with --force")
    text = starter(model=target, source=_seen_from(file.parent, data))
    beside = file.parent / SCHEMA_FILE
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        beside.write_text(json.dumps(schema("config"), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file}: cannot be written ({error.strerror}); check folder") from None
    typer.echo(f"wrote {file} and {beside}")
    typer.echo(f"next: fill in the columns, then `vlaudit plan {file}` and `vlaudit run {file}`")


def _seen_from(folder: Path, data: str | None) -> str | None:
    """Return a path as it must stand in a file of `folder`; other names as they are."""
    import os

    if data is None or os.path.isabs(data) or not os.path.exists(data):
        return data
    return Path(os.path.relpath(data, folder)).as_posix()
