"""Sets of pictures that differ in one group only, compared picture with picture.

A block holds the pictures of one set that agree in every other attribute. Groups are compared
within blocks, blocks are averaged to sets, and sets are the independent observations; sets in which
one person is shown are averaged to one.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import softmax

from vlaudit.core.dataset import Dataset, class_name
from vlaudit.core.probe import Features, Inapplicable
from vlaudit.metrics.zero_shot import mean_logits

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """Pictures of one set that are alike in all attributes but one.

    Attributes:
        name: name of the independent observation, the set or one of those linked with it.
        rows: positions of the pictures of each group.
    """

    name: str
    rows: Mapping[str, Sequence[int]]


def linked(sets: Sequence[str | None], people: Sequence[str | None]) -> dict[str, str]:
    """Return for each set the first of those that it shares a person with, directly or not.

    Args:
        sets: set of each row, or None.
        people: person of each row, or None.
    """
    names = list(dict.fromkeys(name for name in sets if name))
    who = {person: at for at, person in enumerate(dict.fromkeys(p for p in people if p))}
    index = {name: at for at, name in enumerate(names)}
    ties = [(index[s], len(names) + who[p]) for s, p in zip(sets, people, strict=True) if s and p]
    one, two = np.array(ties, dtype=np.intp).reshape(-1, 2).T
    size = len(names) + len(who)
    graph = coo_array((np.ones(one.size), (one, two)), shape=(size, size))
    _, part = connected_components(graph, directed=False)
    _, first = np.unique(part[: len(names)], return_index=True)
    head = {part[at]: names[at] for at in first}
    return {name: head[part[at]] for name, at in index.items()}


def blocks(
    sets: Sequence[str | None],
    groups: Mapping[str, Sequence[str | None]],
    attribute: str,
    *,
    heads: Mapping[str, str] | None = None,
) -> list[Block]:
    """Return the blocks that hold pictures of two groups of `attribute` or more.

    Args:
        sets: set of each row, or None.
        groups: group of each row by every attribute; a group that is not annotated is one of its
            own, except in `attribute`, whose rows are then left out.
        attribute: the attribute in which the pictures of a block may differ.
        heads: the set that each counts as, by `linked`; itself by default.
    """
    others = [of_row for name, of_row in groups.items() if name != attribute]
    found: dict[tuple[str | None, ...], dict[str, list[int]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for row, (name, group) in enumerate(zip(sets, groups[attribute], strict=True)):
        if name and group:
            found[name, *(of_row[row] for of_row in others)][group].append(row)
    return [
        Block(
            (heads or {}).get(str(key[0]), str(key[0])),
            {group: rows[group] for group in sorted(rows)},
        )
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

    @property
    def judged(self) -> dict[str, NDArray[np.bool_]]:
        """Whether each row is called right, or by answer whether it is called so where none is.

        Of two answers the first tells all.
        """
        if self.right is not None:
            return {"": self.right}
        told = self.classes[:1] if len(self.classes) == 2 else self.classes
        return {answer: self.named == at for at, answer in enumerate(told)}

    def gaps(self) -> Iterator[tuple[str, list[ArrayLike]]]:
        """Yield the metrics that are differences between groups, and what differs, (rows,) each."""
        judged: list[ArrayLike] = [*self.judged.values()]
        yield "answer_gap" if self.right is None else "paired_accuracy_gap", judged
        if self.probability is not None:
            yield "paired_probability_gap", [self.probability]


def call(
    features: Features,
    data: Dataset,
    labels: Sequence[str | None],
    *,
    answers: Sequence[str],
    templates: Sequence[str],
    both: bool,
) -> list[Calls]:
    """Call every picture by the label that fits best, or where there are no two by an answer.

    Args:
        features: scores of pictures against texts.
        data: the pictures.
        labels: label of each row, or none at all.
        answers: what pictures are called without labels.
        templates: forms such as `a photo of a {}`.
        both: whether they are called by labels and by answers.

    Raises:
        Inapplicable: there is one thing only to call pictures, or no template can be filled.
        TargetError: a logit is not finite.
    """
    known = [class_name(label or "") for label in labels]
    classes, others = sorted({name for name in known if name}), list(dict.fromkeys(answers))
    if len(classes) < 2 and len(others) < 2:
        raise Inapplicable(
            "pictures can be called one thing only; name data.columns.label with two labels, or "
            "two things or more under the setting `answers`"
        )
    found: list[Calls] = []
    if len(classes) > 1:
        logits = mean_logits(features, data, classes, templates)
        index = {name: at for at, name in enumerate(classes)}
        label = np.array([index.get(name, 0) for name in known])
        chances = softmax(logits.astype(np.float64), axis=1)[np.arange(label.size), label]
        named = logits.argmax(axis=1)
        found.append(Calls(classes, named, named == label, chances))
    if len(others) > 1 and (both or not found):
        logits = mean_logits(features, data, others, templates)
        found.append(Calls(others, logits.argmax(axis=1)))
    return found
