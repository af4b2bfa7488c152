"""All disparities of a classifier between groups, as estimates with the slice they hold for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from vlaudit.core.measurement import Interval
from vlaudit.stats.groups import (
    gaps_by_chance,
    joined,
    lowest_rate,
    matched_pairs,
    smallest_ratio,
    widest_difference,
    widest_differences,
)
from vlaudit.stats.intervals import Estimate
from vlaudit.stats.parity import Codes, Counts, GroupCounts

METHOD = "Inverted test of the widest difference"

Reported: TypeAlias = tuple[str, Estimate, dict[str, str]]
"""Name of the criterion, what was found, and the slice that it holds for."""


def over_attributes(compared: Mapping[str, GroupCounts], *, fewest: int) -> Iterator[Reported]:
    """Yield every disparity over all attributes at once, then that of each by itself.

    Args:
        compared: answers counted by group, by the name of the attribute.
        fewest: number of rows that a group needs to be compared in the rates of one class.
    """
    parts = {name: counts.criteria(fewest=fewest) for name, counts in compared.items()}
    for metric in dict.fromkeys(metric for part in parts.values() for metric in part):
        pairs = {name: part[metric] for name, part in parts.items() if metric in part}
        yield metric, widest_difference(joined([*pairs.values()])), {}
        for name, part in pairs.items():
            yield metric, widest_difference(part), {"attribute": name}
    hits = np.concatenate([counts.hits for counts in compared.values()])
    rows = np.concatenate([counts.rows for counts in compared.values()])
    accuracies = joined([part["accuracy_gap"] for part in parts.values()])
    yield "worst_group_accuracy", lowest_rate(hits, rows, samples=accuracies.samples), {}
    if hits.any():
        yield "accuracy_ratio", smallest_ratio(accuracies), {}


def over_classes(
    compared: Mapping[str, GroupCounts], classes: Sequence[str], *, fewest: int, most: int
) -> Iterator[Reported]:
    """Yield the disparities of the `most` commonest classes one by one, by their names."""
    for attribute, counts in compared.items():
        commonest = np.argsort(-counts.labelled.sum(axis=0), kind="stable")[:most]
        for metric, (hits, sizes) in counts.cells(fewest=fewest).items():
            for index, found in _each(hits, sizes, np.sort(commonest)):
                yield metric, found, {"attribute": attribute, "label": classes[index]}


def _each(hits: Counts, sizes: Counts, rows: Codes) -> Iterator[tuple[int, Estimate]]:
    """Yield the widest difference in each of some rows of (classes, groups), if it has two groups.

    Rows that have the same groups are worked out at once.
    """
    present, of_row = np.unique(sizes[rows] > 0, axis=0, return_inverse=True)
    for pattern, groups in enumerate(present):
        if groups.sum() < 2:
            continue
        mine = rows[of_row.ravel() == pattern]
        events, n = hits[mine][:, groups], sizes[mine][:, groups]
        values, ends = np.ptp(events / n, axis=1), widest_differences(events, n)
        for index, value, size, low, high, possible in zip(
            mine, values, n.sum(axis=1), *ends, strict=True
        ):
            interval = Interval(float(low), float(high), METHOD, one_sided=float(possible))
            yield int(index), Estimate(float(value), int(size), interval)


def over_intersections(tables: Sequence[GroupCounts]) -> Iterator[Reported]:
    """Yield the widest difference at the same mix of classes between intersections, if any."""
    thinned = [counts.thinned for counts in tables]
    pairs = [matched_pairs(counts.right, counts.labelled) for counts in thinned]
    if comparable := [part for part in pairs if len(part)]:
        yield "intersection_gap", widest_difference(joined(comparable)), {}


def expected_by_chance(counts: GroupCounts, rng: np.random.Generator) -> str:
    """Say which gap a model would show that treats all groups alike."""
    gaps = gaps_by_chance(counts.right, counts.labelled, rng=rng)
    return (
        "a model that knows each label equally well in every group would show an accuracy_gap of "
        f"{gaps.mean():.3f} here by chance and mix of labels, and in 1 of 20 draws over "
        f"{np.quantile(gaps, 0.95):.3f}"
    )
