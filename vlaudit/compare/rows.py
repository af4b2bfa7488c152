"""Rates compared row by row, where both runs kept the same rows."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from vlaudit.compare.change import Change
from vlaudit.core.measurement import RowResults
from vlaudit.core.probe import Card, Metric
from vlaudit.stats.comparison import mcnemar, paired_rates

FEWEST_SHARED = 30


def shared(
    before: Mapping[str, RowResults], after: Mapping[str, RowResults]
) -> Iterator[tuple[str, tuple[RowResults, RowResults]]]:
    """Yield by metric the results of the rows that both runs have once, in one order."""
    for metric, old in before.items():
        new = after.get(metric)
        if new is None:
            continue
        places = [{name: at for at, name in enumerate(one.ids)} for one in (old, new)]
        if any(len(place) < len(one.ids) for place, one in zip(places, (old, new), strict=True)):
            continue  # ids that name several rows cannot pair them
        names = [name for name in old.ids if name in places[1]]
        if len(names) >= FEWEST_SHARED:
            first, second = ([place[name] for name in names] for place in places)
            yield metric, (_at(old, first), _at(new, second))


def _at(results: RowResults, places: list[int]) -> RowResults:
    return RowResults(
        results.metric,
        [results.ids[at] for at in places],
        [results.right[at] for at in places],
        {name: [column[at] for at in places] for name, column in results.groups.items()},
    )


def by_rows(
    rows: Mapping[str, tuple[RowResults, RowResults]], cards: Mapping[str, Card], margin: float
) -> Iterator[Change]:
    """Yield the change of every rate kept row by row, and of its groups."""
    for metric, (one, other) in rows.items():
        probe, _, name = metric.rpartition(".")
        if probe not in cards or name not in cards[probe].metrics:
            continue
        declared = cards[probe].metrics[name]
        right = np.array([one.right, other.right], dtype=np.bool_)
        everything = np.ones(right.shape[1], dtype=np.bool_)
        yield _row_change(metric, {}, right, everything, declared, margin)
        for attribute, column in other.groups.items():
            for group in sorted({name for name in column if name}):
                mask = np.array([each == group for each in column], dtype=np.bool_)
                if mask.sum() >= FEWEST_SHARED:
                    where = {attribute: group}
                    yield _row_change(metric, where, right, mask, declared, margin)


def _row_change(
    metric: str, where: Mapping[str, str], right: NDArray[np.bool_], mask: NDArray[np.bool_],
    declared: Metric, margin: float,
) -> Change:  # fmt: skip
    before, after = right[0, mask], right[1, mask]
    found = paired_rates(before, after)
    lost, gained = int((before & ~after).sum()), int((after & ~before).sum())
    worse = lost > gained if declared.better == "higher" else gained > lost
    exact = mcnemar(lost, gained)
    return Change(
        metric=metric, slice=where, before=float(before.mean()), after=float(after.mean()),
        change=found.interval, margin=margin, better=declared.better, paired=True,
        p_value=exact / 2 if worse else 1 - exact / 2,
    )  # fmt: skip
