"""A dual encoder whose embeddings move with the pixels by a known amount."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from vlaudit.core.target import Matrix
from vlaudit.selftest.fakes.linear import GREY, Linear
from vlaudit.selftest.fakes.linear import build as build_linear
from vlaudit.selftest.memory import MemoryDataset

if TYPE_CHECKING:
    from torch import Tensor


class Yielding(Linear):
    """Embeds a picture as its overlaps with one pattern a class, and a class as its own axis.

    A picture of strength k is led to any other class by a budget above k levels and by none below,
    as the linear classifier is. Patterns are orthogonal, and moving every pixel by epsilon raises
    one overlap and lowers another by half of epsilon each.
    """

    name = "yielding"

    def __init__(self, classes: Sequence[str]) -> None:
        """Know the classes by name."""
        super().__init__(classes)
        self._axes = np.eye(len(classes), dtype=np.float32)

    def embed_pixels(self, pixels: "Tensor") -> "Tensor":
        """Return overlaps with the patterns at length 1, (images, classes)."""
        import torch

        overlaps = (pixels - GREY / 255).flatten(1) @ self._weights.T
        return torch.nn.functional.normalize(overlaps, dim=1)

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """Return embeddings of pictures, (images, classes)."""
        return np.asarray(self.embed_pixels(self.pixels(images)).numpy(), dtype=np.float32)

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return the axis of the class that a text names, (texts, classes)."""
        return self._axes[
            [next(i for i, c in enumerate(self.classes) if c in text.split()) for text in texts]
        ]

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return scaled cosines, (images, texts)."""
        return np.asarray(100 * images @ texts.T, dtype=np.float32)

    def pixel_scores(self, pixels: "Tensor", texts: Sequence[str]) -> "Tensor":
        """Return scaled cosines, (images, texts)."""
        import torch

        return 100 * self.embed_pixels(pixels) @ torch.from_numpy(self.embed_texts(texts)).T


def build(
    *, strengths: Sequence[int], images: int = 32, classes: int = 4
) -> tuple[Yielding, MemoryDataset]:
    """Return the encoder and pictures whose strengths are dealt in turn within each class."""
    linear, data = build_linear(strengths=strengths, images=images, classes=classes)
    return Yielding(linear.classes), data
