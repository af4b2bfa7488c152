"""Pictures named right or wrong, as they are and under many conditions of several strengths."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vlaudit.stats.clustered import clustered_rate
from vlaudit.stats.drops import Drop, highest_drop, retained
from vlaudit.stats.intervals import Estimate, Floats, mean

UNSEEN = -1


@dataclass(frozen=True)
class Conditions:
    """What became of pictures under conditions.

    Attributes:
        names: names of the conditions.
        clean: whether each picture is named right as it is, (pictures,).
        right: 1 named right, 0 wrong, -1 not shown so, int8 of (pictures, conditions, strengths).
        people: person on each picture, or the picture itself, (pictures,).
    """

    names: tuple[str, ...]
    clean: NDArray[np.bool_]
    right: NDArray[np.int8]
    people: NDArray[np.intp]

    def only(self, names: Sequence[str], strength: int | None = None) -> NDArray[np.int8]:
        """Return `right` of some conditions, at one strength from 1 on or at all."""
        part = self.right[:, [self.names.index(name) for name in names]]
        return part if strength is None else part[..., strength - 1 : strength]

    def share(self, names: Sequence[str], strength: int | None = None) -> Floats:
        """Return the share right of what each picture was shown, conditions weighed alike."""
        part = self.only(names, strength)
        shown = (part != UNSEEN).sum(axis=2)
        return np.asarray(((part == 1).sum(axis=2) / np.maximum(shown, 1)).mean(axis=1))

    def accuracy(self, names: Sequence[str] = (), strength: int | None = None) -> Estimate | None:
        """Return the share right under conditions, or of the pictures as they are without any.

        None where nothing was shown.
        """
        part = self.only(names, strength) if names else self.clean[:, None]
        flat = part.reshape(len(part), -1)
        hits, shown = (np.bincount(self.people, x.sum(axis=1)) for x in (flat == 1, flat >= 0))
        return clustered_rate(hits[shown > 0], shown[shown > 0]) if shown.any() else None

    def retained(self, names: Sequence[str], strength: int | None = None) -> Estimate | None:
        """Return accuracy under conditions as a share of that without; see `drops.retained`.

        None where nothing is right without.
        """
        return retained(self.share(names, strength), self.clean, self.people)

    def drops(self) -> dict[str, Estimate]:
        """Return the accuracy lost under each condition."""
        return {name: highest_drop([self._pairs(name)]) for name in self.names}

    def worst_drop(self) -> Estimate:
        """Return the most accuracy lost under any; see `drops.highest_drop`."""
        return highest_drop([self._pairs(name) for name in self.names])

    def _pairs(self, name: str) -> Drop:
        part = self.only([name])[:, 0]
        row, strength = np.nonzero(part != UNSEEN)
        return Drop(self.clean[row], part[row, strength] == 1, self.people[row])

    def lost(self, names: Sequence[str]) -> Floats:
        """Return what each picture loses over conditions, -1 to 1, (pictures,)."""
        return np.asarray(self.clean - self.share(names))

    def mean_error(self, errors: Mapping[str, float], rng: np.random.Generator) -> Estimate:
        """Return the mean over conditions of the error over that of a baseline (mCE).

        It is linear in the errors of pictures, and so is the mean of one number a picture.
        """
        weights = 1 / np.array([*errors.values()])
        ratios = (1 - self._shares(errors)) * weights
        bounds = 0.0, float(weights.mean())
        return mean(ratios.mean(axis=1), bounds=bounds, rng=rng, clusters=self.people)

    def relative_error(
        self, errors: Mapping[str, float], clean: float, rng: np.random.Generator
    ) -> Estimate:
        """Return the mean over conditions of the rise of error over that of a baseline.

        Args:
            errors: errors of the baseline, each above `clean`.
            clean: error of the baseline without conditions.
            rng: source of the resamples.
        """
        weights = 1 / (np.array([*errors.values()]) - clean)
        risen = (self.clean[:, None] - self._shares(errors)) * weights
        most = float(weights.mean())
        return mean(risen.mean(axis=1), bounds=(-most, most), rng=rng, clusters=self.people)

    def _shares(self, names: Mapping[str, float]) -> Floats:
        return np.stack([self.share([name]) for name in names], axis=1)
