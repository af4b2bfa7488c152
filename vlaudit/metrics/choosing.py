"""Which of several texts a model takes for the one that fits a picture, whatever it can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL.Image import Image

from vlaudit.core.dataset import Dataset
from vlaudit.core.probe import Features, Inapplicable
from vlaudit.core.target import ChoosesAnswers, ScoresPairs, Target

NONE = -1


def option_groups(classes: int, options: int, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Return all classes, two at least, in random groups of at most about so many, never of one."""
    count = max(1, min(ceil(classes / max(options, 2)), classes // 2))
    return np.array_split(rng.permutation(classes), count)


def best(scores: ArrayLike) -> NDArray[np.intp]:
    """Return the column with the highest score of each row, -1 where several share it."""
    given = np.asarray(scores, dtype=np.float64)
    tied = (given >= given.max(axis=1, keepdims=True)).sum(axis=1) > 1
    return np.where(tied, NONE, given.argmax(axis=1))


@dataclass(frozen=True)
class Chooser:
    """Has a model choose among texts, by its scores or, where it gives none, by its answers.

    Attributes:
        target: the model.
        features: its scores of the rows of a dataset.
        question: what is asked where it answers.
        rng: draws the order of the options then.
    """

    target: Target
    features: Features
    question: str
    rng: np.random.Generator

    def rows(self, data: Dataset, texts: Sequence[str]) -> NDArray[np.intp]:
        """Return the text that fits each row best, (rows,); -1 where none, or several, do."""
        if isinstance(self.target, ScoresPairs):
            return best(self.features.scores(data, texts))
        return self.pictures(data.images(range(len(data))), texts)

    def pictures(self, pictures: Sequence[Image], texts: Sequence[str]) -> NDArray[np.intp]:
        """Return the text that fits each picture best, (pictures,); -1 where none, or several, do.

        Raises:
            Inapplicable: the model neither scores pairs nor chooses answers.
        """
        if isinstance(self.target, ScoresPairs):
            return best(self.target.score_pairs(pictures, texts))
        if not isinstance(self.target, ChoosesAnswers):
            raise Inapplicable("the model neither scores texts nor chooses among them")
        order = self.rng.permutation(len(texts))
        options = [texts[int(at)] for at in order]
        said = self.target.choose_answers(pictures, [self.question] * len(pictures), options)
        return np.array([NONE if one.option is None else order[one.option] for one in said])
