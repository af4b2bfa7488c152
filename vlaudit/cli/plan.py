"""`vlaudit plan`: says what an audit would do and what it would cost."""

from typing import TYPE_CHECKING, Annotated

import typer

from vlaudit.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vlaudit.core.audit import PlannedProbe
    from vlaudit.core.config import Config, EndpointConfig
    from vlaudit.rehearsal import Bill, Estimate, Toll

Calibrate = Annotated[
    float,
    typer.Option(
        "--calibrate",
        metavar="SECONDS",
        min=0.0,
        help="Run each probe for about so long to estimate what it takes; 0 for no estimate.",
    ),
]


def plan(
    config: options.ConfigFile = None,
    target: options.Model = None,
    pretrained: options.Pretrained = None,
    data: options.Data = None,
    probe: options.Probes = None,
    policy: options.PolicyName = None,
    seed: options.Seed = None,
    device: options.Device = None,
    precision: options.Precision = None,
    threads: options.Threads = None,
    compile: options.Compile = None,
    self_check: options.SelfCheck = None,
    allow_pickle: options.AllowPickle = False,
    trust_remote_code: options.TrustRemoteCode = False,
    set: options.Sets = None,
    calibrate: Calibrate = 1.0,
) -> None:
    """Say which probes would run on which rows, why others would not, and what it would cost.

    Time, model calls and decoded pictures are extrapolated from running each probe for a moment
    on the real rows and model; an endpoint is not asked. Nothing is written. For every rule of
    the policy: on how many samples it will rest, the value it would fail from with a chance of
    0.8, and the samples that a pass takes.
    """
    from rich.table import Column, Table

    from vlaudit import api, registry
    from vlaudit.cli.configuration import configured
    from vlaudit.cli.console import console
    from vlaudit.cli.foresight import rules_table
    from vlaudit.judge import must_hold
    from vlaudit.prepare import load_subject
    from vlaudit.rehearsal import bill, rehearse, self_check_estimate

    flags = {
        "target.model": target,
        "target.pretrained": pretrained,
        "data.source": data,
        "probes.select": probe,
        "policy": policy,
        "seed": seed,
        "target.device": device,
        "target.precision": precision,
        "target.threads": threads,
        "target.compile": compile,
        "self_check": self_check,
        "target.allow_pickle": allow_pickle,
        "target.trust_remote_code": trust_remote_code,
    }
    settled, base = configured(config, flags, set)
    subject = load_subject(settled, base=base)
    facts, rows = subject.target.facts, subject.data
    planned = api.plan_subject(settled, subject, registry.cards())
    screen = console()
    screen.print(f"target {facts.name}: {facts.kind} on {facts.device}, {facts.precision}")
    screen.print(f"data {rows.name}: {len(rows):,} rows, {len(rows.evaluation()):,} for evaluation")
    counts = {"all": len(rows), "evaluation": len(rows.evaluation())}
    paid = settled.target.endpoint is not None
    table = Table(
        Column("probe", overflow="fold"),
        "runs",
        *(Column(name, justify="right") for name in ("rows", "time", "model calls", "decoded")),
        *(Column(name, justify="right") for name in (("tokens", "price") if paid else ())),
        Column("changed settings, or the reason", ratio=1),
        title="Plan",
    )
    first: Estimate | None = None
    estimates: dict[str, Estimate] = {}
    if calibrate > 0:
        first, estimates = rehearse(
            subject, planned, settled, load=registry.load, seconds=calibrate
        )
        table.add_row("(decode and encode)", "yes", f"{len(rows):,}", *_cells(first, paid=paid), "")
    for item in planned:
        estimate = estimates.get(item.card.id)
        runs = item.skip is None
        table.add_row(
            item.card.id,
            "yes" if runs else "no",
            f"{counts[item.card.rows]:,}" if runs else "",
            *_cells(estimate, paid=paid),
            _said(item, estimate),
        )
    rules = api.policy_of(settled, base)
    if first is not None and settled.self_check != "off":
        decisive = must_hold(rules, claims=settled.claims, abilities=facts.abilities)
        estimates["self-check"] = again = self_check_estimate(
            estimates, planned, subject, only=decisive, mode=settled.self_check
        )
        what = f"{settled.self_check}; self_check: off leaves it out"
        table.add_row("(self-check)", "yes", "", *_cells(again, paid=paid), what)
    screen.print(table)
    screen.print(rules_table(rules, planned, rows, rows.evaluation()))
    if first is not None:
        for line in _totals(bill(first, estimates), settled):
            screen.print(line, highlight=False)


def _cells(estimate: "Estimate | None", *, paid: bool) -> list[str]:
    if estimate is None:
        return [""] * (5 if paid else 3)
    time = f"{'> ' if estimate.at_least else ''}{_duration(estimate.seconds)}"
    cells = [time, f"{sum(estimate.calls.values()):,}", f"{estimate.decoded:,}"]
    toll = estimate.toll
    return [*cells, f"{toll.read + toll.written:,}", f"{toll.money:,.2f}"] if paid else cells


def _said(item: "PlannedProbe", estimate: "Estimate | None") -> str:
    if item.skip is not None:
        return item.skip
    if estimate is not None and estimate.remark:
        return estimate.remark
    changed = {k: v for k, v in item.settings.items() if v != item.card.settings[k]}
    return ", ".join(f"{name}={value}" for name, value in changed.items())


def _totals(total: "Bill", config: "Config") -> list[str]:
    lines = [f"about {_duration(total.seconds)} in all, {total.disk / 1e6:,.1f} MB of embeddings"]
    if total.longer:
        lines.append(
            f"and more for {', '.join(total.longer)}; --calibrate with more seconds tells how much"
        )
    minutes = config.budget.minutes
    if minutes is not None:
        verdict = "within" if total.seconds <= 60 * minutes else "more than"
        lines.append(f"that is {verdict} the budget of {minutes:g} min (budget.minutes)")
    endpoint = config.target.endpoint
    if endpoint is not None:
        lines += [*_paid(total.toll, endpoint)]
    return lines


def _paid(total: "Toll", endpoint: "EndpointConfig") -> "Iterator[str]":
    from vlaudit.rehearsal import limits

    yield (
        f"the endpoint is asked {total.calls:,} times, reads about {total.read:,} tokens and "
        f"writes at most {total.written:,}; price {total.money:,.2f}"
    )
    for name, cost, limit in limits(total, endpoint):
        verdict = "within" if cost <= limit else "more than"
        yield f"that is {verdict} target.endpoint.{name} ({limit:,g})"
    yield (
        "time at the endpoint is not in the estimate, as it was not asked; nor are attempts that "
        "fail, and what is asked twice or was answered in an earlier run costs nothing"
    )


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
