"""`vlaudit check`: judges a run, for CI."""

import typer

from vlaudit.cli import options


def check(run: options.Run, policy: options.PolicyName = None) -> None:
    """Judge a run by a policy, without model or data; the exit code is the verdict.

    0: every rule that must hold passes, is attested or waived. 1: one fails. 3: none fails, but
    one is inconclusive or not measured. 2: the policy or the run cannot be used.
    """
    from datetime import UTC, datetime

    from vlaudit import api
    from vlaudit.cli.console import console
    from vlaudit.evidence import load_run
    from vlaudit.judge import exit_code, judge
    from vlaudit.report import summary_table

    evidence = load_run(run)
    rules, framework = api.read_rules(evidence, policy)
    judgement = judge(evidence, rules, framework, today=datetime.now(UTC).date())
    console().print(summary_table(evidence, judgement))
    raise typer.Exit(exit_code(judgement))
