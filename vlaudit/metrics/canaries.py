"""How a model ranks planted secrets among rivals."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.probe import Context
from vlaudit.core.target import DualEncoder, Target, WeighsTokens
from vlaudit.metrics.memorisation import ranks, rivals

Floats = NDArray[np.float64]
BATCH = 32


def ranked(
    context: Context, rows: Sequence[int], *, names: Sequence[str]
) -> tuple[Floats, Floats] | None:
    """Return rank, from 1, and number of rivals of each canary; None where it weighs no texts.

    Canaries without a number or full name have no rivals and are left out.

    Args:
        context: the model and the rows; the settings `rivals`, `secret_digits` and `prompt` are
            read.
        rows: positions of the canaries.
        names: full names that stand in the place of theirs.
    """
    if not isinstance(context.target, DualEncoder | WeighsTokens):
        return None
    places: list[float] = []
    counts: list[float] = []
    texts = context.data.select(rows).texts(Role.CAPTION)
    wanted, last = int(context.settings["rivals"]), int(context.settings["secret_digits"])
    prompt = str(context.settings["prompt"])
    for row, text in zip(rows, texts, strict=True):
        others = rivals(text or "", context.rng, count=wanted, names=names, last=last)
        if others:
            picture = context.data.images([row])[0]
            scores = _scores(context.target, picture, [text or "", *others], prompt)
            places.append(float(ranks(scores[None])[0]))
            counts.append(float(len(others)))
    if left := len(rows) - len(places):
        context.note(f"{left} canaries hold neither a number nor a full name and were left out.")
    return np.array(places), np.array(counts)


def _scores(target: Target, picture: Image.Image, texts: Sequence[str], prompt: str) -> Floats:
    if isinstance(target, WeighsTokens):
        parts = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
        weighed = [
            tokens
            for part in parts
            for tokens in target.weigh_tokens([picture] * len(part), [prompt] * len(part), part)
        ]
        return np.array([float(np.mean(tokens)) for tokens in weighed])
    if isinstance(target, DualEncoder):
        fits = target.scores(target.embed_images([picture]), target.embed_texts(texts))
        return np.asarray(fits[0], dtype=np.float64)
    raise TypeError(f"{target.name} weighs no texts")
