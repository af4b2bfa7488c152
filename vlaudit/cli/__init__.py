"""The command line: one file a verb, each a thin door to a function of the Python API."""

from typing import Annotated

import typer

from vlaudit.cli.advise import advise
from vlaudit.cli.card import card
from vlaudit.cli.check import check
from vlaudit.cli.clean import clean
from vlaudit.cli.compare import compare
from vlaudit.cli.demo import demo
from vlaudit.cli.export import export
from vlaudit.cli.history import history
from vlaudit.cli.imports import import_results
from vlaudit.cli.init import init
from vlaudit.cli.list import list_installed
from vlaudit.cli.plan import plan
from vlaudit.cli.policy import app as policy
from vlaudit.cli.redact import redact
from vlaudit.cli.report import report
from vlaudit.cli.resume import resume
from vlaudit.cli.run import run
from vlaudit.cli.schema import schema
from vlaudit.cli.selftest import selftest
from vlaudit.cli.sign import sign
from vlaudit.cli.verbs import Verbs, print_version
from vlaudit.cli.verify import verify


def build() -> typer.Typer:
    """Return the application with all its verbs."""
    app = typer.Typer(cls=Verbs, no_args_is_help=True, add_completion=False, rich_markup_mode=None)
    app.callback()(_main_options)
    for verb in (demo, init, plan, run, resume, check, report, card, export, compare, history):
        app.command()(verb)
    app.command()(advise)
    app.command()(clean)
    app.command()(redact)
    app.command("list")(list_installed)
    app.add_typer(policy, name="policy")
    app.command()(schema)
    app.command()(selftest)
    app.command("import")(import_results)
    app.command()(sign)
    app.command()(verify)
    return app


def _main_options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks whole.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=print_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Audit vision-language models and their data, and judge the evidence against a policy.

    Exit codes: 0 every rule that must hold passes; 1 one fails; 2 configuration, policy or
    arguments cannot be used; 3 nothing failed, but a rule is inconclusive or not measured;
    4 the audit could not be completed; 130 interrupted.
    """
    context.obj = debug


def main() -> None:
    """Run the command line."""
    build()()
