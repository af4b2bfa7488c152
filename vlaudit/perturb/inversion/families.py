"""Kinds of triggers that are sought: a patch, a faint pattern, a bend, a stamp at any place.

Each has a size in its own unit that no racer may exceed: the share of the picture that a patch
covers, the root mean square of what a pattern adds, that of the shifts of a bend, and the side of a
stamp as a share of the picture.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from vlaudit.perturb.inversion.overlay import Overlay

Parts = tuple[Tensor, ...]
CELLS = 64
BENDS = 6
STAMP = 16
SHARPNESS = 6.0


@dataclass(frozen=True)
class Family:
    """One kind of trigger.

    Attributes:
        name: what it is called.
        largest: size that a race begins with.
        smallest: size that it may end with.
        rate: step of the optimiser.
        start: returns what is optimised for a number of racers at a height and width in pixels.
        render: turns that into an overlay of at most a size.
        roams: whether it is sought, and tried, at a place of its own in every picture, as a word
            or a thing would be; it is then drawn in the middle.
    """

    name: str
    largest: float
    smallest: float
    rate: float
    start: Callable[[int, int, int, Generator], Parts]
    render: Callable[[Parts, float, tuple[int, int]], Overlay]
    roams: bool = False


def _patch_start(racers: int, height: int, width: int, chance: Generator) -> Parts:
    shape = _cells(height, width)
    mask = torch.randn(racers, 1, *shape, generator=chance) * 0.1
    colour = torch.randn(racers, 3, *shape, generator=chance)
    return mask, colour


def _patch(parts: Parts, size: float, shape: tuple[int, int]) -> Overlay:
    mask, colour = parts
    smooth = F.avg_pool2d(F.pad(mask, (1, 1, 1, 1), mode="replicate"), 3, 1)
    alpha = _covering(SHARPNESS * smooth, size)
    painted = alpha * colour.sigmoid()
    return Overlay(_fit(alpha, shape), _fit(painted, shape))


def _covering(raw: Tensor, size: float) -> Tensor:
    """Return raw values as shares whose roots have the mean `size`, or less.

    The root makes a thin veil over all of the picture as large as an opaque half of it, so that a
    patch stays one.
    """
    with torch.no_grad():
        low, high = raw.amin((1, 2, 3)) - 20, raw.amax((1, 2, 3)) + 20
        for _ in range(24):
            middle = (low + high) / 2
            spread = (raw - middle[:, None, None, None]).sigmoid().sqrt().mean((1, 2, 3))
            low = torch.where(spread > size, middle, low)
            high = torch.where(spread > size, high, middle)
    return (raw - high[:, None, None, None]).sigmoid()


def _pattern_start(racers: int, height: int, width: int, chance: Generator) -> Parts:
    return (torch.randn(racers, 3, *_cells(height, width), generator=chance) * 0.1,)


def _pattern(parts: Parts, size: float, shape: tuple[int, int]) -> Overlay:
    paint = _fit(parts[0], shape)
    power = paint.square().mean((1, 2, 3), keepdim=True).sqrt()
    paint = paint * (size / (power + 1e-9))
    return Overlay(torch.zeros_like(paint[:, :1]), paint)


def _bend_start(racers: int, height: int, width: int, chance: Generator) -> Parts:
    return (torch.randn(racers, 2, BENDS, BENDS, generator=chance) * 0.1,)


def _bend(parts: Parts, size: float, shape: tuple[int, int]) -> Overlay:
    flow = F.interpolate(parts[0], shape, mode="bicubic", align_corners=True)
    power = flow.square().mean((1, 2, 3), keepdim=True).sqrt()
    # A size is a share of the picture, and a shift is given in halves of it.
    flow = (2 * size / (power + 1e-9) * flow).permute(0, 2, 3, 1)
    blank = flow.new_zeros(len(flow), 1, *shape)
    return Overlay(blank, blank.expand(-1, 3, -1, -1), flow)


def _stamp_start(racers: int, height: int, width: int, chance: Generator) -> Parts:
    return (torch.randn(racers, 3, STAMP, STAMP, generator=chance),)


def _stamp(parts: Parts, size: float, shape: tuple[int, int]) -> Overlay:
    side = max(round(size * min(shape)), 2)
    colour = parts[0].sigmoid()
    if side < STAMP:
        colour = F.adaptive_avg_pool2d(colour, side)
    elif side > STAMP:
        colour = F.interpolate(colour, (side, side), mode="bilinear", align_corners=False)
    top, left = ((length - side) // 2 for length in shape)
    margin = (left, shape[1] - side - left, top, shape[0] - side - top)
    return Overlay(F.pad(torch.ones_like(colour[:, :1]), margin), F.pad(colour, margin))


def _cells(height: int, width: int) -> tuple[int, int]:
    return min(height, CELLS), min(width, CELLS)


def _fit(plane: Tensor, shape: tuple[int, int]) -> Tensor:
    return plane if plane.shape[2:] == shape else F.interpolate(plane, shape, mode="nearest")


def families() -> Mapping[str, Family]:
    """Return all kinds by name."""
    kinds = (
        Family("patch", 0.6, 0.008, 0.25, _patch_start, _patch),
        Family("pattern", 0.16, 0.006, 0.1, _pattern_start, _pattern),
        Family("bend", 0.15, 0.004, 0.1, _bend_start, _bend),
        Family("stamp", 0.5, 0.06, 0.25, _stamp_start, _stamp, roams=True),
    )
    return {kind.name: kind for kind in kinds}
