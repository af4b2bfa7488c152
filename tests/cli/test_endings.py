"""However a verb ends, its exit code says which kind of end it was."""

from typing import NoReturn

import pytest
import typer
from typer.testing import CliRunner

from vlaudit.cli.verbs import Verbs
from vlaudit.core.errors import EvidenceError, InputError, PolicyError, TargetError


def ending(error: BaseException) -> typer.Typer:
    """Return an application whose only verb ends with `error`."""
    app = typer.Typer(cls=Verbs, rich_markup_mode=None)

    @app.callback()
    def options(debug: bool = False) -> None:
        pass

    @app.command()
    def verb() -> NoReturn:
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError(["first", "second"]), 2, "error: first\nerror: second"),
        (PolicyError("no such rule"), 2, "error: no such rule"),
        (TargetError("no weights"), 4, "error: no weights"),
        (EvidenceError("disk full"), 4, "error: disk full"),
        (ValueError("a bug"), 4, "ValueError: a bug (see it with --debug)"),
        (KeyboardInterrupt(), 130, "vlaudit resume RUN"),
        (typer.Exit(3), 3, ""),
    ],
)
def test_an_end_has_its_exit_code(error: BaseException, code: int, said: str) -> None:
    done = CliRunner().invoke(ending(error), ["verb"])
    assert done.exit_code == code
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_usage_errors_end_with_two() -> None:
    assert CliRunner().invoke(ending(typer.Exit(0)), ["vreb"]).exit_code == 2
    assert CliRunner().invoke(ending(typer.Exit(0)), ["verb", "--nothing"]).exit_code == 2


def test_debug_shows_a_bug_whole() -> None:
    done = CliRunner().invoke(ending(ValueError("a bug")), ["--debug", "verb"])
    assert isinstance(done.exception, ValueError)
