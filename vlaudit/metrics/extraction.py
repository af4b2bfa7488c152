"""What a model gives back of the rows it was trained on."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vlaudit.core.dataset import Dataset, Role
from vlaudit.core.probe import Context, Reference
from vlaudit.core.target import DualEncoder, WritesText
from vlaudit.metrics.memorisation import goes_on, same_among_nearest, split_prefix

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
BATCH = 16
GREY = (128, 128, 128)
BLANK = "blank_picture"


def continued(context: Context, target: WritesText, rows: Sequence[int], *, view: str) -> Bools:
    """Tell for each caption that is long enough whether the model goes on with it word by word.

    Args:
        context: the rows; the settings `ask` and `words` are read.
        target: is given the first half of each caption.
        rows: positions of the rows.
        view: `blank_picture` for a grey one, else each row's own.
    """
    least, ask = int(context.settings["words"]), str(context.settings["ask"])
    texts = context.data.select(rows).texts(Role.CAPTION)
    halves = [split_prefix(text or "", least=least) for text in texts]
    jobs = [(row, *half) for row, half in zip(rows, halves, strict=True) if half is not None]
    told: list[bool] = []
    for start in range(0, len(jobs), BATCH):
        part = jobs[start : start + BATCH]
        pictures = [Image.new("RGB", (224, 224), GREY)] * len(part)
        if view != BLANK:
            pictures = context.data.images([row for row, _, _ in part])
        prompts = [ask.replace("{}", prefix) for _, prefix, _ in part]
        for (_, prefix, following), written in zip(
            part, target.write_text(pictures, prompts), strict=True
        ):
            told.append(goes_on(written, prefix, following, least=least))
    return np.array(told, dtype=np.bool_)


def deja_vu(
    context: Context, reference: Reference, rows: Sequence[int], pool: Sequence[int]
) -> Floats:
    """Return for each row how much better the model's caption finds what its own picture shows.

    Share of the `depth` pictures of the pool nearest to the caption that have the label of the
    row, by the model, less that by the reference model; (rows,), from -1 to 1.
    """
    mine, others = context.data.select(rows), context.data.select(pool)
    captions = [text or "" for text in mine.texts(Role.CAPTION)]
    own, shown = _labels(mine), _labels(others)
    depth = int(context.settings["depth"])
    found = [
        same_among_nearest(
            features.texts(captions), features.images(others), own, shown, depth=depth
        )
        for features in (context.features, reference.features)
    ]
    return np.asarray(found[0] - found[1])


def comparable(context: Context) -> bool:
    """Tell whether both models embed pictures and texts, and rows say what they show."""
    reference = context.reference
    return (
        isinstance(context.target, DualEncoder)
        and reference is not None
        and isinstance(reference.target, DualEncoder)
        and context.data.columns.has(Role.LABEL)
    )


def _labels(data: Dataset) -> NDArray[np.str_]:
    return np.array(
        [text or f"unlabelled {row}" for row, text in enumerate(data.texts(Role.LABEL))]
    )
