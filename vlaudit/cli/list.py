"""`vlaudit list`: names what is installed."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vlaudit.core.probe import Card


def list_installed(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """List the installed probes, with what they need, and the shipped policies."""
    import json

    from vlaudit import registry
    from vlaudit.reading.policy import policy_names, read_policy

    cards = registry.cards()
    titles = {name: read_policy(name, cards=cards).title for name in policy_names()}
    if as_json:
        probes = [card.model_dump(mode="json") for card in cards.values()]
        typer.echo(json.dumps({"probes": probes, "policies": titles}, indent=2))
    else:
        _print(cards, titles)


def _print(cards: "Mapping[str, Card]", titles: "Mapping[str, Any]") -> None:
    from rich.console import Console
    from rich.table import Column, Table

    probes = Table(
        "risk", Column("probe", no_wrap=True), "what it shows; what it needs", title="Probes"
    )
    for card in cards.values():
        either = [" or ".join(card.needs_one_of)] if card.needs_one_of else []
        needs = ", ".join([*card.needs, *either, *card.data]) or "nothing"
        probes.add_row(card.risk, card.id, f"{card.title}\n[dim]needs {needs}[/dim]")
    policies = Table("policy", "title", title="Policies")
    for name, title in titles.items():
        policies.add_row(name, title)
    console = Console()
    console.print(probes)
    console.print(policies)
