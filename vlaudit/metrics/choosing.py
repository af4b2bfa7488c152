"""Which of several texts a model takes for the one that fits a picture, whatever it can do."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL.Image import Image

from vlaudit.core.dataset import Dataset
from vlaudit.core.probe import Features, Inapplicable
from vlaudit.core.target import ChoosesAnswers, Matrix, ScoresPairs, Target

NONE, OPTIONS = -1, 6


def option_groups(classes: int, options: int, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Return all classes, two at least, in random groups of at most about so many, never of one."""
    count = max(1, min(ceil(classes / max(options, 2)), classes // 2))
    return np.array_split(rng.permutation(classes), count)


def best(scores: ArrayLike) -> NDArray[np.intp]:
    """Return where the last axis is highest; -1 where several places share that."""
    given = np.asarray(scores, dtype=np.float64)
    tied = (given >= given.max(axis=-1, keepdims=True)).sum(axis=-1) > 1
    return np.where(tied, NONE, given.argmax(axis=-1))


def answered(
    target: Target,
    pictures: Sequence[Image],
    classes: Sequence[str],
    among: Collection[int],
    *,
    question: str,
    rng: np.random.Generator,
) -> Matrix:
    """Return what a model answers that each picture shows, (pictures, classes).

    1 for the class that it chose, 0 for others; 0 for all where the answer named none, or several.

    Args:
        target: a model that chooses answers.
        pictures: RGB.
        classes: names of all classes.
        among: indices of classes that are among the options; others are drawn, 6 options in all.
        question: what is asked.
        rng: draws the other options and their order.

    Raises:
        Inapplicable: the model chooses no answers.
    """
    if not isinstance(target, ChoosesAnswers):
        raise Inapplicable("the model neither scores texts nor chooses among them")
    others = [at for at in rng.permutation(len(classes)).tolist() if at not in among]
    options = rng.permutation([*among, *others[: OPTIONS - len(among)]]).tolist()
    asked = [question] * len(pictures)
    said = target.choose_answers(pictures, asked, [classes[int(at)] for at in options])
    scores = np.zeros((len(pictures), len(classes)), dtype=np.float32)
    for row, one in enumerate(said):
        if one.option is not None:
            scores[row, options[one.option]] = 1
    return scores


def weighed(
    target: Target,
    pictures: Sequence[Image],
    classes: Sequence[str],
    texts: Sequence[str],
    among: Sequence[Collection[int]],
    *,
    question: str,
    rng: np.random.Generator,
) -> Matrix:
    """Return what each class weighs for pictures that come in versions, (versions, rows, classes).

    The mean score of its texts or, of a model that gives no scores, `answered`.

    Args:
        target: the model.
        pictures: the first version of every row, then the second, and so on.
        classes: names of all classes.
        texts: texts of the first class, then of the second, and so on.
        among: of each row, classes that are among the options where the model answers.
        question: what is asked then.
        rng: draws the other options and their order then.
    """
    rows = len(among)
    if isinstance(target, ScoresPairs):
        scores = target.score_pairs(pictures, texts)
        return np.asarray(scores.reshape(len(pictures) // rows, rows, len(classes), -1).mean(3))
    each = [
        answered(target, pictures[row::rows], classes, of, question=question, rng=rng)
        for row, of in enumerate(among)
    ]
    return np.stack(each, axis=1)


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
