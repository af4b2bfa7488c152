"""`vlaudit advise`: what is known to help against the rules that fail."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vlaudit.cli import options

if TYPE_CHECKING:
    from collections.abc import Collection

    from rich.table import Table

    from vlaudit.advice import Advice, Figure, Trial, Tried
    from vlaudit.core.audit import Evidence


def advise(
    run: options.Run,
    policy: options.PolicyName = None,
    attempt: Annotated[
        bool, typer.Option("--try/--no-try", help="Try remedies that need no training.")
    ] = True,
    retrain: Annotated[
        bool,
        typer.Option("--retrain", help="Teach small models with and without poisoned pairs."),
    ] = False,
) -> None:
    """Say what is known to help against each failing rule, and try what needs no training.

    Remedies are fitted on one half of the rows and measured on the other. Model and data of the
    run are loaded again for that; with --no-try neither is needed.
    """
    from datetime import UTC, datetime

    from vlaudit import advice, api
    from vlaudit.cli.console import console
    from vlaudit.evidence import load_run
    from vlaudit.judge import judge

    evidence = load_run(run)
    rules, framework = api.read_rules(evidence, policy)
    judgement = judge(evidence, rules, framework, today=datetime.now(UTC).date())
    on = (
        _trial(evidence)
        if attempt and any(v.status == "fail" for v in judgement.verdicts)
        else None
    )
    shown: set[str] = set()
    for item in advice.advise(judgement, on, train=retrain):
        for line in said(item, known=shown):
            console().print(line, highlight=False, markup=False)
        for tried in item.tried:
            if tried.effects and tried.remedy.title not in shown:
                console().print(effects_table(tried))
        shown |= {tried.remedy.title for tried in item.tried}
    if on is not None:
        size = len(on.held_out)
        typer.echo(
            f"tried on {size:,} held-out rows; fitted, where anything is, on {len(on.fit):,}"
        )
    elif all(verdict.status != "fail" for verdict in judgement.verdicts):
        typer.echo("no rule fails")


def _trial(evidence: "Evidence") -> "Trial":
    """Load model and data of the run again.

    Raises:
        InputError: either has changed since.
    """
    import numpy as np

    from vlaudit import advice
    from vlaudit.cli.console import console
    from vlaudit.cli.progress import Bars
    from vlaudit.core.errors import InputError
    from vlaudit.prepare import load_subject, prepare

    audit = evidence.audit
    base = Path(audit.base)
    subject = load_subject(audit.config, base=base)
    if subject.target.facts.fingerprint != audit.target.fingerprint:
        raise InputError(f"{evidence.folder}: the model has changed since; advise with --no-try")
    if subject.data.digest != audit.dataset.digest:
        raise InputError(f"{evidence.folder}: the data has changed since; advise with --no-try")
    with Bars(console()) as bars:
        bench = prepare(subject, audit.config, base=base, observer=bars).bench
    rng = np.random.default_rng(audit.config.seed)
    flagged = frozenset(
        item.row
        for items in evidence.findings.values()
        for item in items
        if item.kind == "poisoned_pair" and item.row is not None
    )
    return advice.trial(
        bench.target, bench.features, bench.evaluation, rng=rng, whole=bench.data, flagged=flagged
    )


def said(item: "Advice", *, known: "Collection[str]" = ()) -> list[str]:
    """Return a failing rule, and what may help, in sentences; remedies `known` by title only."""
    verdict = item.verdict
    lines = [f"\n{verdict.title or verdict.rule} fails: {verdict.because}"]
    if not item.tried:
        lines.append("  no remedy is known here; findings of the run name what to look at")
    if again := [tried.remedy.title for tried in item.tried if tried.remedy.title in known]:
        lines.append(f"  as above: {', '.join(again)}")
    for tried in item.tried:
        remedy = tried.remedy
        if remedy.title in known:
            continue
        lines.append(f"  {remedy.title}: {remedy.words} ({', '.join(remedy.cites)})")
        if tried.untried:
            lines.append(f"    not tried: {tried.untried}")
    return lines


def effects_table(tried: "Tried") -> "Table":
    """Return what a remedy did on held-out rows, as a table."""
    from rich.table import Table

    columns = (tried.remedy.title, "before", "after", "samples")
    table = Table(*columns, box=None, title_justify="left")
    for effect in tried.effects:
        figures = (_figure(effect.before), _figure(effect.after))
        table.add_row(effect.what, *figures, f"{effect.samples:,}")
    return table


def _figure(figure: "Figure") -> str:
    ends = figure.interval
    return f"{figure.value:.3f} ({ends.low:.3f} to {ends.high:.3f})"
