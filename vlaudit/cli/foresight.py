"""What the rules of a policy can decide on the data at hand."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from vlaudit.core.audit import PlannedProbe
    from vlaudit.core.dataset import Dataset
    from vlaudit.core.policy import Policy


def rules_table(
    policy: "Policy", planned: "Sequence[PlannedProbe]", data: "Dataset", evaluation: "Dataset"
) -> "Table":
    """Return for every rule on how many samples it will rest and what those can show."""
    from rich.markup import escape
    from rich.table import Column, Table

    from vlaudit.judge import limit_text
    from vlaudit.judge.foresight import foresee

    table = Table(
        "rule", "limit", Column("samples", justify="right"), "fails from about",
        Column("to pass", justify="right"), "on this data",
        title=escape(f"Rules of {policy.id}: what this data can decide"), box=None,
    )  # fmt: skip
    probes = {probe.card.id: probe for probe in planned}
    parts = {"all": data, "evaluation": evaluation}
    for rule in policy.rules:
        probe = probes.get(rule.probe)
        if probe is None:
            continue
        rows = parts[probe.card.rows]
        groups = {name: Counter(filter(None, rows.groups(name))) for name in rows.columns.groups}
        said = foresee(rule, probe, rows=len(rows), groups=groups)
        table.add_row(
            rule.id,
            limit_text(rule),
            f"{said.samples:,}",
            "" if said.fails_from is None else f"{said.fails_from:.3g}",
            "" if said.needed is None else f"{said.needed:,}",
            escape(said.words),
        )
    return table
