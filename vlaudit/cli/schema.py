"""`vlaudit schema`: prints a JSON Schema."""

from typing import Annotated

import typer


def schema(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="config, policy, framework, probe or audit.")
    ],
) -> None:
    """Print the JSON Schema of a file that vlaudit reads or writes, for editors and programs."""
    import json

    from vlaudit.reading.schema import schema as schema_of

    typer.echo(json.dumps(schema_of(name), indent=2, ensure_ascii=False))
