"""A linear classifier whose accuracy under any L-inf attack is known exactly."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from scipy.linalg import hadamard

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.selftest.memory import MemoryDataset

if TYPE_CHECKING:
    from torch import Tensor

SIDE = 16
GREY = 128


class Linear:
    """Scores a picture by its overlap with one orthogonal pattern of +1 and -1 for each class.

    A picture of strength k is grey plus k levels of its class's pattern. Moving every pixel by
    epsilon changes the difference of two scores by epsilon at most, since the patterns differ in
    half of their pixels: the picture is broken within any budget above k / 255 and within none
    below.

    `masking` hides the gradient and leaves the answers to 8-bit pictures as they are: `rounded`
    makes it zero, `saturated` squeezes it to nothing, `reversed` turns it round, `noisy` adds
    noise to the scores. A `constant` model gives one answer to everything, a `silent` one no
    answer to what overlaps by less than 2.5 levels.
    """

    name = "linear"
    fingerprint = "1" * 64

    def __init__(self, classes: Sequence[str], *, masking: str | None = None) -> None:
        """Know the classes by name."""
        import torch

        self.classes = tuple(classes)
        self._masking = masking
        self._noise = torch.Generator().manual_seed(0)
        flat = np.repeat(patterns(len(classes)).reshape(len(classes), 1, -1), 3, axis=1)
        self._weights = torch.tensor(flat.reshape(len(classes), -1) / flat[0].size).float()

    def pixels(self, images: Sequence[Image.Image]) -> "Tensor":
        """Return pictures as float32 tensor of shape (images, 3, 16, 16) in [0, 1]."""
        import torch

        stacked = torch.tensor(np.stack([np.asarray(image) for image in images]))
        return stacked.permute(0, 3, 1, 2) / 255

    def pixel_scores(self, pixels: "Tensor", texts: Sequence[str]) -> "Tensor":
        """Return a hundred times the overlap with each text's class, (images, texts)."""
        import torch

        if self._masking == "constant":
            return torch.arange(len(texts), 0.0, -1.0).expand(len(pixels), -1)
        if self._masking == "rounded":
            pixels = (pixels * 255).round() / 255
        if self._masking == "reversed":
            pixels = 2 * pixels.detach() - pixels
        named = [next(i for i, c in enumerate(self.classes) if c in text.split()) for text in texts]
        scores = 100 * (pixels - GREY / 255).flatten(1) @ self._weights[named].T
        if self._masking == "noisy":
            scores = scores + 0.05 * torch.randn(scores.shape, generator=self._noise)
        if self._masking == "saturated":
            scores = (1000 * scores).softmax(1)
        if self._masking == "silent":
            faint = scores.amax(1, keepdim=True) < 250 / 255
            scores = torch.where(faint, torch.nan, scores)
        return scores

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the scores of pictures against texts, (images, texts)."""
        return np.asarray(self.pixel_scores(self.pixels(images), texts).numpy(), dtype=np.float32)


def patterns(classes: int) -> Matrix:
    """Return orthogonal patterns of +1 and -1 with mean 0, (classes, 16, 16)."""
    rows = hadamard(SIDE * SIDE)[1 : classes + 1]
    return np.asarray(rows.reshape(classes, SIDE, SIDE), dtype=np.float32)


def build(
    *,
    strengths: Sequence[int],
    images: int = 64,
    classes: int = 4,
    masking: str | None = None,
) -> tuple[Linear, MemoryDataset]:
    """Return a linear model and pictures whose strengths are dealt in turn within each class."""
    names = [f"thing{index}" for index in range(classes)]
    shapes = patterns(classes)
    pictures: list[Image.Image] = []
    for row in range(images):
        levels = GREY + strengths[row // classes % len(strengths)] * shapes[row % classes]
        pictures.append(Image.fromarray(levels.astype(np.uint8)).convert("RGB"))
    labels = [names[row % classes] for row in range(images)]
    data = MemoryDataset(pictures, {Role.LABEL: labels}, name="patterns")
    return Linear(names, masking=masking), data
