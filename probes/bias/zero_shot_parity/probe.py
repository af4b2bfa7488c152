"""Zero-shot accuracy, compared between groups."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import numpy as np

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement, RowResults
from vlaudit.core.probe import Context
from vlaudit.metrics.zero_shot import Answers, labelled, misread, name_rows
from vlaudit.stats import disparities, parity
from vlaudit.stats.exchange import design_of
from vlaudit.stats.intersections import Crossing, compounded, crossings
from vlaudit.stats.intervals import Estimate, rate
from vlaudit.stats.parity import GroupCounts
from vlaudit.stats.tests import Shortfall, shortfalls

MOST_SHORTFALLS, MOST_ROWS = 100, 20
GRAVE = 0.2
OfRow = Sequence[str | None]
Compared = Mapping[str, GroupCounts]


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Name every labelled picture zero-shot and compare accuracy between groups."""
    settings, data = context.settings, context.data
    fewest, fewest_of_class = settings["min_group_rows"], settings["min_class_rows"]
    subjects, wanted = labelled(data.texts(Role.LABEL)), settings["attributes"]
    groups, reasons = parity.comparable_groups(data, wanted, subjects.rows, fewest=fewest)
    for reason in reasons:
        context.note(f"{reason}: not compared.")
    answers = name_rows(context, subjects, templates=settings["templates"])
    yield _measure("accuracy", rate(int(answers.right.sum()), answers.labels.size), {})
    ids = data.select(subjects.rows).ids()
    context.keep_rows(RowResults("accuracy", ids, answers.right.tolist(), groups))
    people = design_of(data).clusters[subjects.rows]
    compared: dict[str, GroupCounts] = {}
    for attribute, of_row in groups.items():
        counts = _count(answers, of_row)
        yield from _rates(answers, of_row, {at: {attribute: at} for at in counts.groups})
        kept = counts.only(counts.rows >= fewest)
        compared[attribute] = kept.thinned(answers.labels, answers.named, of_row, people)
        left_out = parity.left_out(counts, kept, rows=len(data), fewest=fewest_of_class)
        for sentence in (*left_out, disparities.expected_by_chance(kept, context.rng)):
            context.note(f"{attribute}: {sentence}.")
    of_class = {"fewest": fewest_of_class, "most": settings["most_labels"]}
    overall = disparities.over_attributes(compared, fewest=fewest_of_class)
    for reported in chain(overall, disparities.over_classes(compared, answers.classes, **of_class)):
        yield _measure(*reported)
    yield from _intersections(answers, crossings(groups, fewest=settings["min_intersection_rows"]))
    yield from _findings(answers, groups, compared, ids, fewest=fewest_of_class)


def _count(answers: Answers, of_row: OfRow) -> GroupCounts:
    return parity.count_answers(answers.labels, answers.named, of_row, classes=len(answers.classes))


def _measure(metric: str, found: Estimate, where: Mapping[str, str]) -> Measurement:
    return Measurement(metric, found.value, found.samples, found.interval, slice=dict(where))


def _rates(
    answers: Answers, of_row: OfRow, slices: Mapping[str, dict[str, str]]
) -> Iterator[Measurement]:
    """Yield the accuracy of each group, or of each intersection."""
    for group, found in parity.estimates_by_group(answers.labels, answers.named, of_row).items():
        yield _measure("group_accuracy", found, slices[group])


def _intersections(
    answers: Answers, crossed: Sequence[Crossing]
) -> Iterator[Measurement | Finding]:
    """Yield accuracy in every intersection, and those that fare worse than both their groups."""
    tables = [(both, _count(answers, both.of_row)) for both in crossed]
    for both, _ in tables:
        yield from _rates(answers, both.of_row, both.slices())
    for reported in disparities.over_intersections([counts for _, counts in tables]):
        yield _measure(*reported)
    for found in compounded(tables):
        summary = (
            f"{found.name}: {found.successes} of {found.n} pictures are named right, against "
            f"{found.rest:.0%} or more in the rest of each of its groups."
        )
        yield _worse("underserved_intersection", summary, found.name, found)


def _worse(kind: str, summary: str, group: str, found: Shortfall) -> Finding:
    return Finding(
        kind=kind,
        summary=summary,
        severity=Severity.HIGH if found.size >= GRAVE else Severity.MEDIUM,
        confidence=Confidence.HIGH,
        evidence={"group": group, "others": found.rest, "p_holm": found.p_value},
    )


def _findings(
    answers: Answers, groups: Mapping[str, OfRow], compared: Mapping[str, GroupCounts],
    ids: Sequence[str], *, fewest: int,
) -> Iterator[Finding]:  # fmt: skip
    """Yield the groups and labels proven worse than the rest, then the surest mistakes there."""
    tables = [(counts.right, counts.labelled) for counts in compared.values()]
    affected = np.zeros(len(ids), dtype=bool)
    for found in shortfalls(tables, fewest=fewest)[:MOST_SHORTFALLS]:
        attribute, counts = [*compared.items()][found.table]
        group = counts.groups[found.group]
        where = np.array([of_row == group for of_row in groups[attribute]])
        label = "any label" if found.stratum is None else repr(answers.classes[found.stratum])
        if found.stratum is not None:
            where &= answers.labels == found.stratum
        affected |= where
        summary = (
            f"{attribute} {group}: {answers.right[where].sum()} of {where.sum()} pictures of "
            f"{label} are named right, against {found.rest:.0%} in the other groups; most often "
            f"taken for {answers.usual_mistake(where)!r}."
        )
        kind = "underserved_group" if found.stratum is None else "misread_label"
        yield _worse(kind, summary, group, found)
    yield from misread(
        answers, ids, affected, at_most=MOST_ROWS, kind="misread_row",
        why="in a group that fares worse",
    )  # fmt: skip
