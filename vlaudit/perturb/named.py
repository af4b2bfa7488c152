"""What a model names whole pictures, whichever way it can be asked."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vlaudit.core.errors import TargetError
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import (
    ChoosesAnswers,
    DualEncoder,
    Matrix,
    RanksAnswers,
    ScoresPairs,
    Target,
)
from vlaudit.perturb.subjects import prompts

Names: TypeAlias = Callable[[Sequence[Image.Image]], NDArray[np.int64]]
"""Maps pictures to indices of classes; -1 where an answer names none."""


def namer(
    target: Target, classes: Sequence[str], *, templates: Sequence[str], question: str | None
) -> Names:
    """Return what names pictures: by embeddings, else ranked or chosen answers, else pair scores.

    Without a question no answers are asked for.

    Raises:
        Inapplicable: the target does none of these, or a template has no place for the class.
    """
    texts, options = prompts(classes, templates), list(classes)
    if isinstance(target, DualEncoder):
        embedded = target.embed_texts(texts)
        return lambda pictures: _highest(
            target.scores(target.embed_images(pictures), embedded), len(classes)
        )
    if question is not None and isinstance(target, RanksAnswers):
        return lambda pictures: _highest(
            target.rank_answers(pictures, [question] * len(pictures), options), len(classes)
        )
    if question is not None and isinstance(target, ChoosesAnswers):
        return lambda pictures: _chosen(target, pictures, question, options)
    if isinstance(target, ScoresPairs):
        return lambda pictures: _highest(target.score_pairs(pictures, texts), len(classes))
    raise Inapplicable("the target neither scores texts nor weighs or chooses answers")


def _highest(scores: Matrix, classes: int) -> NDArray[np.int64]:
    """Return the class whose texts score highest on average; scores are (pictures, texts)."""
    if not np.isfinite(scores).all():
        raise TargetError("the model gives scores that are not finite; check its weights")
    return np.asarray(scores.reshape(len(scores), classes, -1).mean(axis=2).argmax(axis=1))


def _chosen(
    target: ChoosesAnswers, pictures: Sequence[Image.Image], question: str, options: Sequence[str]
) -> NDArray[np.int64]:
    chosen = target.choose_answers(pictures, [question] * len(pictures), options)
    return np.array([-1 if one.option is None else one.option for one in chosen], dtype=np.int64)
