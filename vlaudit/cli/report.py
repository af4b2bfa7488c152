"""`vlaudit report`: prints the documents of a run."""

from pathlib import Path
from typing import Annotated

import typer

from vlaudit.cli import options


def report(
    run: options.Run,
    policy: options.PolicyName = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="Folder for the documents. Default: the run folder."),
    ] = None,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Write report.pdf too (pip install 'vlaudit[pdf]').")
    ] = False,
    templates: Annotated[
        Path | None,
        typer.Option(
            "--templates",
            exists=True,
            file_okay=False,
            help="Folder of templates to use in place of those of the same name.",
        ),
    ] = None,
    mlflow: Annotated[
        str | None,
        typer.Option("--mlflow", metavar="URL", help="Log the run to this MLflow server too."),
    ] = None,
) -> None:
    """Write report.html, report.md and the cards of a run, without model or data.

    The run is judged anew, by its own policy unless another one is named.
    """
    from vlaudit import api
    from vlaudit.report import Printed

    printed = Printed(pdf=pdf, templates=templates)
    result = api.conclude(run, policy=policy, output=output, printed=printed)
    for document in result.documents:
        typer.echo(f"wrote {document}")
    if mlflow is not None:
        from vlaudit.report.exchange import JudgedRun
        from vlaudit.report.mlflow_log import log_run

        rules, framework = api.read_rules(result.evidence, policy)
        judged = JudgedRun(result.evidence, result.judgement, rules, framework)
        typer.echo(f"logged to {mlflow} as run {log_run(judged, mlflow)}")
