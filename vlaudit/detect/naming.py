"""The names that a model finds fitting for people, and those that it tells of them."""

from collections.abc import Sequence

import numpy as np
from PIL.Image import Image

from vlaudit.core.probe import Context
from vlaudit.core.target import DualEncoder, ScoresPairs, Target, WritesText
from vlaudit.detect.identity import (
    Bools,
    Calling,
    Ints,
    Naming,
    contrasts,
    elect,
    holds,
    single,
)

BATCH = 16


def answers_count(target: Target, votes: str) -> bool:
    """Tell whether answers elect names, not scores: as `votes` wants, or else as the model can.

    A model that writes may say who is on a picture; its scores would take a pass for each name.
    """
    if not isinstance(target, ScoresPairs) or not isinstance(target, WritesText):
        return isinstance(target, WritesText)
    return votes == "answers" or (votes != "scores" and not isinstance(target, DualEncoder))


def by_scores(
    context: Context, names: Sequence[str], owner: Ints, positions: Sequence[int]
) -> Naming:
    """Let each picture vote for the name that fits it best, under each of the setting `prompts`.

    Args:
        context: the model and the rows.
        names: those of the people, then decoys.
        owner: person on each picture, -1 for nobody of them.
        positions: rows of the pictures.
    """
    data = context.data.select(positions)
    people = int(owner.max()) + 1
    prompts: list[str] = context.settings["prompts"]
    elected: list[Ints] = []
    total = np.zeros((people, len(names)))
    for done, prompt in enumerate(prompts):
        texts = [prompt.format(name) for name in names]
        scores = context.features.scores(data, texts).astype(np.float64)
        votes = scores.argmax(axis=1)
        elected.append(elect(votes, owner, people, names=len(names)))
        total += contrasts(scores, owner, people) / len(prompts)
        context.progress((done + 1) / (len(prompts) + 1))
    return Naming(np.stack(elected), total)


def by_answers(
    context: Context, names: Sequence[str], owner: Ints, positions: Sequence[int]
) -> Calling:
    """Let each picture vote for the one name that the answer about it holds.

    Asked is each of the setting `questions`; arguments as of `by_scores`, without decoys.
    """
    questions: list[str] = context.settings["questions"]
    told: list[list[Bools]] = [[] for _ in questions]
    for start in range(0, len(positions), BATCH):
        pictures = context.data.images(positions[start : start + BATCH])
        for heard, question in zip(told, questions, strict=True):
            heard += [holds(said, names) for said in _answers(context, pictures, question)]
        context.progress(min((start + BATCH) / (len(positions) + BATCH), 1.0))
    hits = np.array(told)
    elected = [elect(single(of), owner, len(names), names=len(names)) for of in hits]
    return Calling(np.stack(elected), hits.mean(axis=0), owner)


def _answers(context: Context, pictures: Sequence[Image], question: str) -> list[str]:
    if not isinstance(context.target, WritesText):
        raise TypeError(f"{context.target.name} writes nothing")
    return context.target.write_text(pictures, [question] * len(pictures))
