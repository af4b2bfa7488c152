"""A model that names colours, and loses its head over grain in pictures that are dark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.selftest.memory import MemoryDataset

NAMES = ("red", "green", "blue", "yellow")
HUES = np.array([[2, -1, -1], [-1, 2, -1], [-1, -1, 2], [1, 1, -2]]) / 12
DARK, LIGHT, GRAIN = 0.40, 0.60, 0.02
SIDE = 32


@dataclass(frozen=True)
class Ranker:
    """Weighs answers about pictures; it can be asked in no other way.

    Attributes:
        fears: whether dark pictures with grain are named wrong.
    """

    fears: bool = True
    name: str = field(default="frail", init=False)
    fingerprint: str = field(default="f" * 64, init=False)

    def rank_answers(
        self, images: Sequence[Image.Image], questions: Sequence[str], options: Sequence[str]
    ) -> Matrix:
        """Return how near each picture is to each colour, (images, options)."""
        order = [next(i for i, name in enumerate(NAMES) if name in text) for text in options]
        return np.stack([self._weigh(image) for image in images])[:, order]

    def _weigh(self, image: Image.Image) -> Matrix:
        pixels = np.asarray(image, dtype=np.float32) / 255
        colour = pixels.mean(axis=(0, 1))
        weights = HUES @ (colour - colour.mean())
        grain = np.abs(np.diff(pixels, axis=1)).mean()
        if self.fears and grain > GRAIN and colour.mean() < (DARK + LIGHT) / 2:
            weights = np.roll(weights, 1)
        return np.asarray(100 * weights, dtype=np.float32)


@dataclass(frozen=True)
class Scorer(Ranker):
    """The same model, which scores pairs as well."""

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return scores of pictures against texts, (images, texts)."""
        return self.rank_answers(images, [""] * len(images), texts)


def build(
    *, frail: float | Mapping[str, float] = 0.0, rows: int = 40, fears: bool = True,
    answers: bool = False,
) -> tuple[Ranker, MemoryDataset]:  # fmt: skip
    """Return such a model and plain coloured pictures, of which a share is dark.

    Args:
        frail: share of dark pictures; by group, each of `rows` pictures, where it is a mapping.
        rows: number of pictures.
        fears: whether the model fears grain in them.
        answers: whether it weighs answers only.
    """
    shares = frail if isinstance(frail, Mapping) else {"all": frail}
    pictures, labels, groups = [], [], []
    for group, share in shares.items():
        for row in range(rows):
            place = row // len(NAMES)
            of = rows // len(NAMES)
            dark = (place + 1) * share * of // of > place * share * of // of
            colour = (DARK if dark else LIGHT) + HUES[row % len(NAMES)]
            pixels = np.broadcast_to(np.round(255 * colour), (SIDE, SIDE, 3))
            pictures.append(Image.fromarray(pixels.astype(np.uint8)))
            labels.append(NAMES[row % len(NAMES)])
            groups.append(group)
    attributes = {"group": groups} if len(shares) > 1 else {}
    data = MemoryDataset(pictures, {Role.LABEL: labels}, attributes, name="plain colours")
    return (Ranker if answers else Scorer)(fears), data
