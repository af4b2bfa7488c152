"""`vlaudit policy`: reads policies before anything is judged by them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from vlaudit.core.policy import Control, Policy, Rule

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
    from vlaudit.reading.policy import notices, read_policy

    cards = registry.cards()
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
    for word in read.attestations:
        words = f"{word.control}, by {word.owner}: {word.statement}"
        typer.echo(f"\nattested until {word.until}: {words}")


@app.command()
def coverage(policy: Name = "release", as_json: AsJson = False) -> None:
    """Print for every control of the framework which metrics a policy holds against it."""
    import json

    from vlaudit.reading.framework import read_framework

    read = _read(policy)
    controls = read_framework(read.framework).controls
    if as_json:
        typer.echo(json.dumps([_covered(control, read) for control in controls], indent=2))
    else:
        _print_coverage(read, [_covered(control, read) for control in controls])


def _read(name: str) -> "Policy":
    from vlaudit import registry
    from vlaudit.reading.policy import read_policy

    return read_policy(name, cards=registry.cards())


def _described(rule: "Rule", *, gated: bool) -> str:
    from vlaudit.judge import limit_text

    needed = [f"at least {rule.requires.samples:,} samples"] if rule.requires.samples > 1 else []
    needed += [f"{name} {value}" for name, value in rule.requires.settings.items()]
    where = " in each slice" if rule.over == "each_slice" else ""
    lines = [
        f"\n{rule.id} ({rule.severity}{', decides the exit code' if gated else ''})",
        f"  {rule.metric} {limit_text(rule)}{where}",
        f"  applies   {f'when {rule.when}' if rule.when else 'always'}",
        f"  requires  {', '.join(needed) or 'nothing'}",
        f"  controls  {', '.join(rule.controls)}",
        f"  because   {rule.because}",
        f"  number    {rule.origin.kind}: {rule.origin.text}",
    ]
    return "\n".join(lines)


def _covered(control: "Control", policy: "Policy") -> dict[str, Any]:
    rules = [rule for rule in policy.rules if control.id in rule.controls]
    attested = [word for word in policy.attestations if word.control == control.id]
    return {
        "control": control.id,
        "title": control.title,
        "kind": control.kind,
        "actions": list(control.actions),
        "rules": [rule.id for rule in rules],
        "metrics": [rule.metric for rule in rules],
        "attested_until": max((str(word.until) for word in attested), default=None),
    }


def _print_coverage(policy: "Policy", rows: "list[dict[str, Any]]") -> None:
    from rich.console import Console
    from rich.table import Column, Table

    table = Table(
        Column("control", no_wrap=True),
        Column("kind", no_wrap=True),
        Column("what it asks for", ratio=1),
        Column("metrics held against it", overflow="fold", ratio=1),
        title=policy.title,
    )
    for row in rows:
        held = "\n".join(row["metrics"])
        if row["attested_until"]:
            held = f"{held}\nattested until {row['attested_until']}".strip()
        table.add_row(row["control"], row["kind"], row["title"], held or "-")
    console = Console()
    console.print(table)
    concerned = sum(bool(row["metrics"]) for row in rows)
    attested = sum(bool(row["attested_until"]) for row in rows)
    console.print(
        f"{concerned} of {len(rows)} controls have a rule, {attested} an attestation; the others "
        "are reported as not measured"
    )
