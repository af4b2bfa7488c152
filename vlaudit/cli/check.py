"""`vlaudit check`: judges a run, for CI."""

from pathlib import Path
from typing import Annotated

import typer

from vlaudit.cli import options


def check(
    run: options.Run,
    policy: options.PolicyName = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", help="Earlier run: fail only on what became worse since."),
    ] = None,
) -> None:
    """Judge a run by a policy, without model or data; the exit code is the verdict.

    0: every rule that must hold passes, is attested or waived. 1: one fails. 3: none fails, but
    one is inconclusive or not measured. 2: the policy or the run cannot be used. With a baseline:
    1 when any metric or slice became worse beyond chance and margin, and 0 otherwise.
    """
    from datetime import UTC, datetime

    from vlaudit import api
    from vlaudit.cli.compare import changes_table, said
    from vlaudit.cli.console import console
    from vlaudit.compare import compare
    from vlaudit.evidence import load_run
    from vlaudit.judge import exit_code, judge
    from vlaudit.report import summary_table

    evidence = load_run(run)
    rules, framework = api.read_rules(evidence, policy)
    judgement = judge(evidence, rules, framework, today=datetime.now(UTC).date())
    console().print(summary_table(evidence, judgement))
    if baseline is None:
        raise typer.Exit(exit_code(judgement))
    found = compare(load_run(baseline), evidence, policy=rules)
    console().print(changes_table(found, every=False))
    for line in said(found):
        console().print(line, highlight=False, markup=False)
    raise typer.Exit(1 if found.harm else 0)
