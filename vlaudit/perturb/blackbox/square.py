"""Square Attack of Andriushchenko et al. (2020): random squares, kept where they help."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from vlaudit.perturb.blackbox.bumps import exchanged, tiled
from vlaudit.perturb.gradient.attempt import Attempt
from vlaudit.perturb.gradient.ball import Ball, L2Ball
from vlaudit.perturb.gradient.losses import margin
from vlaudit.perturb.gradient.oracle import Oracle, wrong

# The published schedule: the area halves after so many of 10,000 queries.
HALVINGS, SCHEDULE = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000), 10_000


@dataclass(frozen=True)
class SquareAttack:
    """Random search over squares, each picture on its own.

    In an L-inf ball squares go to its corners; in an L2 ball bumps trade length between windows.

    Attributes:
        queries: most answers asked for each picture, the start included.
        area: share of the picture that the first squares cover.
    """

    queries: int
    area: float = 0.8

    def __call__(
        self,
        oracle: Oracle,
        clean: Tensor,
        labels: Tensor,
        ball: Ball,
        *,
        generator: torch.Generator,
        progress: Callable[[float], None],
    ) -> tuple[Attempt, Tensor]:
        """Attack pictures (images, 3, height, width) of true classes (images,).

        Returns:
            What was achieved, and how many answers each picture took, int64 of shape (images,).
        """
        attempt = Attempt.at(clean)
        asked = torch.zeros_like(labels)
        left = torch.arange(len(clean), device=clean.device)
        best = torch.full_like(attempt.peak, -torch.inf)
        now = clean.clone()
        for query in range(self.queries):
            if not len(left):
                break
            moved = ball.project(
                self._moved(now[left], clean[left], ball, query, generator), clean[left]
            )
            tried = ball.quantise(moved, clean[left])
            logits = oracle.verify(tried)
            asked[left] += 1
            seen = margin(logits, labels[left])
            better = seen > best[left]
            best[left] = torch.maximum(best[left], seen)
            now[left[better]] = moved[better]
            fooled = wrong(logits, labels[left])
            attempt.record(left[fooled], tried[fooled], late=False)
            left = left[~fooled]
            progress((query + 1) / self.queries)
        attempt.peak.copy_(best)
        return attempt, asked

    def _moved(
        self, now: Tensor, clean: Tensor, ball: Ball, query: int, generator: torch.Generator
    ) -> Tensor:
        """Return what is asked about at a query; the start where it is the first."""
        if isinstance(ball, L2Ball):
            if not query:
                return tiled(clean, ball, generator)
            side = self.side(query, *now.shape[2:])
            return exchanged(now, clean, ball, side | 1, generator)
        if not query:
            return _stripes(clean, ball, generator)
        return self._squares(now, clean, ball, query, generator)

    def _squares(
        self,
        now: Tensor,
        clean: Tensor,
        ball: Ball,
        query: int,
        generator: torch.Generator,
    ) -> Tensor:
        """Return each picture with one square, at a place of its own, at a corner of the ball."""
        images, channels, height, width = now.shape
        side = self.side(query, height, width)
        top = torch.randint(height - side + 1, (images, 1, 1), generator=generator)
        left = torch.randint(width - side + 1, (images, 1, 1), generator=generator)
        down, across = torch.arange(height)[None, :, None], torch.arange(width)[None, None]
        inside = (down >= top) & (down < top + side) & (across >= left) & (across < left + side)
        sign = torch.randint(2, (images, channels, 1, 1), generator=generator) * 2 - 1
        corner = clean + ball.epsilon * sign.to(clean)
        return torch.where(inside[:, None].to(clean.device), corner, now)

    def side(self, query: int, height: int, width: int) -> int:
        """Return the side of the squares tried at a query, in pixels."""
        at = query * SCHEDULE / self.queries
        area = self.area / 2 ** sum(at > halving for halving in HALVINGS)
        return int(min(max(round((area * height * width) ** 0.5), 1), height, width))


def _stripes(clean: Tensor, ball: Ball, generator: torch.Generator) -> Tensor:
    """Return each picture with vertical stripes a pixel wide, at corners of the ball."""
    images, channels, _, width = clean.shape
    sign = torch.randint(2, (images, channels, 1, width), generator=generator) * 2 - 1
    return clean + ball.epsilon * sign.to(clean)
