"""Attacks on membership that a target allows: what it scores and writes, row by row."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vlaudit.core.dataset import Dataset
from vlaudit.core.probe import Context, Features
from vlaudit.core.target import DualEncoder, Matrix, Target, Vector, WeighsTokens
from vlaudit.metrics.membership import (
    augmented,
    calibrated,
    contrast,
    least_likely,
    mean_likelihood,
    per_compressed_byte,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Changes = Callable[[Image.Image], list[Image.Image]]
BATCH, STRANGERS = 32, 200
GREY = (128, 128, 128)


@dataclass(frozen=True)
class Attack:
    """What one attack says: a score for each of some rows, higher for what looks like a member."""

    name: str
    scores: Floats
    rows: Ints


def attack(
    context: Context, data: Dataset, captions: Sequence[str], *, changes: Changes
) -> Iterator[Attack]:
    """Yield every attack that the target allows, against pairs of a picture and its caption.

    Args:
        context: target, features, reference model and randomness. Its settings say what a
            generative model is asked before it weighs a caption (`prompt`), and of how many rows
            the pictures are changed and encoded again (`changed`).
        data: the rows, members and others.
        captions: their captions.
        changes: returns changed copies of a picture, as many of each.
    """
    every = np.arange(len(data))
    if isinstance(context.target, DualEncoder):
        own, strangers = _fits(context, context.target, data, captions)
        yield Attack("similarity", own, every)
        yield Attack("contrast", contrast(own, *strangers), every)
        reference = context.reference
        if reference is not None and isinstance(reference.target, DualEncoder):
            other = pair_scores(reference.target, *_embedded(reference.features, data, captions))
            yield Attack("reference", calibrated(own, other), every)
        some = np.sort(context.rng.permutation(every)[: int(context.settings["changed"])])
        if some.size:
            moved = _changed(context, context.target, data, captions, some, changes)
            yield Attack("augmented", augmented(own[some], moved), some)
    if isinstance(context.target, WeighsTokens):
        prompt = str(context.settings["prompt"])
        yield from _by_likelihood(context, context.target, data, captions, prompt)


def pair_scores(target: DualEncoder, images: Matrix, texts: Matrix) -> Floats:
    """Return the score of each picture with the text of the same row, (rows,)."""
    parts = [
        np.diagonal(target.scores(images[at : at + BATCH], texts[at : at + BATCH]))
        for at in range(0, len(images), BATCH)
    ]
    return np.concatenate(parts).astype(np.float64)


def _embedded(features: Features, data: Dataset, texts: Sequence[str]) -> tuple[Matrix, Matrix]:
    return features.images(data), features.texts(texts)


def _fits(
    context: Context, target: DualEncoder, data: Dataset, captions: Sequence[str]
) -> tuple[Floats, tuple[Matrix, Matrix]]:
    images, texts = _embedded(context.features, data, captions)
    some = np.sort(context.rng.permutation(len(data))[:STRANGERS])
    strangers = target.scores(images, texts[some]), target.scores(images[some], texts).T
    context.progress(0.4)
    return pair_scores(target, images, texts), strangers


def _changed(
    context: Context,
    target: DualEncoder,
    data: Dataset,
    captions: Sequence[str],
    some: Ints,
    changes: Changes,
) -> Floats:
    """Return the scores of captions with changed pictures, (rows, changes)."""
    texts = context.features.texts([captions[int(row)] for row in some])
    parts: list[Floats] = []
    for start in range(0, some.size, BATCH):
        rows = some[start : start + BATCH]
        views = [changes(picture) for picture in data.images(rows.tolist())]
        images = target.embed_images([view for one in views for view in one])
        each = len(views[0])
        scores = pair_scores(target, images, np.repeat(texts[start : start + BATCH], each, axis=0))
        parts.append(scores.reshape(len(views), each))
        context.progress(0.4 + 0.3 * (start + rows.size) / some.size)
    return np.concatenate(parts)


def _by_likelihood(
    context: Context, target: WeighsTokens, data: Dataset, captions: Sequence[str], prompt: str
) -> Iterator[Attack]:
    every = np.arange(len(data))
    grey = Image.new("RGB", (64, 64), GREY)
    tokens = weigh(target, data, captions, prompt, progress=context.progress)
    mean = mean_likelihood(tokens)
    yield Attack("likelihood", mean, every)
    yield Attack("min_k", least_likely(tokens), every)
    yield Attack("compressed", per_compressed_byte(tokens, captions), every)
    parts = [captions[at : at + BATCH] for at in range(0, len(captions), BATCH)]
    blank = [
        one
        for part in parts
        for one in target.weigh_tokens([grey] * len(part), [prompt] * len(part), part)
    ]
    yield Attack("without_picture", mean - mean_likelihood(blank), every)
    reference: Target | None = context.reference.target if context.reference else None
    if isinstance(reference, WeighsTokens):
        other = mean_likelihood(weigh(reference, data, captions, prompt))
        yield Attack("reference_likelihood", calibrated(mean, other), every)


def weigh(
    target: WeighsTokens,
    data: Dataset,
    captions: Sequence[str],
    prompt: str,
    *,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Vector]:
    """Return the log-likelihoods of the tokens of each caption, given its picture."""
    weighed: list[Vector] = []
    for start in range(0, len(captions), BATCH):
        part = captions[start : start + BATCH]
        images = data.images(range(start, start + len(part)))
        weighed += target.weigh_tokens(images, [prompt] * len(part), part)
        progress(0.4 + 0.5 * (start + len(part)) / len(captions))
    return weighed
