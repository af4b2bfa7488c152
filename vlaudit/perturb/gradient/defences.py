"""Changes of pictures that are said to remove attacks, as an adaptive attacker meets them.

Where a change has no useful gradient, that of leaving the picture alone stands in for it (BPDA of
Athalye et al. 2018); where it is drawn at random, the attack follows the mean over draws (EOT).
"""

import io
from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from vlaudit.perturb.gradient.oracle import Oracle

Defence: TypeAlias = Callable[[Tensor, torch.Generator], Tensor]
"""Maps pixels (pictures, 3, height, width) in [0, 1] to such pixels, with gradients."""

DRAWS = 4
QUALITY, LEVELS, SIGMA, LEAST = 50, 8, 0.7, 0.7


def jpeg(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Save each picture as JPEG of quality 50; gradients pass through unchanged."""
    saved = []
    for picture in (pixels.detach().clamp(0, 1) * 255).round().byte().cpu():
        file = io.BytesIO()
        drawn = Image.fromarray(picture.permute(1, 2, 0).numpy())
        drawn.save(file, "JPEG", quality=QUALITY)
        saved.append(np.asarray(Image.open(file)))
    opened = torch.from_numpy(np.stack(saved)).permute(0, 3, 1, 2).to(pixels) / 255
    return pixels + (opened - pixels).detach()


def fewer_levels(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Keep 8 levels a channel, 3 bits; gradients pass through unchanged."""
    rounded = (pixels * (LEVELS - 1)).round() / (LEVELS - 1)
    return pixels + (rounded - pixels).detach()


def blurred(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Blur by a Gaussian of 0.7 pixels."""
    along = torch.arange(-3, 4, device=pixels.device, dtype=pixels.dtype)
    kernel = torch.exp(-along.square() / (2 * SIGMA**2))
    kernel = (kernel / kernel.sum()).expand(3, 1, 1, 7)
    padded = functional.pad(pixels, (3, 3, 3, 3), mode="replicate")
    rows = functional.conv2d(padded, kernel, groups=3)
    return functional.conv2d(rows, kernel.transpose(2, 3), groups=3)


def resized(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Shrink by a random factor from 0.7 to 1, put somewhere on grey, as Xie et al. (2018)."""
    height, width = pixels.shape[2:]
    share = LEAST + (1 - LEAST) * float(torch.rand((), generator=generator))
    inner = max(1, round(height * share)), max(1, round(width * share))
    small = functional.interpolate(pixels, inner, mode="bilinear", align_corners=False)
    top, left = (
        int(torch.randint(outer - part + 1, (), generator=generator))
        for outer, part in zip((height, width), inner, strict=True)
    )
    margins = (left, width - inner[1] - left, top, height - inner[0] - top)
    return functional.pad(small, margins, value=0.5)


# Each with the draws over which the defended model answers by their mean.
DEFENCES: Mapping[str, tuple[Defence, int]] = {
    "JPEG of quality 50": (jpeg, 1),
    "8 levels a channel": (fewer_levels, 1),
    "Gaussian blur of 0.7 pixels": (blurred, 1),
    "random size and place": (resized, DRAWS),
}


def defended(oracle: Oracle, defence: Defence, draws: int, generator: torch.Generator) -> Oracle:
    """Return the model behind a defence, which an attack differentiates as well as it can.

    Args:
        oracle: the model.
        defence: what happens to pictures before they reach it.
        draws: answers are means over so many draws, anew whenever it is asked.
        generator: source of the draws, on the CPU.
    """

    def scores(pixels: Tensor) -> Tensor:
        drawn = [oracle.scores(defence(pixels, generator)) for _ in range(draws)]
        return torch.stack(drawn).mean(0)

    return Oracle(scores, batch_size=oracle.batch_size)
