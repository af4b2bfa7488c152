"""Zero-shot accuracy, compared between groups."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement, RowResults
from vlaudit.core.probe import Context
from vlaudit.metrics.zero_shot import Answers, labelled, misread, name_rows
from vlaudit.stats import disparities, parity
from vlaudit.stats.design_effect import share
from vlaudit.stats.exchange import design_of
from vlaudit.stats.intersections import Crossing, compounded, crossings
from vlaudit.stats.parity import GroupCounts
from vlaudit.stats.tests import shortfalls

MOST_SHORTFALLS, MOST_ROWS = 100, 20
OfRow = Sequence[str | None]


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Name every labelled picture zero-shot and compare accuracy between groups."""
    settings, data = context.settings, context.data
    fewest, fewest_of_class = settings["min_group_rows"], settings["min_class_rows"]
    subjects, wanted = labelled(data.texts(Role.LABEL)), settings["attributes"]
    groups, reasons = parity.comparable_groups(data, wanted, subjects.rows, fewest=fewest)
    for reason in reasons:
        context.note(f"{reason}: not compared.")
    answers = name_rows(context, subjects, templates=settings["templates"])
    clusters = design_of(data).clusters[subjects.rows]
    yield share(answers.right, clusters).of("accuracy")
    ids = data.select(subjects.rows).ids()
    context.keep_rows(RowResults("accuracy", ids, answers.right.tolist(), groups))
    compared: dict[str, GroupCounts] = {}
    for attribute, of_row in groups.items():
        counts = _count(answers, of_row, clusters)
        for group, found in counts.each():
            yield found.of("group_accuracy", **{attribute: group})
        kept = counts.only(counts.rows >= fewest)
        compared[attribute] = kept.thinned
        left_out = parity.left_out(counts, kept, rows=len(data), fewest=fewest_of_class)
        for sentence in (*left_out, disparities.expected_by_chance(kept, context.rng)):
            context.note(f"{attribute}: {sentence}.")
    of_class = {"fewest": fewest_of_class, "most": settings["most_labels"]}
    overall = disparities.over_attributes(compared, fewest=fewest_of_class)
    by_class = disparities.over_classes(compared, answers.classes, **of_class)
    for metric, found, where in chain(overall, by_class):
        yield found.of(metric, **where)
    crossed = crossings(groups, fewest=settings["min_intersection_rows"])
    yield from _intersections([(both, _count(answers, both.of_row, clusters)) for both in crossed])
    yield from _findings(answers, groups, compared, ids, fewest=fewest_of_class)


def _count(answers: Answers, of_row: OfRow, clusters: NDArray[np.intp]) -> GroupCounts:
    return parity.count_answers(
        answers.labels, answers.named, of_row, classes=len(answers.classes), clusters=clusters
    )


def _intersections(
    tables: Sequence[tuple[Crossing, GroupCounts]],
) -> Iterator[Measurement | Finding]:
    """Yield accuracy in every intersection, and those that fare worse than both their groups."""
    for both, counts in tables:
        slices = both.slices()
        for name, found in counts.each():
            yield found.of("group_accuracy", **slices[name])
    for metric, found, where in disparities.over_intersections([counts for _, counts in tables]):
        yield found.of(metric, **where)
    for worse in compounded(tables):
        summary = (
            f"{worse.name}: {worse.successes} of {worse.n} pictures are named right, against "
            f"{worse.rest:.0%} or more in the rest of each of its groups."
        )
        yield worse.told("underserved_intersection", summary, group=worse.name)


def _findings(
    answers: Answers, groups: Mapping[str, OfRow], compared: Mapping[str, GroupCounts],
    ids: Sequence[str], *, fewest: int,
) -> Iterator[Finding]:  # fmt: skip
    """Yield the groups and labels proven worse than the rest, then the surest mistakes there."""
    tables = [(counts.right, counts.labelled) for counts in compared.values()]
    affected = np.zeros(len(ids), dtype=bool)
    for worse in shortfalls(tables, fewest=fewest)[:MOST_SHORTFALLS]:
        attribute, counts = [*compared.items()][worse.table]
        group, label = counts.groups[worse.group], "any label"
        where = np.array([of_row == group for of_row in groups[attribute]])
        if worse.stratum is not None:
            label = repr(answers.classes[worse.stratum])
            where &= answers.labels == worse.stratum
        affected |= where
        summary = (
            f"{attribute} {group}: {answers.right[where].sum()} of {where.sum()} pictures of "
            f"{label} are named right, against {worse.rest:.0%} in the other groups; most often "
            f"taken for {answers.usual_mistake(where)!r}."
        )
        kind = "underserved_group" if worse.stratum is None else "misread_label"
        yield worse.told(kind, summary, group=group)
    yield from misread(
        answers, ids, affected, at_most=MOST_ROWS, kind="misread_row",
        why="in a group that fares worse",
    )  # fmt: skip
