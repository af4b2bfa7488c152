"""Zero-shot naming of rows, with and without a remedy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vlaudit.advice.remedy import Effect, Figure
from vlaudit.core.dataset import Dataset, Role
from vlaudit.core.probe import Inapplicable
from vlaudit.metrics.zero_shot import Labelled, labelled
from vlaudit.stats.groups import joined, widest_difference
from vlaudit.stats.intervals import Estimate, rate
from vlaudit.stats.parity import comparable_groups, count_answers

TEMPLATE = "a photo of a {}"
FEWEST = 10
Logits = NDArray[np.float32]


@dataclass(frozen=True)
class Task:
    """Rows with a label and groups, to be named.

    Attributes:
        data: the rows.
        labels: index of the class of each, (rows,).
        classes: names of the classes.
        groups: group of each row, by attribute.
    """

    data: Dataset
    labels: NDArray[np.intp]
    classes: tuple[str, ...]
    groups: Mapping[str, Sequence[str | None]]

    def results(self, logits: Logits) -> dict[str, Estimate]:
        """Return accuracy and the widest gap between groups, of (rows, classes) logits."""
        named = logits.argmax(axis=1)
        right = int((named == self.labels).sum())
        found = {"accuracy": rate(right, self.labels.size)}
        pairs = []
        for of_row in self.groups.values():
            counts = count_answers(self.labels, named, of_row, classes=len(self.classes))
            criteria = counts.only(counts.rows >= FEWEST).criteria()
            pairs += [criteria[name] for name in ("matched_accuracy_gap",) if name in criteria]
        if pairs:
            found["gap between groups at the same labels"] = widest_difference(joined(pairs))
        return found

    def effects(self, before: Logits, after: Logits) -> list[Effect]:
        """Return what changes from one to the other, both (rows, classes)."""
        one, two = self.results(before), self.results(after)
        return [effect(name, one[name], two[name]) for name in one]


def effect(what: str, before: Estimate, after: Estimate) -> Effect:
    """Return two estimates as an effect."""
    one, two = (Figure(found.value, found.interval) for found in (before, after))
    return Effect(what, one, two, after.samples)


def task(data: Dataset, classes: Sequence[str] | None = None) -> Task:
    """Return the rows of a dataset with a label, and their groups.

    Args:
        data: the rows.
        classes: what they may be named; their own labels by default.

    Raises:
        Inapplicable: without labels, or without two groups to compare.
    """
    if not data.columns.has(Role.LABEL):
        raise Inapplicable("the data has no labels, so that naming can be neither right nor wrong")
    subjects: Labelled = labelled(data.texts(Role.LABEL))
    names = tuple(classes or subjects.classes)
    index = {name: at for at, name in enumerate(names)}
    groups, _ = comparable_groups(data, [], subjects.rows, fewest=FEWEST)
    labels = np.array([index[label] for label in subjects.labels], dtype=np.intp)
    return Task(data.select(subjects.rows), labels, names, groups)
