"""A kind of trigger that begins where another search ended: a window with a sharp edge.

A patch that is sought anywhere has a soft edge, which costs size, so that a small planted mark may
seem no smaller than what calls up other classes. Where such patches were found, windows are laid
that may still move; what is in them is painted freely, and they shrink.
"""

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from vlaudit.perturb.inversion.families import Family, Parts
from vlaudit.perturb.inversion.ground import Ground
from vlaudit.perturb.inversion.overlay import Overlay
from vlaudit.perturb.inversion.race import HALF, Race

NAME = "window"
LARGEST, SMALLEST = 0.35, 0.04
EDGE = 3.0


def windows(found: Race, ground: Ground) -> Family:
    """Return windows, one a class, where a race of patches found what calls up each class.

    Args:
        found: a race of patches in which every class ran at least once.
        ground: what it was run on.
    """
    overlays = [_smallest(found, racer, ground) for racer in range(len(found.fell))]
    centre = torch.cat([_densest(one.alpha) for one in overlays])
    alpha = torch.cat([one.alpha for one in overlays])
    colour = torch.cat([one.paint for one in overlays]) / alpha.clamp(min=1e-3)

    def start(racers: int, height: int, width: int, chance: Generator) -> Parts:
        noise = 0.5 + 0.2 * torch.randn(racers, 3, height, width, generator=chance)
        sure = alpha.clamp(0, 1)
        painted = (sure * colour + (1 - sure) * noise.to(sure.device)).clamp(0.05, 0.95)
        return centre.clone(), painted.logit()

    return Family(NAME, LARGEST, SMALLEST, 0.25, start, _render)


def _smallest(found: Race, racer: int, ground: Ground) -> Overlay:
    """Return a class's smallest patch that still turned half of the pictures, or its first."""
    ran = [stage for stage in found.stages if racer in stage.racers]
    able = [stage for stage in ran if stage.success[stage.racers.index(racer)] >= HALF]
    return (able or ran[:1])[-1].overlay(found.family, racer, ground.shape)


def _densest(alpha: Tensor) -> Tensor:
    """Return the middle of the square that holds most of a cover, as shares, (1, 2, 1, 1)."""
    height, width = alpha.shape[2:]
    side = min(max(int(float(alpha.sum()) ** 0.5), 3), height, width) | 1
    held = F.avg_pool2d(alpha, side, 1, side // 2, count_include_pad=False)
    down, right = divmod(int(held.flatten().argmax()), held.shape[3])
    place = [(down + 0.5) / height, (right + 0.5) / width]
    return torch.tensor(place, device=alpha.device)[None, :, None, None]


def _render(parts: Parts, size: float, shape: tuple[int, int]) -> Overlay:
    """Return windows whose side is `size` of the smaller side, wholly in the picture."""
    centre, colour = parts
    side = max(size * min(shape), 2.0)
    down, right = (
        _inside(centre[:, axis, 0], side, length).unsqueeze(1) for axis, length in enumerate(shape)
    )
    alpha = down[..., None] * right[..., None, :]
    return Overlay(alpha, alpha * colour.sigmoid())


def _inside(centre: Tensor, side: float, length: int) -> Tensor:
    """Return how far each pixel of a side is in a window of a side in pixels, (racers, length)."""
    middle = (centre * length).clamp(side / 2, length - side / 2)
    at = torch.arange(length, device=centre.device) + 0.5
    return (EDGE * (side / 2 - (at - middle).abs())).sigmoid()
