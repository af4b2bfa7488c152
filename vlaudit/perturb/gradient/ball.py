"""The sets of pictures that an attacker may reach."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

LEVELS = 255
TOLERANCE = 1e-3


class Ball(Protocol):
    """Pictures in [0, 1] that are near to a clean one; all tensors are (pictures, 3, h, w)."""

    @property
    def epsilon(self) -> float:
        """The budget, in units of the pixel range."""
        ...

    @property
    def first_step(self) -> float:
        """Initial step size of APGD, twice the radius (Croce and Hein 2020)."""
        ...

    def start(self, clean: Tensor, generator: torch.Generator) -> Tensor:
        """Return a random point of the ball around each picture of `clean`."""
        ...

    def climb(self, at: Tensor, gradient: Tensor, step: Tensor) -> Tensor:
        """Return `at` moved by `step` in the steepest direction of this norm."""
        ...

    def project(self, pixels: Tensor, clean: Tensor) -> Tensor:
        """Return points near to `pixels` that lie in the ball and in [0, 1]."""
        ...

    def quantise(self, pixels: Tensor, clean: Tensor) -> Tensor:
        """Return `pixels` rounded to 8 bits, inwards where rounding would leave the ball."""
        ...

    def contains(self, pixels: Tensor, clean: Tensor) -> Tensor:
        """Tell for each picture whether it lies in the ball and in [0, 1], (pictures,)."""
        ...


@dataclass(frozen=True)
class LinfBall:
    """Pictures in [0, 1] of which no pixel differs by more than `epsilon` from the clean one.

    Attributes:
        epsilon: budget in units of the pixel range, such as 2 / 255.
    """

    epsilon: float

    @property
    def first_step(self) -> float:
        """Initial step size of APGD, twice the radius (Croce and Hein 2020)."""
        return 2 * self.epsilon

    def start(self, clean: Tensor, generator: torch.Generator) -> Tensor:
        """Return a uniform random point of the ball around each picture of `clean`."""
        noise = torch.rand(clean.shape, generator=generator).to(clean) * 2 - 1
        return self.project(clean + self.epsilon * noise, clean)

    def climb(self, at: Tensor, gradient: Tensor, step: Tensor) -> Tensor:
        """Return `at` moved by `step` in the steepest direction of this norm."""
        return gradient.sign().mul_(step).add_(at)

    def project(self, pixels: Tensor, clean: Tensor) -> Tensor:
        """Return the nearest points to `pixels` that lie in the ball and in [0, 1]."""
        return (pixels - clean).clamp_(-self.epsilon, self.epsilon).add_(clean).clamp_(0, 1)

    def quantise(self, pixels: Tensor, clean: Tensor) -> Tensor:
        """Return `pixels` rounded to 8 bits, inwards where rounding would leave the ball."""
        lowest = ((clean - self.epsilon) * LEVELS - TOLERANCE).ceil().clamp(min=0)
        highest = ((clean + self.epsilon) * LEVELS + TOLERANCE).floor().clamp(max=LEVELS)
        rounded = (pixels * LEVELS).round()
        return torch.minimum(torch.maximum(rounded, lowest), highest) / LEVELS

    def contains(self, pixels: Tensor, clean: Tensor) -> Tensor:
        """Tell for each picture whether it lies in the ball and in [0, 1], (pictures,)."""
        farthest = (pixels - clean).abs().flatten(1).amax(1) * LEVELS
        return (farthest <= self.epsilon * LEVELS + TOLERANCE) & _in_range(pixels)


@dataclass(frozen=True)
class L2Ball:
    """Pictures in [0, 1] whose difference from the clean one has at most the length `epsilon`.

    Attributes:
        epsilon: budget: root of the sum of squares over all pixels and channels.
    """

    epsilon: float

    @property
    def first_step(self) -> float:
        """Initial step size of APGD, twice the radius (Croce and Hein 2020)."""
        return 2 * self.epsilon

    def start(self, clean: Tensor, generator: torch.Generator) -> Tensor:
        """Return a point in a uniform direction, at most `epsilon` away, of each picture."""
        noise = torch.randn(clean.shape, generator=generator).to(clean)
        return self.project(clean + self.epsilon * noise / _length(noise), clean)

    def climb(self, at: Tensor, gradient: Tensor, step: Tensor) -> Tensor:
        """Return `at` moved by `step` along the gradient."""
        return at + step * gradient / _length(gradient)

    def project(self, pixels: Tensor, clean: Tensor) -> Tensor:
        """Return `pixels` drawn towards the clean ones into the ball, then cut to [0, 1]."""
        away = pixels.clamp(0, 1) - clean
        return clean + away * (self.epsilon / _length(away)).clamp(max=1)

    def quantise(self, pixels: Tensor, clean: Tensor) -> Tensor:
        """Return `pixels` in 8 bits: the nearest within the ball, else the next towards clean."""
        levels, whole = pixels * LEVELS, clean * LEVELS
        nearest = levels.round() / LEVELS
        inwards = torch.where(levels > whole, levels.floor(), levels.ceil()) / LEVELS
        return torch.where(self.contains(nearest, clean)[:, None, None, None], nearest, inwards)

    def contains(self, pixels: Tensor, clean: Tensor) -> Tensor:
        """Tell for each picture whether it lies in the ball and in [0, 1], (pictures,)."""
        away = _length(pixels - clean).flatten()
        return (away <= self.epsilon + TOLERANCE / LEVELS) & _in_range(pixels)


def _in_range(pixels: Tensor) -> Tensor:
    return ((pixels >= 0) & (pixels <= 1)).flatten(1).all(1)


def _length(tensor: Tensor) -> Tensor:
    """Return the L2 length of each picture, never quite 0, (pictures, 1, 1, 1)."""
    length: Tensor = torch.linalg.vector_norm(tensor.flatten(1), dim=1)
    return length.clamp(min=1e-12)[:, None, None, None]
