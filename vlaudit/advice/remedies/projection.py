"""Texts without the directions that tell groups apart."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from vlaudit.advice.naming import TEMPLATE, task
from vlaudit.advice.remedy import Effect, Remedy, Trial
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import DualEncoder
from vlaudit.metrics.zero_shot import prompts
from vlaudit.stats.exchange import coded_groups

FEWEST = 10


def simulate(on: Trial) -> Iterator[Effect]:
    """Learn directions between groups from one half of the rows, and name the other without."""
    if not isinstance(on.target, DualEncoder):
        raise Inapplicable("it takes a model that embeds pictures and texts apart")
    target, held = on.target, task(on.held_out)
    (words,) = prompts(held.classes, [TEMPLATE])
    texts, pictures = on.features.texts(words), on.features.images(held.data)
    fitted = task(on.fit)
    axes = directions(on.features.images(fitted.data), fitted.labels, [*fitted.groups.values()])
    kept = texts - (texts @ axes.T) @ axes
    kept /= np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), 1e-9)
    after = target.scores(pictures, kept.astype(np.float32))
    yield from held.effects(target.scores(pictures, texts), after)


def directions(
    pictures: NDArray[np.float32], labels: NDArray[np.intp], groups: Sequence[Sequence[str | None]]
) -> NDArray[np.float32]:
    """Return orthonormal directions between the means of groups, the same labels weighed alike.

    Args:
        pictures: embeddings, (rows, dimensions).
        labels: class of each row, (rows,).
        groups: group of each row, by attribute.

    Returns:
        One direction fewer than there are groups for each attribute, (directions, dimensions).
    """
    sums = np.zeros((int(labels.max()) + 1, pictures.shape[1]))
    np.add.at(sums, labels, pictures)
    beside = pictures - (sums / np.maximum(np.bincount(labels), 1)[:, None])[labels]
    found = []
    for of_row in groups:
        rows, names, codes = coded_groups(of_row, fewest=FEWEST)
        means = np.stack([beside[rows][codes == at].mean(axis=0) for at in range(len(names))])
        found += [*(means[1:] - means[0])]
    _, strength, axes = np.linalg.svd(np.stack(found), full_matrices=False)
    return np.asarray(axes[strength > 1e-6 * max(float(strength[0]), 1e-12)], dtype=np.float32)


REMEDIES = (
    Remedy(
        title="Orthogonal projection of texts",
        helps=("bias.zero_shot_parity.*", "bias.association.*", "bias.retrieval_skew.*",
               "bias.counterfactual_flip.*", "bias.quality_of_service.*"),
        words="Take the directions between groups out of the embeddings of prompts. It needs some "
        "hundred annotated pictures and no training; what a label shares with a group is lost.",
        cites=("https://arxiv.org/abs/2302.00070",),
        simulate=simulate,
    ),
)  # fmt: skip
