"""What the model names the rows, and rows that it is made to name otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset, Role
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import Matrix
from vlaudit.metrics.zero_shot import labelled, mean_logits, prompts
from vlaudit.selfcheck.world import LiftedFeatures, Planted, World

KIND, FAILED, OVERWHELMING, FEWEST = 0.2, 0.8, 1000.0, 20
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Named:
    """The labelled rows and what the model names each.

    Attributes:
        rows: their positions.
        classes: names of the classes.
        labels: class of each, (rows,).
        named: class that the model names, (rows,).
    """

    rows: list[int]
    classes: list[str]
    labels: Ints
    named: Ints

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each row is named by its label."""
        return np.asarray(self.labels == self.named)


def name_rows(world: World) -> Named:
    """Return what the model names every labelled row.

    Raises:
        Inapplicable: fewer than two classes.
    """
    subjects = labelled(world.data.texts(Role.LABEL))
    data = world.data.select(subjects.rows)
    logits = mean_logits(world.features, data, subjects.classes, world.settings["templates"])
    place = {name: at for at, name in enumerate(subjects.classes)}
    labels = np.array([place[label] for label in subjects.labels], dtype=np.intp)
    return Named(subjects.rows, subjects.classes, labels, logits.argmax(axis=1))


def renamed(world: World, found: Named, wanted: Ints) -> World:
    """Return the world in which the model names the rows of `found` as `wanted` says, (rows,)."""
    of_text = {
        text: at
        for texts in prompts(found.classes, world.settings["templates"])
        for at, text in enumerate(texts)
    }
    rows = [world.data.rows[at] for at in found.rows]
    wanted_of: Mapping[int, int] = dict(zip(rows, wanted.tolist(), strict=True))

    def lift(data: Dataset, asked: Sequence[str]) -> Matrix:
        meant = np.array([of_text.get(text, -1) for text in asked])
        wished = np.array([wanted_of.get(row, -2) for row in data.rows])
        return np.asarray(OVERWHELMING * (wished[:, None] == meant), dtype=np.float32)

    return replace(world, features=LiftedFeatures(world.features, lift))


def deal_mistakes(world: World, rng: np.random.Generator) -> World:
    """Deal what pictures of a label are named at random among them, so that no kind fails."""
    found = name_rows(world)
    return renamed(world, found, _dealt(found, rng))


def failing_kind(world: World, rng: np.random.Generator) -> Planted:
    """Let the model misname most pictures that are like one, and as many others as before."""
    found = name_rows(world)
    rows, classes = len(found.rows), len(found.classes)
    if KIND * rows < FEWEST:
        raise Inapplicable(f"{rows} labelled rows are too few for a kind of {FEWEST} of them")
    dealt = _dealt(found, rng)
    seen = world.features.images(world.data.select(found.rows)).astype(np.float64)
    for label in range(classes):
        seen[found.labels == label] -= seen[found.labels == label].mean(axis=0)
    like = seen @ seen[int(rng.integers(rows))]
    kind = np.argsort(-like, kind="stable")[: round(KIND * rows)]
    failed = kind[rng.permutation(kind.size)[: round(FAILED * kind.size)]]
    dealt[kind] = found.labels[kind]
    dealt[failed] = (dealt[failed] + rng.integers(1, classes, failed.size)) % classes
    others = np.setdiff1d(np.arange(rows), kind)
    gap = FAILED - float((dealt[others] != found.labels[others]).mean())
    return Planted(renamed(world, found, dealt), {"worst_slice_gap": gap})


def _dealt(found: Named, rng: np.random.Generator) -> Ints:
    dealt = found.named.copy()
    for label in range(len(found.classes)):
        mine = np.flatnonzero(found.labels == label)
        dealt[mine] = found.named[rng.permutation(mine)]
    return dealt
