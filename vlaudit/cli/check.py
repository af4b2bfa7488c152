"""`vlaudit check`: judges a run, for CI."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vlaudit.cli import options

if TYPE_CHECKING:
    from vlaudit.compare import Comparison
    from vlaudit.report.exchange import JudgedRun


class Shape(StrEnum):
    """How the verdicts are printed."""

    TABLE = "table"
    GITHUB = "github"


def check(
    run: options.Run,
    policy: options.PolicyName = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline", help="Earlier run or baseline file: fail only on what became worse."
        ),
    ] = None,
    write_baseline: Annotated[
        Path | None,
        typer.Option("--write-baseline", help="Write the run as a baseline file to commit."),
    ] = None,
    shape: Annotated[
        Shape, typer.Option("--format", help="table, or github: annotations of a workflow.")
    ] = Shape.TABLE,
) -> None:
    """Judge a run by a policy, without model or data; the exit code is the verdict.

    0: every rule that must hold passes, is attested or waived. 1: one fails. 3: none fails, but
    one is inconclusive or not measured. 2: the policy or the run cannot be used. With a baseline:
    1 when any metric or slice became worse beyond chance and margin, and 0 otherwise.
    """
    from datetime import UTC, datetime

    from vlaudit import api
    from vlaudit.compare import compare
    from vlaudit.evidence import baseline as baselines
    from vlaudit.evidence import load_run
    from vlaudit.judge import exit_code, judge
    from vlaudit.report.exchange import JudgedRun

    evidence = load_run(run)
    rules, framework = api.read_rules(evidence, policy)
    judgement = judge(evidence, rules, framework, today=datetime.now(UTC).date())
    _print_verdicts(JudgedRun(evidence, judgement, rules, framework), shape)
    if write_baseline is not None:
        typer.echo(f"wrote {baselines.write_baseline(run, write_baseline)}")
    if baseline is None:
        raise typer.Exit(exit_code(judgement))
    with baselines.opened(baseline) as earlier:
        found = compare(load_run(earlier), evidence, policy=rules)
    _print_changes(found, shape)
    raise typer.Exit(1 if found.harm else 0)


def _print_verdicts(run: "JudgedRun", shape: Shape) -> None:
    from vlaudit.cli.console import console
    from vlaudit.report import summary_table
    from vlaudit.report.annotations import annotations

    if shape is Shape.TABLE:
        console().print(summary_table(run.evidence, run.judgement))
    for line in annotations(run) if shape is Shape.GITHUB else ():
        typer.echo(line)


def _print_changes(found: "Comparison", shape: Shape) -> None:
    from vlaudit.cli.compare import changes_table, said
    from vlaudit.cli.console import console
    from vlaudit.report.annotations import changes

    if shape is Shape.TABLE:
        console().print(changes_table(found, every=False))
        for line in said(found):
            console().print(line, highlight=False, markup=False)
    for line in changes(found) if shape is Shape.GITHUB else ():
        typer.echo(line)
