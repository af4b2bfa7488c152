"""Fairness criteria of a classifier, from its answers counted by group and class."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset
from vlaudit.core.probe import Inapplicable
from vlaudit.stats.design_effect import design_effects, effective_rate
from vlaudit.stats.groups import Pairs, all_pairs, joined, matched_pairs
from vlaudit.stats.intervals import Estimate, Floats

Codes = NDArray[np.intp]
Counts = NDArray[np.int64] | NDArray[np.float64]


@dataclass(frozen=True)
class GroupCounts:
    """Answers counted by group and class, each of shape (groups, classes).

    Attributes:
        groups: names of the groups.
        labelled: rows of a group that are labelled so.
        named: rows of a group that were named so.
        right: rows of a group that are labelled and were named so.
        effect: design effect of each group, 1 where every row is of its own, (groups,).
    """

    groups: tuple[str, ...]
    labelled: Counts
    named: Counts
    right: Counts
    effect: Floats

    @property
    def rows(self) -> Counts:
        """Rows of each group."""
        return np.asarray(self.labelled.sum(axis=1))

    @property
    def hits(self) -> Counts:
        """Rows of each group that were named right."""
        return np.asarray(self.right.sum(axis=1))

    def only(self, kept: Iterable[bool]) -> "GroupCounts":
        """Return the counts of some of the groups."""
        mask = np.fromiter(kept, dtype=bool)
        names = tuple(name for name, keep in zip(self.groups, mask, strict=True) if keep)
        return GroupCounts(
            names, self.labelled[mask], self.named[mask], self.right[mask], self.effect[mask]
        )

    @property
    def thinned(self) -> "GroupCounts":
        """The counts of as many independent rows as these tell like (Rao and Scott 1992).

        Each group is divided by its design effect; where every row is of its own nothing changes.
        """
        effect = self.effect[:, None]
        return GroupCounts(
            self.groups, self.labelled / effect, self.named / effect, self.right / effect,
            np.ones(len(self.groups)),
        )  # fmt: skip

    def each(self) -> Iterator[tuple[str, Estimate]]:
        """Yield the accuracy of every group, with Wilson's interval at its effective size."""
        for name, hits, rows, effect in zip(
            self.groups, self.hits, self.rows, self.effect, strict=True
        ):
            yield name, effective_rate(float(hits), float(rows), float(effect))

    def cells(self, *, fewest: int = 1) -> dict[str, tuple[Counts, Counts]]:
        """Return successes and sizes by criterion, each of shape (classes, groups).

        Each class is held against the rest. A group with fewer than `fewest` rows to compute a
        true or false positive rate from has size 0 there.
        """
        absent = self.rows[:, None] - self.labelled
        everybody = cast("Counts", np.broadcast_to(self.rows, self.named.T.shape))
        return {
            "equal_opportunity_difference": _cells(self.right, self.labelled, fewest),
            "false_positive_rate_difference": _cells(self.named - self.right, absent, fewest),
            "demographic_parity_difference": (self.named.T, everybody),
        }

    def one_against_rest(self, *, fewest: int = 1) -> dict[str, Pairs]:
        """Return what compares each class against the rest; classes are families."""
        rows = int(self.rows.sum())
        cells = self.cells(fewest=fewest)
        found = {name: all_pairs(*of, samples=rows) for name, of in cells.items()}
        recall = cells["equal_opportunity_difference"]
        return {**found, "equal_opportunity_difference": all_pairs(*recall)}

    def criteria(self, *, fewest: int = 1) -> dict[str, Pairs]:
        """Return by name of the criterion what is to be compared; classes are families.

        A criterion that leaves nothing to compare is left out.
        """
        by_class = self.one_against_rest(fewest=fewest)
        recall = by_class["equal_opportunity_difference"]
        compared = {
            "matched_accuracy_gap": matched_pairs(self.right, self.labelled),
            "accuracy_gap": all_pairs(self.hits, self.rows),
            **by_class,
        }
        if len(recall):
            false_alarms = by_class["false_positive_rate_difference"]
            compared["equalized_odds_difference"] = joined([recall, false_alarms])
        return {name: pairs for name, pairs in compared.items() if len(pairs)}


