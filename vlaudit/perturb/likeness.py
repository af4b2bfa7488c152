"""Pictures that a model fits best to a text, found by following its gradients from noise."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from vlaudit.core.target import GivesGradients

if TYPE_CHECKING:
    from torch import Tensor

RATE, SMOOTH, SHIFT = 0.05, 0.5, 2


def invert(
    target: GivesGradients,
    texts: Sequence[str],
    wanted: Sequence[int],
    rng: np.random.Generator,
    *,
    steps: int,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Image.Image]:
    """Return one RGB picture for each index in `wanted` that the model takes for that text.

    Adam on the cross-entropy over all texts with a penalty on total variation; the picture is
    moved by a few pixels at each step, so that no fine pattern can please the model (Fredrikson
    et al. 2015; Mordvintsev et al. 2015). The start is blurred noise around grey.

    Args:
        target: the model.
        texts: one for each class.
        wanted: the class of each picture.
        rng: draws starts and moves.
        steps: number of steps.
        progress: is told which fraction is done.
    """
    import torch
    from torch.nn.functional import cross_entropy

    size = _size(target)
    coarse = rng.normal(128, 20, (len(wanted), 8, 8, 3)).clip(0, 255).astype(np.uint8)
    starts = [Image.fromarray(one).resize(size, Image.Resampling.BICUBIC) for one in coarse]
    free = torch.logit(target.pixels(starts).detach().float().clamp(0.02, 0.98))
    free.requires_grad_()
    truth = torch.tensor(list(wanted), device=free.device)
    optimiser = torch.optim.Adam([free], lr=RATE)
    for step in range(steps):
        pixels = free.sigmoid()
        moves = tuple(rng.integers(-SHIFT, SHIFT + 1, 2).tolist())
        scores = target.pixel_scores(torch.roll(pixels, moves, (2, 3)), texts)
        loss = cross_entropy(scores.float(), truth, reduction="sum") + SMOOTH * _variation(pixels)
        (free.grad,) = torch.autograd.grad(loss, free)
        optimiser.step()
        progress((step + 1) / steps)
    made = (free.detach().sigmoid() * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    return [Image.fromarray(one) for one in made]


def _size(target: GivesGradients) -> tuple[int, int]:
    """Return width and height of the pixels that the model takes."""
    height, width = target.pixels([Image.new("RGB", (64, 64))]).shape[-2:]
    return int(width), int(height)


def _variation(pixels: "Tensor") -> "Tensor":
    """Return the mean difference of neighbours, summed over pictures."""
    down = (pixels[:, :, 1:] - pixels[:, :, :-1]).abs().mean(dim=(1, 2, 3))
    across = (pixels[..., 1:] - pixels[..., :-1]).abs().mean(dim=(1, 2, 3))
    return (down + across).sum()
