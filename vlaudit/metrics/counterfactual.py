"""Sets of pictures that differ in one group only, compared picture with picture.

A block holds the pictures of one set that agree in every other attribute. Groups are compared
within blocks, blocks are averaged to sets, and sets are the independent observations.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax

from vlaudit.core.dataset import Dataset, class_name
from vlaudit.core.probe import Features, Inapplicable
from vlaudit.metrics.zero_shot import mean_logits

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """Pictures of one set that are alike in all attributes but one.

    Attributes:
        name: name of the set.
        rows: positions of the pictures of each group.
    """

    name: str
    rows: Mapping[str, Sequence[int]]


def blocks(
    sets: Sequence[str | None], groups: Mapping[str, Sequence[str | None]], attribute: str
) -> list[Block]:
    """Return the blocks that hold pictures of two groups of `attribute` or more.

    Args:
        sets: set of each row, or None.
        groups: group of each row by every attribute; a group that is not annotated is one of its
            own, except in `attribute`, whose rows are then left out.
        attribute: the attribute in which the pictures of a block may differ.
    """
    others = [of_row for name, of_row in groups.items() if name != attribute]
    found: dict[tuple[str | None, ...], dict[str, list[int]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for row, (name, group) in enumerate(zip(sets, groups[attribute], strict=True)):
        if name and group:
            found[name, *(of_row[row] for of_row in others)][group].append(row)
    return [
        Block(str(key[0]), {group: rows[group] for group in sorted(rows)})
        for key, rows in found.items()
        if len(rows) >= 2
    ]


def by_set(parts: Sequence[Block], values: Sequence[float]) -> Floats:
    """Return the mean over the blocks of each set, (sets,), sets in order of appearance."""
    _, first, of_block = np.unique(
        [part.name for part in parts], return_index=True, return_inverse=True
    )
    means = np.bincount(of_block, weights=values) / np.bincount(of_block)
    return np.asarray(means[np.argsort(first)])


def differences(parts: Sequence[Block], values: ArrayLike) -> dict[tuple[str, str], Floats]:
    """Return how much larger a number is in pictures of one group than of another.

    Args:
        parts: blocks of one attribute.
        values: one number a row, (rows,).

    Returns:
        For every two groups that share a block the mean difference in each set, (sets,).
    """
    number = np.asarray(values, dtype=np.float64)
    found: dict[tuple[str, str], tuple[list[Block], list[float]]] = {}
    for part in parts:
        means = {group: float(number[list(rows)].mean()) for group, rows in part.rows.items()}
        for one, two in combinations(means, 2):
            mine, apart = found.setdefault((one, two), ([], []))
            mine.append(part)
            apart.append(means[one] - means[two])
    return {pair: by_set(*of_pair) for pair, of_pair in found.items()}


@dataclass(frozen=True)
class Flips:
    """How often two pictures of a set are called differently.

    Attributes:
        between: share of the pairs of two groups, (sets,).
        beyond: that share less the one among pairs of one group, which is what two pictures make
            anyway; for sets that have such pairs, (sets with a group twice,).
    """

    between: Floats
    beyond: Floats


def flips(parts: Sequence[Block], named: ArrayLike) -> Flips:
    """Return how often pictures are called differently; `named` is an index a row, (rows,)."""
    called = np.asarray(named)
    between: list[float] = []
    repeated: list[Block] = []
    beyond: list[float] = []
    for part in parts:
        rows = np.concatenate([list(rows) for rows in part.rows.values()]).astype(np.intp)
        group = np.repeat(np.arange(len(part.rows)), [len(rows) for rows in part.rows.values()])
        one, two = np.triu_indices(rows.size, k=1)
        differs, same = called[rows[one]] != called[rows[two]], group[one] == group[two]
        between.append(float(differs[~same].mean()))
        if same.any():
            repeated.append(part)
            beyond.append(between[-1] - float(differs[same].mean()))
    return Flips(by_set(parts, between), by_set(repeated, beyond) if repeated else np.empty(0))


@dataclass(frozen=True)
class Turned:
    """A picture called wrong whose counterpart is called right."""

    row: int
    counterpart: int


def turned(
    parts: Sequence[Block], right: NDArray[np.bool_], *, better: str, worse: str
) -> Iterator[Turned]:
    """Yield the pictures of the `worse` group that are called wrong, each with a counterpart.

    Args:
        parts: blocks of one attribute.
        right: whether each row is called right, (rows,).
        better: the group of the counterparts.
        worse: the group of the pictures.
    """
    for part in parts:
        known = [row for row in part.rows.get(better, ()) if right[row]]
        if known:
            yield from (Turned(row, known[0]) for row in part.rows.get(worse, ()) if not right[row])


@dataclass(frozen=True)
class Calls:
    """What pictures are called.

    Attributes:
        classes: what they may be called.
        named: index of what each row is called, (rows,).
        right: whether that is its label, (rows,); None without labels.
        probability: what the model puts on its label, (rows,); None without labels.
    """

    classes: Sequence[str]
    named: NDArray[np.intp]
    right: NDArray[np.bool_] | None = None
    probability: Floats | None = None


def call(
    features: Features,
    data: Dataset,
    labels: Sequence[str | None],
    *,
    answers: Sequence[str],
    templates: Sequence[str],
) -> Calls:
    """Call every picture by the label that fits best, or without labels by the best answer.

    Raises:
        Inapplicable: there is one thing only to call pictures, or no template can be filled.
        TargetError: a logit is not finite.
    """
    known = [class_name(label or "") for label in labels]
    classes = sorted({name for name in known if name}) or list(dict.fromkeys(answers))
    if len(classes) < 2:
        raise Inapplicable(
            "pictures can be called one thing only; name data.columns.label with two labels, or "
            "two things or more under the setting `answers`"
        )
    logits = mean_logits(features, data, classes, templates)
    named = logits.argmax(axis=1)
    if not known:
        return Calls(classes, named)
    index = {name: at for at, name in enumerate(classes)}
    label = np.array([index.get(name, 0) for name in known])
    probability = softmax(logits.astype(np.float64), axis=1)[np.arange(label.size), label]
    return Calls(classes, named, named == label, probability)
