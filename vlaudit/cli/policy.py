"""`vlaudit policy`: reads policies before anything is judged by them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vlaudit.core.policy import Policy, Rule

app = typer.Typer(no_args_is_help=True, help="Check, show and map policies.")

Name = Annotated[
    str, typer.Argument(metavar="[POLICY]", help="Name of a shipped policy, or a YAML file.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@app.command()
def validate(policy: Name = "release") -> None:
    """Resolve every name in a policy and report every problem with its file and line.

    Exit code 2 when there is one. What has expired or can never pass is said, and is no problem.
    """
    from datetime import UTC, datetime

    from vlaudit import registry
    from vlaudit.evidence import foreign
    from vlaudit.reading.policy import notices, read_policy

    cards = {**registry.cards(), **foreign.cards()}
    read = read_policy(policy, cards=cards)
    for notice in notices(read, cards, today=datetime.now(UTC).date()):
        typer.echo(f"note: {notice}")
    controls = {control for rule in read.rules for control in rule.controls}
    typer.echo(
        f"{policy}: {len(read.rules)} rules on {len(controls)} controls of {read.framework}; valid"
    )


@app.command()
def show(policy: Name = "release", as_json: AsJson = False) -> None:
    """Print the rules of a policy, with limit, severity and where each number comes from."""
    read = _read(policy)
    if as_json:
        typer.echo(read.model_dump_json(indent=2))
        return
    typer.echo(f"{read.title} ({read.id}), over {read.framework}")
    typer.echo(f"severities that decide the exit code: {', '.join(read.gate) or 'none'}")
    for rule in read.rules:
        typer.echo(_described(rule, gated=rule.severity in read.gate))
    for waiver in read.waivers:
        words = f"{waiver.rule}, by {waiver.owner}: {waiver.reason}"
        typer.echo(f"\nwaived until {waiver.expires}: {words}")
    for gap in read.missing:
        typer.echo(f"\nno rule on {gap.id}: {gap.because}")
    for word in read.attestations:
        words = f"{word.control}, by {word.owner}: {word.statement}"
        typer.echo(f"\nattested until {word.until}: {words}")


@app.command()
def coverage(
    policy: Name = "release",
    run: Annotated[
        Path | None, typer.Option("--run", help="Say what this run is evidence of.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", help="Read by another framework, such as eu_ai_act or avid."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print for every control of the framework which metrics a policy holds against it.

    With a run: whether each is evidenced, refuted, undecided, attested or not measured, and why.
    """
    import json

    from vlaudit.cli.console import console
    from vlaudit.cli.coverage import coverage_rows, coverage_table

    read = _read(policy)
    rows = coverage_rows(read, run=run, by=by)
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for part in coverage_table(read, rows):
        console().print(part)


def _read(name: str) -> "Policy":
    from vlaudit import registry
    from vlaudit.evidence import foreign
    from vlaudit.reading.policy import read_policy

    return read_policy(name, cards={**registry.cards(), **foreign.cards()})


def _described(rule: "Rule", *, gated: bool) -> str:
    from vlaudit.judge import limit_text

    needed = [f"at least {rule.requires.samples:,} samples"] if rule.requires.samples > 1 else []
    if rule.requires.group_samples is not None:
        needed += [f"at least {rule.requires.group_samples:,} samples of every group"]
    needed += [f"a target that {ability}" for ability in rule.requires.target]
    needed += [f"{name} {value}" for name, value in rule.requires.settings.items()]
    where = " in each slice" if rule.over == "each_slice" else ""
    lines = [
        f"\n{rule.id} ({rule.severity}{', decides the exit code' if gated else ''})",
        f"  {rule.metric} {limit_text(rule)}{where}",
        f"  applies   {f'when {rule.when}' if rule.when else 'always'}",
        f"  requires  {', '.join(needed) or 'nothing'}",
        f"  controls  {', '.join(rule.controls)}",
        f"  covers    {', '.join(rule.covers) or 'nothing of the catalogue'}",
        f"  because   {rule.because}",
        f"  number    {rule.origin.kind}: {rule.origin.text}",
    ]
    return "\n".join(lines)
