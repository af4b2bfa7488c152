"""Rows for evaluation that stand in the data for training, and what they do to accuracy."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from vlaudit.core.dataset import Shown
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.probe import Inapplicable
from vlaudit.detect.duplicates import Clusters

Flags = NDArray[np.bool_]
TRAINING = "train"
EVALUATION = ("test", "testing", "eval", "evaluation", "validation", "valid", "val", "dev")


@dataclass(frozen=True)
class Parts:
    """Which rows are for training and which for evaluation.

    Attributes:
        training: (rows,).
        evaluation: (rows,).
        names: splits for evaluation that have rows.
    """

    training: Flags
    evaluation: Flags
    names: tuple[str, ...]


def parts(
    splits: Sequence[str | None], *, training: Sequence[str], evaluation: Sequence[str]
) -> Parts:
    """Return the parts that splits belong to, by the names given or else by usual names.

    Raises:
        Inapplicable: a name that was given is no split.
    """
    present = {split for split in splits if split}
    unknown = [name for name in (*training, *evaluation) if name not in present]
    if unknown:
        raise Inapplicable(f"no row is of split {unknown[0]!r}; there are {sorted(present)}")
    usual = {name for name in present if name.lower() in EVALUATION} if not evaluation else set()
    tested = set(evaluation) | (usual - set(training))
    begun = {name for name in present if name.lower().startswith(TRAINING)}
    taught = set(training) or begun - tested
    return Parts(
        np.array([split in taught for split in splits], dtype=np.bool_),
        np.array([split in tested for split in splits], dtype=np.bool_),
        tuple(sorted(tested)),
    )


def leaked(found: Clusters, side: Flags) -> tuple[Flags, Flags]:
    """Return which rows of the second side copy a row of the first, and which do so exactly."""
    return (
        side & np.isin(found.labels, np.unique(found.labels[~side])),
        side & np.isin(found.exact, np.unique(found.exact[~side])),
    )


def first_copies(found: Clusters, side: Flags) -> dict[int, int]:
    """Return the first row of the first side in each cluster, by label."""
    rows = np.flatnonzero(~side)
    labels, first = np.unique(found.labels[rows], return_index=True)
    return dict(zip(labels.tolist(), rows[first].tolist(), strict=True))


def named(
    hits: Flags, exact: Flags, copies: Mapping[int, int], ids: Sequence[str]
) -> Iterator[Finding]:
    """Name the leaked rows; `copies` says which row for training each one copies, if any does."""
    for row in np.flatnonzero(hits).tolist():
        of = ids[copies[row]] if row in copies else ""
        where = f"row {of}, which is for training" if of else "another dataset"
        yield Finding(
            "leaked_row",
            f"Shows the picture of {where}.",
            Severity.MEDIUM,
            Confidence.HIGH if exact[row] else Confidence.MEDIUM,
            row=ids[row],
            evidence={"exact": bool(exact[row]), "of": of},
        )


def one_after_the_other(first: Shown, second: Shown) -> Callable[[Sequence[int]], list[Image]]:
    """Return what loads pictures of one dataset, and of another at positions beyond its rows."""

    def load(positions: Sequence[int]) -> list[Image]:
        here = [position for position in positions if position < len(first)]
        beyond = [position for position in positions if position >= len(first)]
        shown = dict(zip(here, first.images(here), strict=True))
        there = second.images([position - len(first) for position in beyond])
        shown |= dict(zip(beyond, there, strict=True))
        return [shown[position] for position in positions]

    return load