def _cells(successes: Counts, n: Counts, fewest: int) -> tuple[Counts, Counts]:
    """Return (classes, groups) counts; a cell with fewer than `fewest` rows gets size 0."""
    return successes.T, np.where(n >= fewest, n, 0).T


def comparable_groups(
    data: Dataset, attributes: Sequence[str], rows: Sequence[int], *, fewest: int
) -> tuple[dict[str, list[str | None]], list[str]]:
    """Return the group of each row by every attribute that has two groups of `fewest` rows.

    Also returns, for every attribute that has not, a sentence that says so.

    Raises:
        Inapplicable: no attribute has, or one does not exist.
    """
    known = data.columns.groups
    if unknown := sorted(set(attributes) - set(known)):
        raise Inapplicable(
            f"no group column is named {', '.join(unknown)}; there are: {', '.join(known)}"
        )
    groups: dict[str, list[str | None]] = {}
    reasons: list[str] = []
    for attribute in attributes or known:
        of_all = data.groups(attribute)
        of_row = [of_all[row] or None for row in rows]
        sizes = Counter(group for group in of_row if group)
        if sum(size >= fewest for size in sizes.values()) >= 2:
            groups[attribute] = of_row
            continue
        listed = ", ".join(f"{group} {size}" for group, size in sizes.most_common(5)) or "none"
        reasons.append(f"{attribute} has no two groups of {fewest} labelled rows ({listed})")
    if not groups:
        raise Inapplicable(
            f"{'; '.join(reasons) or 'no group column is named'}: nothing to compare; audit on "
            "more rows of two groups, named under data.columns.groups"
        )
    return groups, reasons


def count_answers(
    labels: Codes, named: Codes, groups: Sequence[str | None], *, classes: int,
    clusters: Codes | None = None,
) -> GroupCounts:  # fmt: skip
    """Count answers by group and class; rows without a group are left out.

    Args:
        labels: class of each row, (rows,), each below `classes`.
        named: class that each row was given, (rows,).
        groups: group of each row, or None.
        classes: number of classes.
        clusters: person of each row, (rows,); every row is of its own without.
    """
    names = sorted({group for group in groups if group})
    index = {name: position for position, name in enumerate(names)}
    known = np.array([bool(group) for group in groups], dtype=bool)
    of_row = np.array([index[group] for group in groups if group], dtype=np.intp)
    label, answer = labels[known], named[known]

    def table(rows: NDArray[np.bool_], column: Codes) -> Counts:
        cells = np.bincount(of_row[rows] * classes + column[rows], minlength=len(names) * classes)
        return cells.reshape(len(names), classes)

    every, hit = np.ones(label.size, dtype=bool), label == answer
    labelled, right = table(every, label), table(hit, label)
    effect = np.ones(len(names))
    if clusters is not None:
        means = (right.sum(axis=0) / np.maximum(labelled.sum(axis=0), 1))[label]
        effect = design_effects(hit, of_row, clusters[known], groups=len(names), means=means)
    return GroupCounts(tuple(names), labelled, table(every, answer), right, effect)


def left_out(
    counts: GroupCounts, compared: GroupCounts, *, rows: int, fewest: int
) -> Iterator[str]:
    """Say what of `rows` rows, and of all groups and labels, no comparison rests on.

    Args:
        counts: the answers in all groups.
        compared: those in the groups that are compared.
        rows: number of rows of the dataset.
        fewest: number of rows that a group needs of a label to be compared in it.
    """
    if small := sorted(set(counts.groups) - set(compared.groups)):
        yield f"too few rows to compare: {', '.join(small)}"
    if missing := rows - int(counts.rows.sum()):
        yield f"{missing} rows without group or label are left out"
    of_label = (compared.labelled >= fewest).sum(axis=0)
    if rare := int((of_label < 2).sum()):
        yield (
            f"{rare} of {of_label.size} labels are not compared by themselves, for want of two "
            f"groups with {fewest} rows"
        )
