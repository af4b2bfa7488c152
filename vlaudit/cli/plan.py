"""`vlaudit plan`: says what an audit would do, without measuring anything."""

from vlaudit.cli import options


def plan(
    config: options.ConfigFile = None,
    target: options.Model = None,
    pretrained: options.Pretrained = None,
    data: options.Data = None,
    probe: options.Probes = None,
) -> None:
    """Say which probes would run on which rows with which settings, and why others would not."""
    from rich.table import Table

    from vlaudit import api, registry
    from vlaudit.cli.configuration import configured
    from vlaudit.cli.console import console
    from vlaudit.prepare import load_subject

    flags = {
        "target.model": target,
        "target.pretrained": pretrained,
        "data.source": data,
        "probes.select": probe,
    }
    settled, base = configured(config, flags)
    subject = load_subject(settled, base=base)
    facts, rows = subject.target.facts, subject.data
    table = Table("probe", "runs", "rows", "settings, or the reason", title="Plan")
    for planned in api.plan_subject(settled, subject, registry.cards()):
        count = len(rows) if planned.card.rows == "all" else len(rows.evaluation())
        settings = ", ".join(f"{name}={value}" for name, value in planned.settings.items())
        runs = planned.skip is None
        table.add_row(
            planned.card.id,
            "yes" if runs else "no",
            str(count) if runs else "",
            settings if runs else planned.skip,
        )
    screen = console()
    screen.print(f"target {facts.name}: {facts.kind} on {facts.device}, {facts.precision}")
    screen.print(f"data {rows.name}: {len(rows)} rows, {len(rows.evaluation())} for evaluation")
    screen.print(table)
