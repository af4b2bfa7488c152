"""What a further run of a probe looks at, and how it is altered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from PIL.Image import Image

from vlaudit.core.dataset import Dataset, Pictures
from vlaudit.core.measurement import RowResults
from vlaudit.core.probe import Features
from vlaudit.core.target import EmbedsImages, Matrix, Target
from vlaudit.features import Embeddings, Encoded, TargetFeatures
from vlaudit.selfcheck.overlay import Overlay

BATCH = 64
Lift = Callable[[Dataset, Sequence[str]], Matrix]


@dataclass(frozen=True)
class World:
    """Model, rows, features and settings of one further run, and what others kept row by row."""

    target: Target
    data: Pictures
    features: Features
    settings: Mapping[str, Any]
    kept: Mapping[str, RowResults] = field(default_factory=dict[str, RowResults])


@dataclass(frozen=True)
class Planted:
    """A world with a known flaw.

    Attributes:
        world: what the probe is given.
        harms: the harm that is there, by metric, in its unit.
        rows: ids of the rows with a flaw of their own, which findings should name.
    """

    world: World
    harms: Mapping[str, float]
    rows: frozenset[str] = frozenset()


Innocent = Callable[[World, np.random.Generator], World]
Plant = Callable[[World, np.random.Generator], Planted]


class LiftedFeatures:
    """The features of an audit, with something added to the scores."""

    def __init__(self, features: Features, lift: Lift) -> None:
        """Add to the scores of `features` what `lift` returns, (rows, texts)."""
        self._features = features
        self._lift = lift

    def images(self, data: Dataset) -> Matrix:
        """Return the normalised embeddings of these rows, (rows, dimensions)."""
        return self._features.images(data)

    def texts(self, texts: Sequence[str]) -> Matrix:
        """Return the normalised embeddings of these texts, (texts, dimensions)."""
        return self._features.texts(texts)

    def scores(self, data: Dataset, texts: Sequence[str]) -> Matrix:
        """Return the logits of each row against each text, (rows, texts)."""
        return np.asarray(self._features.scores(data, texts) + self._lift(data, texts))


def with_pictures(world: World, pictures: Mapping[int, Image], target: Target) -> World:
    """Return the world with other pictures in some rows, as another model sees them.

    Only the replaced pictures are encoded anew.
    """
    data = Overlay(world.data, pictures=pictures)
    if not isinstance(target, EmbedsImages):
        return replace(world, target=target, data=data, features=_unencoded(target, data))
    matrix = world.features.images(world.data).copy()
    changed = [at for at, row in enumerate(data.rows) if row in pictures]
    for start in range(0, len(changed), BATCH):
        part = changed[start : start + BATCH]
        matrix[part] = target.embed_images(data.images(part))
    return with_embeddings(replace(world, target=target, data=data), matrix)


def _unencoded(target: Target, data: Overlay) -> Features:
    return TargetFeatures(target, Encoded.empty(data))


def with_rows_shown(world: World, shown: Mapping[int, int]) -> World:
    """Return the world in which some rows, by position, show the picture of other rows.

    The model need not look again.
    """
    data = world.data
    pictures = {data.rows[at]: data.images([of])[0] for at, of in shown.items()}
    matrix = world.features.images(data).copy()
    matrix[list(shown)] = matrix[list(shown.values())]
    return with_embeddings(replace(world, data=Overlay(data, pictures=pictures)), matrix)


def with_embeddings(world: World, matrix: Matrix) -> World:
    """Return the world in which the rows have other embeddings, (rows, dimensions)."""
    encoded = Encoded(Embeddings([matrix]), np.asarray(world.data.rows), {})
    return replace(world, features=TargetFeatures(world.target, encoded))
