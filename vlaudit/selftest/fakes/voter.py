"""A classifier of coloured pictures by blocks: the most striking one decides, or all vote."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.selftest.memory import MemoryDataset

if TYPE_CHECKING:
    from torch import Tensor

SIDE, BLOCK, GREY = 32, 4, 96
NAMES = ("red", "green", "blue")


class Voter:
    """Names the colour of a picture from how much each block leans to a channel.

    With the rule `max` the block that leans most decides, so that one saturated patch wins over
    any picture. With `vote` each block has one vote at most, so that a patch of a few blocks moves
    few votes: no patch over less than half of the blocks wins over a picture of one colour.
    """

    name = "voter"
    fingerprint = "8" * 64

    def __init__(self, rule: str) -> None:
        """Decide by `max` or by `vote`."""
        self.rule = rule

    def pixels(self, images: Sequence[Image.Image]) -> "Tensor":
        """Return pictures as float32 tensor of shape (images, 3, 32, 32) in [0, 1]."""
        import torch

        stacked = torch.tensor(np.stack([np.asarray(image) for image in images]))
        return stacked.permute(0, 3, 1, 2) / 255

    def pixel_scores(self, pixels: "Tensor", texts: Sequence[str]) -> "Tensor":
        """Return the evidence of each text's colour, (images, texts)."""
        import torch

        blocks = torch.nn.functional.avg_pool2d(pixels, BLOCK)
        lean = (blocks - blocks.mean(1, keepdim=True)).flatten(2)
        evidence = 100 * lean.amax(2) if self.rule == "max" else (lean * 255).softmax(1).sum(2)
        return evidence[:, [NAMES.index(text.split()[-1]) for text in texts]]

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the scores of pictures against texts, (images, texts)."""
        return np.asarray(self.pixel_scores(self.pixels(images), texts).numpy(), dtype=np.float32)


def build(*, rule: str, strength: int = 20, images: int = 60) -> tuple[Voter, MemoryDataset]:
    """Return the model and grey pictures in which one channel is higher by `strength` levels."""
    pictures: list[Image.Image] = []
    for row in range(images):
        levels = np.full((SIDE, SIDE, 3), GREY, dtype=np.uint8)
        levels[..., row % 3] += strength
        pictures.append(Image.fromarray(levels))
    labels = [NAMES[row % 3] for row in range(images)]
    return Voter(rule), MemoryDataset(pictures, {Role.LABEL: labels}, name="colours")
