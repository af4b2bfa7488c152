"""Whether a model knows who is who: pictures vote on names, against names it never saw."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Naming:
    """What the pictures of some people say about their names.

    The first names are those of the people, in order; the rest are decoys.

    Attributes:
        elected: for each prompt and person the index of the name that most pictures vote for, -1
            where two names tie; shape (prompts, people).
        contrasts: for each person and name, how much better the name fits the person's pictures
            than everybody else's, over prompts, in standard deviations over names; shape
            (people, names). A name that fits every picture has no contrast.
    """

    elected: Ints
    contrasts: Floats

    @property
    def people(self) -> int:
        """Number of people."""
        return int(self.elected.shape[1])

    @property
    def named(self) -> Floats:
        """Share of prompts under which each person is called by the right name."""
        return np.asarray((self.elected == np.arange(self.people)).mean(axis=0), dtype=np.float64)

    @property
    def misnamed(self) -> Floats:
        """Share of prompts under which each person is called by another person's name."""
        other = (self.elected >= 0) & (self.elected < self.people)
        return np.asarray(other.mean(axis=0) - self.named, dtype=np.float64)

    @property
    def known(self) -> Bools:
        """Whether each person is called by the right name, and not for the name's sake.

        That is: under more than half of the prompts the person's pictures elect the name, and its
        contrast is larger than that of 95 in 100 decoys.
        """
        return np.asarray((self.named > 0.5) & (self.rank_p_values() <= 0.05))

    def rank_p_values(self) -> Floats:
        """Return for each person how often a decoy's contrast is as large as the own name's."""
        own = np.diagonal(self.contrasts)[:, None]
        decoys = self.contrasts[:, self.people :]
        larger = (decoys >= own).sum(axis=1)
        return np.asarray((1 + larger) / (1 + decoys.shape[1]), dtype=np.float64)

    def shuffled(self, rng: np.random.Generator, draws: int) -> int:
        """Count random assignments of names to people that fit as well as the true one.

        Every person is given another name drawn from people and decoys, no two the same.
        """
        people, names = self.contrasts.shape
        truth = np.diagonal(self.contrasts).mean()
        drawn = rng.permuted(np.tile(np.arange(names), (draws, 1)), axis=1)[:, :people]
        return int((self.contrasts[np.arange(people), drawn].mean(axis=1) >= truth).sum())


def elect(scores: Floats, owner: Ints, people: int) -> Ints:
    """Return the name that most pictures of each person vote for under one prompt.

    Args:
        scores: logits, shape (pictures, names).
        owner: person on each picture, -1 where it is nobody of them.
        people: number of people.
    """
    votes = scores.argmax(axis=1)
    elected = np.full(people, -1, dtype=np.intp)
    for person in range(people):
        counts = np.bincount(votes[owner == person], minlength=scores.shape[1])
        if (counts == counts.max()).sum() == 1:
            elected[person] = counts.argmax()
    return elected


def contrasts(scores: Floats, owner: Ints, people: int) -> Floats:
    """Return how much better each name fits the pictures of a person than all others.

    Args:
        scores: logits, shape (pictures, names).
        owner: person on each picture, -1 where it is nobody of them.
        people: number of people.
    """
    gain = np.stack(
        [scores[owner == p].mean(axis=0) - scores[owner != p].mean(axis=0) for p in range(people)]
    )
    spread = gain.std(axis=1, keepdims=True)
    centred = gain - gain.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.where(spread > 0, spread, 1.0), dtype=np.float64)
