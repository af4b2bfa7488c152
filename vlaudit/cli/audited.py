"""Runs an audit in front of a person: bars while it runs, a table and the way on at the end."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from vlaudit.api import Result
    from vlaudit.runner import Observer


def run_and_exit(work: "Callable[[Observer], Result]", *, debug: bool) -> None:
    """Do `work` under an observer, print what came out, and exit with the policy's code."""
    from rich.console import Console

    from vlaudit.cli.progress import Bars

    with Bars(Console(stderr=True), debug=debug) as bars:
        result = work(bars)
    print_and_exit(result)


def print_and_exit(result: "Result") -> None:
    """Print the verdicts and where the documents lie; exit with the policy's code."""
    from vlaudit.cli.console import console
    from vlaudit.judge import exit_code
    from vlaudit.report import summary_table
    from vlaudit.report.tried import tally

    screen = console()
    screen.print(summary_table(result.evidence, result.judgement))
    tried = {item.rule: item.tried for item in result.judgement.verdicts if item.tried}
    if said := tally(result.evidence.self_checks, tried):
        screen.print(said, highlight=False, markup=False)
    for document in result.documents:
        screen.print(f"wrote {document}", highlight=False, soft_wrap=True)
    raise typer.Exit(exit_code(result.judgement))
