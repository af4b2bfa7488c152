"""`vlaudit card`: prints, updates and checks the card of a model or dataset."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vlaudit.cli import options

if TYPE_CHECKING:
    from vlaudit.report.page import Page


class Kind(StrEnum):
    """What a card is about."""

    MODEL = "model"
    DATASET = "dataset"


def card(
    kind_or_run: Annotated[
        str, typer.Argument(metavar="[KIND]", help="model or dataset; not needed with --check.")
    ],
    run: Annotated[
        Path | None, typer.Argument(metavar="RUN", help="Run folder, as `vlaudit run` names it.")
    ] = None,
    policy: options.PolicyName = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="File to write, such as README.md. Default: print it."),
    ] = None,
    words: Annotated[
        Path | None,
        typer.Option("--words", help="card.yaml: your words for what was not measured."),
    ] = None,
    update: Annotated[
        Path | None,
        typer.Option("--update", help="Card to renew: only its blocks of vlaudit change."),
    ] = None,
    check: Annotated[
        Path | None, typer.Option("--check", help="Card to hold against the run; 1 if it differs.")
    ] = None,
) -> None:
    """Print the Hugging Face card of the audited model or dataset, filled from a run.

    The run is judged anew, by its own policy unless another one is named. `--check CARD RUN`
    fails when a card and the evidence differ.
    """
    from vlaudit.core.errors import InputError
    from vlaudit.evidence.files import write_whole
    from vlaudit.report import card_blocks, card_words

    existing = check or update
    text = "" if existing is None else _read(existing)
    if run is None and check is not None:
        kind, folder = Kind(card_blocks.kind_of(text)), Path(kind_or_run)
    elif run is None or kind_or_run not in list(Kind):
        raise InputError("usage: vlaudit card model|dataset RUN, or vlaudit card --check CARD RUN")
    else:
        kind, folder = Kind(kind_or_run), run
    page = _page(folder, policy, as_judged=check is not None)
    if check is not None:
        _compared(card_blocks.differences(text, page, kind.value), check)
    if update is not None:
        text = card_blocks.updated(text, page, kind.value)
    else:
        text = card_blocks.PRINT[kind.value](page)
    if words is not None:
        text = card_words.with_words(text, card_words.read_words(words))
    place = output or update
    if place is None:
        typer.echo(text, nl=False)
        return
    said, places = card_words.completeness(text)
    typer.echo(f"wrote {write_whole(place, text)}: {said} of {places} places say something")


def _page(run: Path, policy: str | None, *, as_judged: bool) -> "Page":
    """Return a run, judged now, or on the day that it was judged last."""
    from datetime import UTC, datetime

    from vlaudit import api
    from vlaudit.evidence import load_run
    from vlaudit.evidence.terms import read_terms
    from vlaudit.judge import judge
    from vlaudit.reading.framework import read_framework
    from vlaudit.report.page import compose

    evidence = load_run(run)
    if as_judged and policy is None and (run / "policy.json").is_file():
        terms = read_terms(run)
        rules, framework = terms.policy, read_framework(terms.policy.framework)
        today = terms.day
    else:
        rules, framework = api.read_rules(evidence, policy)
        today = datetime.now(UTC).date()
    return compose(evidence, judge(evidence, rules, framework, today=today), rules, framework)


def _compared(found: list[str], card: Path) -> None:
    """Print where a card differs, and end."""
    for line in found:
        typer.echo(f"differs: {line}")
    if not found:
        typer.echo(f"{card} says what was measured")
    raise typer.Exit(1 if found else 0)


def _read(path: Path) -> str:
    from vlaudit.core.errors import InputError

    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
