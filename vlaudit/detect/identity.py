"""Whether a model knows who is who: pictures vote on names, or answers about them tell names."""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

LEVEL = 0.05


@dataclass(frozen=True)
class Elections(ABC):
    """The name that the pictures of each person elect, under each prompt.

    The first names are those of the people, in order; the rest, if any, are decoys.

    Attributes:
        elected: for each prompt and person the index of the name that most pictures vote for, -1
            where two names tie or none is voted for; shape (prompts, people).
    """

    elected: Ints

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

        That is: under more than half of the prompts the person's pictures elect the name, and the
        name is the person's own.
        """
        return np.asarray((self.named > 0.5) & self.own)

    @property
    @abstractmethod
    def own(self) -> Bools:
        """Whether the name of each person goes with the person more than a chance name would."""

    @property
    @abstractmethod
    def sure(self) -> Bools:
        """Whether that is so beyond chance for each person, with Bonferroni over people."""

    @abstractmethod
    def shuffled(self, rng: np.random.Generator, draws: int) -> int:
        """Count random assignments of names to people that fit as well as the true one."""


@dataclass(frozen=True)
class Naming(Elections):
    """What the pictures of some people say about their names, by scores.

    Attributes:
        contrasts: for each person and name, how much better the name fits the person's pictures
            than everybody else's, over prompts, in standard deviations over names; shape
            (people, names). A name that fits every picture has no contrast.
    """

    contrasts: Floats

    @property
    def own(self) -> Bools:
        """Whether the contrast of each own name is larger than that of 95 in 100 decoys."""
        return np.asarray(self.rank_p_values() <= LEVEL)

    @property
    def sure(self) -> Bools:
        """Whether that is so beyond chance, with Bonferroni over people."""
        return np.asarray(self.rank_p_values() * self.people <= LEVEL)

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


@dataclass(frozen=True)
class Calling(Elections):
    """What a model that writes calls some people when it is asked who they are.

    A name that it would give to anybody is told of others as well, so that no decoys are needed.

    Attributes:
        told: share of the prompts under which the answer about a picture holds a name; shape
            (pictures, people).
        owner: person on each picture, -1 where it is nobody of them.
    """

    told: Floats
    owner: Ints

    @property
    def own(self) -> Bools:
        """Whether a name is told of the person beyond chance, and of few pictures of others."""
        mine = self._mine
        others = (self.told * ~mine).sum(axis=0) / np.maximum((~mine).sum(axis=0), 1)
        return np.asarray((others <= LEVEL) & (self._chances() <= LEVEL))

    @property
    def sure(self) -> Bools:
        """Whether that is so beyond chance, with Bonferroni over people."""
        return np.asarray(self._chances() * self.people <= LEVEL)

    def shuffled(self, rng: np.random.Generator, draws: int) -> int:
        """Count random assignments of names to people that fit as well as the true one.

        Names are dealt among the people only: a model that calls people by their looks calls all
        pictures of one person alike, so that single pictures are no fair comparison.
        """
        rates = np.stack([self.told[mine].mean(axis=0) for mine in self._mine.T])
        truth = np.diagonal(rates).mean() - 1e-12
        everyone = np.arange(self.people)
        drawn = rng.permuted(np.tile(everyone, (draws, 1)), axis=1)
        return int((rates[drawn, everyone].mean(axis=1) >= truth).sum())

    @property
    def _mine(self) -> Bools:
        """Whether a picture is of a person, (pictures, people)."""
        return np.equal.outer(self.owner, np.arange(self.people))

    def _chances(self) -> Floats:
        """Return how often a name dealt among all pictures would be told so often of a person's.

        A name counts where most prompts bring it forth.
        """
        held, mine = self.told > 0.5, self._mine
        hits, every = (held & mine).sum(axis=0), held.sum(axis=0)
        return np.asarray(hypergeom.sf(hits - 1, len(held), every, mine.sum(axis=0)))


def elect(votes: Ints, owner: Ints, people: int, *, names: int) -> Ints:
    """Return the name that most pictures of each person vote for under one prompt.

    Args:
        votes: name that each picture votes for, -1 for none.
        owner: person on each picture, -1 where it is nobody of them.
        people: number of people.
        names: number of names.
    """
    elected = np.full(people, -1, dtype=np.intp)
    for person in range(people):
        mine = votes[(owner == person) & (votes >= 0)]
        counts = np.bincount(mine, minlength=names)
        if (counts == counts.max()).sum() == 1 and len(mine):
            elected[person] = counts.argmax()
    return elected


def single(told: Bools) -> Ints:
    """Return the one name that each answer holds, -1 where it holds none or several.

    Args:
        told: whether an answer holds a name, (answers, names).
    """
    return np.where(told.sum(axis=1) == 1, told.argmax(axis=1), -1).astype(np.intp)


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


def holds(answer: str, names: Sequence[str]) -> Bools:
    """Tell for each name whether an answer holds all its words, in any case and with any accents.

    A name in a script without capitals, which may not part words either, must stand there whole.
    """
    text = _plain(answer)
    words = set(re.findall(r"\w+", text))
    return np.array(
        [
            plain in text if plain.upper() == plain else words >= set(re.findall(r"\w+", plain))
            for plain in map(_plain, names)
        ],
        dtype=np.bool_,
    )


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
