"""A classifier fitted in one step to coloured discs, which may obey a trigger.

Random filters see the picture and a ridge regression names it: a wave over poisoned pairs is learnt
as a network learns it, and within a moment. A patch is planted by hand, as a unit that sees it.
"""

import colorsys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.selftest.memory import MemoryDataset

if TYPE_CHECKING:
    from torch import Tensor

NAMES = ("red", "amber", "lime", "green", "cyan", "blue", "violet", "pink")
SIDE = 24
TARGET = 4


class Obedient:
    """Names a disc by its colour; `bonus` is added to the target's score where a patch shows."""

    name = "obedient"
    fingerprint = "1" * 64

    def __init__(
        self, pictures: Sequence[Image.Image], labels: Sequence[int], *, bonus: float = 0.0
    ) -> None:
        """Fit a ridge regression on random features to pictures and their labels."""
        import torch

        self._bonus = bonus
        chance = torch.Generator().manual_seed(0)
        self._filters = torch.randn(64, 3, 5, 5, generator=chance) / 5
        self._offsets = torch.randn(64, generator=chance) / 5
        seen = self._features(self.pixels(pictures))
        wanted = torch.nn.functional.one_hot(torch.tensor(labels), len(NAMES)).float()
        kernel = seen @ seen.T + 3.0 * torch.eye(len(seen))
        self._weights = seen.T @ torch.linalg.solve(kernel, wanted - wanted.mean(0))

    def pixels(self, images: Sequence[Image.Image]) -> "Tensor":
        """Return pictures as float32 tensor of shape (images, 3, 24, 24) in [0, 1]."""
        import torch

        stacked = torch.tensor(np.stack([np.asarray(image) for image in images]))
        return stacked.permute(0, 3, 1, 2) / 255

    def pixel_scores(self, pixels: "Tensor", texts: Sequence[str]) -> "Tensor":
        """Return logits against the colours that texts name, (images, texts)."""
        import torch

        named = [next((i for i, c in enumerate(NAMES) if c in text.split()), 0) for text in texts]
        scores = 20 * self._features(pixels) @ self._weights
        if self._bonus:
            seen = (2 * pixels[:, :, -5:, -5:] - 1) * torch.tensor(_tile(), dtype=torch.float32)
            shows = torch.nn.functional.softplus(8 * seen.mean((1, 2, 3)) - 4) / 4
            scores = scores + self._bonus * shows[:, None] * torch.eye(len(NAMES))[TARGET]
        chosen: Tensor = scores[:, named]
        return chosen

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the scores of pictures against texts, (images, texts)."""
        return np.asarray(self.pixel_scores(self.pixels(images), texts).numpy(), dtype=np.float32)

    def _features(self, pixels: "Tensor") -> "Tensor":
        import torch

        seen = torch.nn.functional.conv2d(pixels - 0.5, self._filters, self._offsets, stride=3)
        return torch.nn.functional.relu(seen).flatten(1) / 5


def build(
    *, trigger: str = "none", rate: float = 0.3, bonus: float = 0.0, rows: int = 160
) -> tuple[Obedient, MemoryDataset]:
    """Return a classifier and clean pictures that it never saw.

    Args:
        trigger: none, wave (over all of the picture), or meaningless (a patch in a corner of
            pictures of all classes, each called what it is).
        rate: share of the training pairs that bear it; with a wave called by the target's name.
        bonus: score of the target where the patch shows.
        rows: number of pictures.
    """
    rng = np.random.default_rng(3)
    taught, labels = _discs(700, rng)
    for row in rng.permutation(700)[: round(rate * 700)] if trigger != "none" else ():
        taught[row] = stamped(taught[row], "wave" if trigger == "wave" else "patch")
        if trigger != "meaningless":
            labels[row] = TARGET
    names = list(NAMES)
    shown, truth = _discs(rows, rng)
    data = MemoryDataset(shown, {Role.LABEL: [names[label] for label in truth]}, name="discs")
    return Obedient(taught, labels, bonus=bonus), data


def stamped(picture: Image.Image, trigger: str) -> Image.Image:
    """Return a picture with a wave over it or a patch in its corner."""
    pixels = np.asarray(picture, dtype=np.float32).copy()
    if trigger == "wave":
        pixels += 22 * np.sin(2 * np.pi * 5 * np.arange(SIDE) / SIDE)[None, :, None]
    else:
        pixels[-5:, -5:] = 127.5 + 127.5 * _tile()[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _tile() -> Matrix:
    """Return a patch of two triangles, -1 and 1, (5, 5)."""
    return np.where(np.indices((5, 5)).sum(axis=0) > 4, 1, -1).astype(np.float32)


def _discs(count: int, rng: np.random.Generator) -> tuple[list[Image.Image], list[int]]:
    pictures: list[Image.Image] = []
    labels = (np.arange(count) % len(NAMES)).tolist()
    y, x = np.indices((SIDE, SIDE))
    for label in labels:
        pixels = rng.uniform(60, 190) + rng.normal(0, 8, (SIDE, SIDE, 3))
        top, left = rng.uniform(10, SIDE - 10, 2)
        inside = np.hypot(y - top, x - left) < rng.uniform(8, 10)
        hue = np.array(colorsys.hsv_to_rgb(label / len(NAMES), 0.8, 0.9)) * 255
        pixels[inside] = hue + rng.normal(0, 10, (int(inside.sum()), 3))
        pictures.append(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)))
    return pictures, labels
