"""Which pictures an attack is tried on, and the names that they may be given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import class_name
from vlaudit.core.probe import Inapplicable


@dataclass(frozen=True)
class Subjects:
    """A sample of labelled rows.

    Attributes:
        positions: rows of the dataset, ascending, int64 of shape (rows,).
        labels: index into `classes` of each row, int64 of shape (rows,).
        classes: every label of the dataset, as words, sorted.
        unlabelled: how many rows of the dataset have no label and were left out.
    """

    positions: NDArray[np.int64]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    unlabelled: int

    def batches(self, size: int) -> Iterator[list[int]]:
        """Yield the positions in runs of at most `size`."""
        for start in range(0, len(self.positions), size):
            yield self.positions[start : start + size].tolist()


def choose_subjects(
    labels: Sequence[str | None], rng: np.random.Generator, *, at_most: int
) -> Subjects:
    """Draw up to `at_most` labelled rows, each class in proportion to its size.

    A systematic sample over rows ordered by class and shuffled within it: every row has the same
    chance.

    Raises:
        Inapplicable: there are fewer than two classes to tell apart.
    """
    names = [class_name(label or "") for label in labels]
    labelled = np.array([row for row, name in enumerate(names) if name], dtype=np.int64)
    classes = sorted({name for name in names if name})
    if len(classes) < 2:
        raise Inapplicable(
            f"{len(classes)} class in column `label`: naming can be neither right nor wrong; "
            "audit on rows of at least two classes"
        )
    index = {name: position for position, name in enumerate(classes)}
    of_row = np.array([index[name] for name in names if name], dtype=np.int64)
    shuffled = rng.permutation(len(labelled))
    by_class = shuffled[np.argsort(of_row[shuffled], kind="stable")]
    count = max(1, min(at_most, len(labelled)))
    ticks = np.floor((np.arange(count) + rng.random()) * len(labelled) / count).astype(np.int64)
    drawn = np.sort(by_class[ticks])
    return Subjects(labelled[drawn], of_row[drawn], tuple(classes), len(labels) - len(labelled))


def prompts(classes: Sequence[str], templates: Sequence[str]) -> list[str]:
    """Return every template filled with every class, class by class; `_` is read as a space.

    Raises:
        Inapplicable: a template has no place for the class.
    """
    for template in templates:
        if "{}" not in template:
            raise Inapplicable(f"template {template!r} has no {{}} for the class name; add it")
    words = [class_name(name) for name in classes]
    return [template.replace("{}", name) for name in words for template in templates]
