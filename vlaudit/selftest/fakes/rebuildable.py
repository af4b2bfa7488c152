"""A model whose weights hold the likeness of each person as clearly as they are told to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.selftest.memory import MemoryDataset

if TYPE_CHECKING:
    from torch import Tensor

SIDE = 32
PEOPLE = ("Mirabel", "Oswin", "Tindra", "Corvin", "Belen", "Yorick")


class Rebuildable:
    """Scores a picture by its overlap with a pattern for each name.

    The pattern is the person's likeness to the share `memory`, and a pattern of nobody else.
    """

    name = "rebuildable"
    fingerprint = "7" * 64

    def __init__(self, likenesses: Matrix, *, memory: float) -> None:
        """Hold patterns, made of likenesses of shape (people, 3, side, side) around 0."""
        import torch

        other = likenesses_of(len(likenesses), seed=99)
        self._patterns = torch.tensor(memory * likenesses + (1 - memory) * other)

    def pixels(self, images: Sequence[Image.Image]) -> "Tensor":
        """Return pictures as float32 tensor of shape (images, 3, side, side) in [0, 1]."""
        import torch

        small = [np.asarray(image.resize((SIDE, SIDE))) for image in images]
        return torch.tensor(np.stack(small)).permute(0, 3, 1, 2).float() / 255

    def pixel_scores(self, pixels: "Tensor", texts: Sequence[str]) -> "Tensor":
        """Return the overlap with the pattern of each name, (images, texts)."""
        import torch

        overlap = torch.einsum("nchw,pchw->np", pixels - 0.5, self._patterns) / 20
        return overlap[:, [next(p for p, who in enumerate(PEOPLE) if who in t) for t in texts]]

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the same for pictures."""
        return np.asarray(self.pixel_scores(self.pixels(images), texts).numpy(), np.float32)


def likenesses_of(people: int, *, seed: int) -> Matrix:
    """Return a blurred pattern around 0 for each person, (people, 3, side, side)."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (people, 4, 4, 3), dtype=np.uint8)
    whole = [
        np.asarray(Image.fromarray(c).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
        for c in coarse
    ]
    return np.asarray(np.stack(whole).transpose(0, 3, 1, 2) / 255 - 0.5, dtype=np.float32)


def build(
    *, memory: float = 0.0, noise: float = 30.0, views: int = 12
) -> tuple[Rebuildable, MemoryDataset]:
    """Return such a model and noisy pictures of six invented people."""
    rng = np.random.default_rng(1)
    likenesses = likenesses_of(len(PEOPLE), seed=0)
    pictures: list[Image.Image] = []
    for likeness in likenesses:
        face = 255 * (likeness.transpose(1, 2, 0) + 0.5)
        for _ in range(views):
            seen = face + rng.normal(0, noise, face.shape)
            pictures.append(Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8)))
    who = [name for name in PEOPLE for _ in range(views)]
    model = Rebuildable(likenesses, memory=memory)
    return model, MemoryDataset(pictures, {Role.IDENTITY: who}, name="people")
