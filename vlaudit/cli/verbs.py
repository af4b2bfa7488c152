"""How every verb ends: with an exit code that never lets a crash look like a verdict."""

import sys
from typing import Any

import typer
from typer.core import TyperGroup

USAGE = 2
TROUBLE = 4
INTERRUPTED = 130


class Verbs(TyperGroup):
    """Turns what a verb raises into a sentence and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb; 2 for bad input, 4 for trouble while running, 130 when interrupted."""
        from vlaudit.core.errors import InputError, VlauditError

        debug = bool(ctx.params.get("debug"))
        try:
            return super().invoke(ctx)
        except InputError as error:
            code, text = USAGE, "\n".join(f"error: {problem}" for problem in error.problems)
        except VlauditError as error:
            code, text = TROUBLE, f"error: {error}"
        except KeyboardInterrupt:
            code, text = (
                INTERRUPTED,
                "interrupted; a run that has begun goes on with `vlaudit resume RUN`",
            )
        except Exception as error:
            if hasattr(error, "exit_code") or isinstance(error, typer.Abort):
                raise
            code = TROUBLE
            text = f"error: vlaudit failed: {type(error).__name__}: {error} (see it with --debug)"
            if debug:
                raise
        typer.echo(text, err=True)
        raise typer.Exit(code)


def print_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from importlib.metadata import version

        typer.echo(f"vlaudit {version('vlaudit')} (Python {sys.version.split()[0]})")
        raise typer.Exit
