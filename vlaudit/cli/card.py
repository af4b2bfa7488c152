"""`vlaudit card`: prints the card of a model or dataset from a run."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vlaudit.cli import options


class Kind(StrEnum):
    """What a card is about."""

    MODEL = "model"
    DATASET = "dataset"


def card(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help="model or dataset.")],
    run: options.Run,
    policy: options.PolicyName = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="File to write, such as README.md. Default: print it."),
    ] = None,
) -> None:
    """Print the Hugging Face card of the audited model or dataset, filled from a run.

    The run is judged anew, by its own policy unless another one is named.
    """
    from datetime import UTC, datetime

    from vlaudit import api
    from vlaudit.evidence import load_run
    from vlaudit.evidence.files import write_whole
    from vlaudit.judge import judge
    from vlaudit.report import document

    evidence = load_run(run)
    rules, framework = api.read_rules(evidence, policy)
    judgement = judge(evidence, rules, framework, today=datetime.now(UTC).date())
    text = document(f"{kind}_card.md", evidence, judgement, rules, framework)
    if output is None:
        typer.echo(text, nl=False)
    else:
        typer.echo(f"wrote {write_whole(output, text)}")
