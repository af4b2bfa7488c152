"""`vlaudit export`: writes a run in the formats of other tools."""

from pathlib import Path
from typing import Annotated

import typer

from vlaudit.cli import options

PRINTED = Path("-")


def export(
    run: options.Run,
    formats: Annotated[
        list[str],
        typer.Option(
            "--format",
            help="sarif, junit, markdown, cyclonedx, cyclonedx-1.6, oscal, oscal-catalog, "
            "croissant, avid, in-toto, csv, json or that of a plug-in; may be repeated.",
        ),
    ],
    policy: options.PolicyName = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="Folder, or - to print. Default: the run folder."),
    ] = None,
) -> None:
    """Write a run in the formats of other tools, without model or data.

    The run is judged anew, by its own policy unless another one is named. The exit code says
    nothing about the verdicts; that is what `vlaudit check` is for.
    """
    from datetime import UTC, datetime

    from vlaudit import api
    from vlaudit.evidence import load_run, write_manifest
    from vlaudit.evidence.files import write_whole
    from vlaudit.judge import judge
    from vlaudit.report.exchange import JudgedRun
    from vlaudit.report.exports import exporter

    wanted = [exporter(name) for name in dict.fromkeys(formats)]
    evidence = load_run(run)
    rules, framework = api.read_rules(evidence, policy)
    judgement = judge(evidence, rules, framework, today=datetime.now(UTC).date())
    judged = JudgedRun(evidence, judgement, rules, framework)
    for each in wanted:
        text = each.export(judged)
        if output == PRINTED:
            typer.echo(text, nl=False)
        else:
            typer.echo(f"wrote {write_whole((output or run) / each.file, text)}")
    if output is None:
        write_manifest(run)
