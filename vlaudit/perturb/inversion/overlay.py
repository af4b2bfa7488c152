"""What a trigger does to pixels, whatever kind it is of: it moves, covers and adds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Overlay:
    """Changes for several racers: `(1 - alpha) * moved(picture) + paint`, cut to [0, 1].

    Attributes:
        alpha: how much is covered, (racers, 1, height, width) in [0, 1].
        paint: what is added, times alpha where it covers, (racers, 3, height, width).
        flow: where each pixel is taken from, as a shift in halves of the picture,
            (racers, height, width, 2); None where nothing moves.
    """

    alpha: Tensor
    paint: Tensor
    flow: Tensor | None = None

    def on(self, pixels: Tensor) -> Tensor:
        """Return pixels (images, 3, height, width) changed by each, (racers, images, 3, ...)."""
        seen = pixels[None].expand(len(self.alpha), *pixels.shape)
        if self.flow is not None:
            seen = _moved(seen, self.flow)
        return ((1 - self.alpha[:, None]) * seen + self.paint[:, None]).clamp(0, 1)

    def spread(self, pixels: Tensor, places: Sequence[tuple[float, float]]) -> Tensor:
        """Return what `on` does, at one of `places` in each picture, one after the other.

        Args:
            pixels: pictures, (images, 3, height, width).
            places: shifts down and to the right as fractions of the picture.
        """
        parts = [
            self.rolled(*place).on(pixels[at :: len(places)]) for at, place in enumerate(places)
        ]
        changed = torch.empty_like(pixels[None].expand(len(self.alpha), *pixels.shape))
        for at, part in enumerate(parts):
            changed[:, at :: len(places)] = part
        return changed

    def one(self, racer: int) -> "Overlay":
        """Return what one racer does."""
        part = slice(racer, racer + 1)
        return Overlay(
            self.alpha[part], self.paint[part], None if self.flow is None else self.flow[part]
        )

    def rolled(self, down: float, right: float) -> "Overlay":
        """Return the same elsewhere, by fractions of the picture; what leaves comes in again."""
        height, width = self.alpha.shape[-2:]
        by = (round(down * height), round(right * width))
        return Overlay(
            self.alpha.roll(by, (2, 3)),
            self.paint.roll(by, (2, 3)),
            None if self.flow is None else self.flow.roll(by, (1, 2)),
        )

    def zoomed(self, factor: float) -> "Overlay":
        """Return the same `factor` times as large, about the middle of what it covers most."""
        weight = self.alpha + self.paint.abs().amax(dim=1, keepdim=True)
        grid = _zoom(weight, factor)
        flow = self.flow
        if flow is not None:
            shown = F.grid_sample(flow.permute(0, 3, 1, 2), grid, align_corners=False)
            flow = shown.permute(0, 2, 3, 1)
        alpha, paint = (
            F.grid_sample(part, grid, align_corners=False) for part in (self.alpha, self.paint)
        )
        return replace(self, alpha=alpha, paint=paint, flow=flow)


def _moved(seen: Tensor, flow: Tensor) -> Tensor:
    racers, images, channels, height, width = seen.shape
    still = F.affine_grid(
        torch.eye(2, 3, device=seen.device)[None], [1, 1, height, width], align_corners=False
    )
    grid = (still + flow)[:, None].expand(racers, images, height, width, 2)
    moved = F.grid_sample(
        seen.reshape(-1, channels, height, width),
        grid.reshape(-1, height, width, 2),
        padding_mode="border",
        align_corners=False,
    )
    return moved.reshape(seen.shape)


def _zoom(weight: Tensor, factor: float) -> Tensor:
    """Return the grid that enlarges about the centre of the weight."""
    height, width = weight.shape[-2:]
    total = weight.sum(dim=(1, 2, 3)) + 1e-9
    down = torch.linspace(-1, 1, height, device=weight.device)
    right = torch.linspace(-1, 1, width, device=weight.device)
    y = (weight.sum(dim=(1, 3)) * down).sum(dim=1) / total
    x = (weight.sum(dim=(1, 2)) * right).sum(dim=1) / total
    turn = torch.zeros(len(weight), 2, 3, device=weight.device)
    turn[:, 0, 0] = turn[:, 1, 1] = 1 / factor
    turn[:, 0, 2], turn[:, 1, 2] = x * (1 - 1 / factor), y * (1 - 1 / factor)
    return F.affine_grid(turn, [len(weight), 1, height, width], align_corners=False)
