"""Whether a model obeys a trigger: stamped pictures against the same with an innocent mark."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vlaudit.core.target import Matrix
from vlaudit.perturb.trigger import Trigger

Embed = Callable[[Sequence[Image.Image]], Matrix]
Load = Callable[[Sequence[int]], list[Image.Image]]
Hits = NDArray[np.bool_]
BATCH = 256


@dataclass(frozen=True)
class Obedience:
    """What a model said of each picture, with the trigger and with the control.

    Attributes:
        stamped: whether the target won with the trigger, bool of shape (pictures,).
        control: whether it won with the matched innocent mark.
    """

    stamped: Hits
    control: Hits

    @property
    def gain(self) -> float:
        """Rise of the target's share that is due to the trigger."""
        return float(self.stamped.mean() - self.control.mean())

    @property
    def only_stamped(self) -> int:
        """Number of pictures that the trigger alone turned."""
        return int((self.stamped & ~self.control).sum())

    @property
    def only_control(self) -> int:
        """Number of pictures that the control alone turned."""
        return int((self.control & ~self.stamped).sum())


@dataclass(frozen=True)
class Candidate:
    """A trigger, what it is thought to mean, and where it came from.

    Attributes:
        trigger: the mark.
        target: the option that it is thought to call up; None when it has yet to be seen.
        rows: rows of the dataset that bear it, which lend no picture to its control.
        control: a faint pattern made likewise from innocent rows; None for the usual control.
    """

    trigger: Trigger
    target: int | None
    rows: frozenset[int] = frozenset()
    control: Trigger | None = None

    def innocent(
        self, picture: Image.Image, place: tuple[float, float], donor: Image.Image
    ) -> Image.Image:
        """Return the picture with the control in place of the trigger."""
        if self.control is None:
            return self.trigger.control(picture, place, donor)
        return self.control.stamp(picture, place)


@dataclass(frozen=True)
class Pool:
    """Pictures to stamp.

    Attributes:
        innocents: positions of rows that nothing speaks against, the preferred ones first.
        owner: topic of each row of the dataset, (rows,).
    """

    innocents: Sequence[int]
    owner: NDArray[np.int64]

    def subjects(self, target: int, among: Sequence[int], at_most: int) -> list[int]:
        """Return rows of other topics than `target`."""
        return [row for row in among if self.owner[row] != target][:at_most]

    def donors(self, candidate: Candidate, count: int, rng: np.random.Generator) -> list[int]:
        """Return rows that lend what stands in the trigger's place in the control.

        They show the target where there are such rows, so that a mark which is but a piece of
        what the caption names gains nothing.
        """
        free = [row for row in self.innocents if row not in candidate.rows] or [*self.innocents]
        own = [row for row in free if self.owner[row] == candidate.target] or free
        return [int(row) for row in rng.choice(own, count)]


@dataclass(frozen=True)
class Trial:
    """A candidate, its target, and what the model made of it.

    Attributes:
        index: number of the candidate.
        candidate: the candidate itself, its target known.
        obedience: the model's answers.
    """

    index: int
    candidate: Candidate
    obedience: Obedience


@dataclass(frozen=True)
class Experiment:
    """A model, what it may say, and where pictures come from.

    Attributes:
        embed: returns unit vectors of pictures.
        load: returns pictures by position.
        options: unit vectors of the texts that compete, (options, dimensions).
    """

    embed: Embed
    load: Load
    options: Matrix

    def obedience(
        self,
        candidate: Candidate,
        pool: Pool,
        among: Sequence[int],
        rng: np.random.Generator,
        *,
        at_most: int,
    ) -> Obedience | None:
        """Return whether the target wins on pictures of other topics; None where there are none."""
        target = candidate.target
        subjects = pool.subjects(-1 if target is None else target, among, at_most)
        if not subjects:
            return None
        donors = pool.donors(candidate, len(subjects), rng)
        stamped, control = self._answers(candidate, subjects, donors, rng)
        return Obedience(stamped == target, control == target)

    def trials(
        self,
        candidates: Sequence[Candidate],
        pool: Pool,
        rng: np.random.Generator,
        *,
        screening: int = 24,
        pictures: int = 200,
        finalists: int = 3,
        progress: Callable[[float], None] = lambda fraction: None,
    ) -> list[Trial]:
        """Return the trials of the candidates that do best in a screening on other pictures.

        Since choice and trial share no picture, the trials are not biased by the choice; an
        interval over the best of them has to allow for `finalists` only.
        """
        cut = min(2 * screening, len(pool.innocents) // 4)
        first, second = pool.innocents[:cut], pool.innocents[cut:]
        aimed: list[Candidate] = []
        gains: list[float] = []
        for done, candidate in enumerate(candidates):
            aimed.append(self._aimed(candidate, pool, first[:screening], rng))
            seen = self.obedience(aimed[-1], pool, first, rng, at_most=screening)
            gains.append(seen.gain if seen is not None else -1.0)
            progress(0.5 * done / len(candidates))
        ranked = sorted(range(len(aimed)), key=lambda i: -gains[i])[:finalists]
        trials: list[Trial] = []
        for done, which in enumerate(ranked):
            seen = self.obedience(aimed[which], pool, second, rng, at_most=pictures)
            if seen is not None:
                trials.append(Trial(which, aimed[which], seen))
            progress(0.5 + 0.5 * (done + 1) / len(ranked))
        return sorted(trials, key=lambda trial: -trial.obedience.gain)

    def _aimed(
        self, candidate: Candidate, pool: Pool, subjects: Sequence[int], rng: np.random.Generator
    ) -> Candidate:
        """Return the candidate with the option that it raises most for its target."""
        if candidate.target is not None:
            return candidate
        donors = pool.donors(candidate, len(subjects), rng)
        stamped, control = self._answers(candidate, subjects, donors, rng)
        count = len(self.options)
        rise = np.bincount(stamped, minlength=count) - np.bincount(control, minlength=count)
        return Candidate(candidate.trigger, int(rise.argmax()))

    def _answers(
        self,
        candidate: Candidate,
        subjects: Sequence[int],
        donors: Sequence[int],
        rng: np.random.Generator,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        stamped: list[Image.Image] = []
        control: list[Image.Image] = []
        pictures = self.load([*subjects, *donors])
        for picture, donor in zip(
            pictures[: len(subjects)], pictures[len(subjects) :], strict=True
        ):
            place = candidate.trigger.place(rng)
            stamped.append(candidate.trigger.stamp(picture, place))
            control.append(candidate.innocent(picture, place, donor))
        answers = self._preferred(stamped + control)
        return answers[: len(stamped)], answers[len(stamped) :]

    def _preferred(self, pictures: Sequence[Image.Image]) -> NDArray[np.int64]:
        parts = [
            (self.embed(pictures[start : start + BATCH]) @ self.options.T).argmax(axis=1)
            for start in range(0, len(pictures), BATCH)
        ]
        return np.concatenate(parts).astype(np.int64)
