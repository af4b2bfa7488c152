"""The set of pictures that an attacker may reach."""

from dataclasses import dataclass

import torch
from torch import Tensor

LEVELS = 255


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
        return at + step * gradient.sign()

    def project(self, pixels: Tensor, clean: Tensor) -> Tensor:
        """Return the nearest points to `pixels` that lie in the ball and in [0, 1]."""
        nearest = torch.minimum(torch.maximum(pixels, clean - self.epsilon), clean + self.epsilon)
        return nearest.clamp(0, 1)

    def quantise(self, pixels: Tensor, clean: Tensor) -> Tensor:
        """Return `pixels` rounded to 8 bits, inwards where rounding would leave the ball."""
        slack = 1e-3
        lowest = ((clean - self.epsilon) * LEVELS - slack).ceil().clamp(min=0)
        highest = ((clean + self.epsilon) * LEVELS + slack).floor().clamp(max=LEVELS)
        rounded = (pixels * LEVELS).round()
        return torch.minimum(torch.maximum(rounded, lowest), highest) / LEVELS

    def contains(self, pixels: Tensor, clean: Tensor) -> Tensor:
        """Tell for each picture whether it lies in the ball and in [0, 1], (pictures,)."""
        far = (pixels - clean).abs().flatten(1).amax(1) * LEVELS > self.epsilon * LEVELS + 1e-3
        outside = ((pixels < 0) | (pixels > 1)).flatten(1).any(1)
        return ~(far | outside)
