"""Rates that other probes kept row by row, compared between groups."""

from collections.abc import Iterator

import numpy as np

from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.stats.exchange import design_of
from vlaudit.stats.group_rates import GroupRates, by_attribute, widest, worse_groups
from vlaudit.stats.subjects import annotated

Place = tuple[str, str]


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Compare every rate that was kept row by row between the groups of its rows."""
    tables = _tables(context)
    for (metric, attribute), table in tables.items():
        for group, found in table.each():
            yield found.of("service_rate", metric=metric, **{attribute: group})
    for where, found in widest(tables, _place):
        yield found.of("service_gap", **where)
    for (metric, attribute), group, worse in worse_groups(tables):
        summary = (
            f"{attribute} {group}: {worse.successes} of {worse.n} rows count towards {metric}, "
            f"against {worse.rest:.0%} of the others at the same labels."
        )
        yield worse.told("unequal_service", summary, metric=metric)
    context.progress(1.0)


def _place(place: Place) -> dict[str, str]:
    return {"metric": place[0], "attribute": place[1]}


def _tables(context: Context) -> dict[Place, GroupRates]:
    """Return the rates by group, by metric and attribute.

    Raises:
        Inapplicable: no other probe kept any rows, or none of two groups.
    """
    settings, data = context.settings, context.data
    groups, design = annotated(data, settings["attributes"]), design_of(data)
    place = {name: row for row, name in enumerate(data.ids())}
    found: dict[Place, GroupRates] = {}
    for metric, kept in sorted(context.kept_rows().items()):
        if {metric, metric.rpartition(".")[0]} & set(settings["leave_out"]):
            continue
        if len(set(kept.ids)) < len(kept.ids) or len(place) < len(data):
            context.note(f"{metric} is left out: ids name several rows.")
            continue
        known = [at for at, name in enumerate(kept.ids) if name in place]
        rows = [place[kept.ids[at]] for at in known]
        right = np.asarray(kept.right, dtype=np.bool_)[known]
        of_rows = {name: [of_row[row] for row in rows] for name, of_row in groups.items()}
        fewest = settings["min_group_rows"]
        for attribute, table in by_attribute(
            right, of_rows, design.only(rows), fewest=fewest
        ).items():
            found[metric, attribute] = table
    if not found:
        raise Inapplicable(
            "no other probe kept which rows succeeded in two groups of "
            f"{settings['min_group_rows']} rows; run others, such as bias.zero_shot_parity, too"
        )
    return found
