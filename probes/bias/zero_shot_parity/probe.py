"""Zero-shot accuracy, compared between groups."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context
from vlaudit.metrics.zero_shot import Answers, labelled, name_rows
from vlaudit.stats import groups as compare
from vlaudit.stats import parity
from vlaudit.stats.intervals import Estimate, rate, wilson
from vlaudit.stats.parity import GroupCounts
from vlaudit.stats.tests import shortfalls

MOST_SHORTFALLS, MOST_ROWS = 100, 20
GRAVE = 0.2


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Name every labelled picture zero-shot and compare accuracy between groups."""
    settings, data = context.settings, context.data
    fewest, fewest_of_class = settings["min_group_rows"], settings["min_class_rows"]
    subjects = labelled(data.texts(Role.LABEL))
    chosen = settings["attributes"]
    groups, reasons = parity.comparable_groups(data, chosen, subjects.rows, fewest=fewest)
    for reason in reasons:
        context.note(f"{reason}: not compared.")
    answers = name_rows(context, subjects, templates=settings["templates"])
    labels, named = answers.labels, answers.named
    yield _measure("accuracy", rate(int(answers.right.sum()), labels.size))
    compared: dict[str, GroupCounts] = {}
    for attribute, of_row in groups.items():
        counts = parity.count_answers(labels, named, of_row, classes=len(answers.classes))
        accuracy = parity.accuracy_by_group(labels, named, of_row)
        for group, hits, n in zip(counts.groups, counts.hits, counts.rows, strict=True):
            found = Estimate(accuracy[group], int(n), wilson(hits, n))
            yield _measure("group_accuracy", found, **{attribute: group})
        compared[attribute] = counts.only(counts.rows >= fewest)
        _note_limits(context, attribute, counts, compared[attribute])
    yield from _disparities(compared, fewest=fewest_of_class)
    ids = np.array(data.ids())[subjects.rows]
    yield from _findings(answers, groups, compared, ids, fewest=fewest_of_class)


def _note_limits(context: Context, name: str, counts: GroupCounts, kept: GroupCounts) -> None:
    """Say which rows and groups are left out, and what gap chance alone would bring."""
    fewest = context.settings["min_class_rows"]
    for sentence in parity.left_out(counts, kept, rows=len(context.data), fewest=fewest):
        context.note(f"{name}: {sentence}.")
    gaps = compare.gaps_by_chance(kept.right, kept.labelled, rng=context.rng)
    context.note(
        f"{name}: a model that knows each label equally well in every group would show an "
        f"accuracy_gap of {gaps.mean():.3f} here by chance and mix of labels, and in 1 of 20 "
        f"draws over {np.quantile(gaps, 0.95):.3f}."
    )


def _measure(metric: str, found: Estimate, **where: str) -> Measurement:
    return Measurement(metric, found.value, found.samples, found.interval, slice=where)


def _disparities(compared: Mapping[str, GroupCounts], *, fewest: int) -> Iterator[Measurement]:
    """Yield every disparity over all attributes at once, then for each by itself."""
    parts = {name: counts.criteria(fewest=fewest) for name, counts in compared.items()}
    for metric in dict.fromkeys(metric for part in parts.values() for metric in part):
        pairs = {name: part[metric] for name, part in parts.items() if metric in part}
        yield _measure(metric, compare.widest_difference(compare.joined([*pairs.values()])))
        for name, part in pairs.items():
            yield _measure(metric, compare.widest_difference(part), attribute=name)
    hits = np.concatenate([counts.hits for counts in compared.values()])
    rows = np.concatenate([counts.rows for counts in compared.values()])
    accuracies = compare.joined([part["accuracy_gap"] for part in parts.values()])
    lowest = compare.lowest_rate(hits, rows, samples=accuracies.samples)
    yield _measure("worst_group_accuracy", lowest)
    if hits.any():
        yield _measure("accuracy_ratio", compare.smallest_ratio(accuracies))


def _findings(
    answers: Answers,
    groups: Mapping[str, Sequence[str | None]],
    compared: Mapping[str, GroupCounts],
    ids: NDArray[np.str_],
    *,
    fewest: int,
) -> Iterator[Finding]:
    """Yield the groups and labels proven worse than the rest, then the surest mistakes there."""
    tables = [(counts.right, counts.labelled) for counts in compared.values()]
    affected = np.zeros(len(ids), dtype=bool)
    for found in shortfalls(tables, fewest=fewest)[:MOST_SHORTFALLS]:
        attribute = [*compared][found.table]
        group = compared[attribute].groups[found.group]
        where = np.array([of_row == group for of_row in groups[attribute]])
        label = "any label" if found.stratum is None else repr(answers.classes[found.stratum])
        if found.stratum is not None:
            where &= answers.labels == found.stratum
        affected |= where
        yield Finding(
            kind="underserved_group" if found.stratum is None else "misread_label",
            summary=f"{attribute} {group}: {found.successes} of {found.n} pictures of {label} are "
            f"named right, against {found.rest:.0%} in the other groups; most often taken for "
            f"{answers.usual_mistake(where)!r}.",
            severity=Severity.HIGH if found.size >= GRAVE else Severity.MEDIUM,
            confidence=Confidence.HIGH,
            evidence={"group": group, "others": found.rest, "p_holm": found.p_value},
        )
    for row in answers.surest_mistakes(affected, at_most=MOST_ROWS):
        named, truth = answers.classes[answers.named[row]], answers.classes[answers.labels[row]]
        yield Finding(
            kind="misread_row",
            summary=f"{truth!r} is taken for {named!r} in a group that fares worse.",
            severity=Severity.LOW,
            confidence=Confidence.HIGH,
            row=str(ids[row]),
            evidence={"probability": float(answers.probability[row]), "named": named},
        )
