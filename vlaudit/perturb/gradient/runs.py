"""Auto-PGD of Croce and Hein (2020): runs side by side, each at its own step."""

from dataclasses import dataclass, fields, replace
from typing import Self

import torch
from torch import Tensor

from vlaudit.perturb.gradient.ball import Ball

MOMENTUM = 0.75
RISES = 0.75


@dataclass(frozen=True)
class Runs:
    """Everything APGD knows of its runs; one entry a run throughout.

    Attributes:
        image: position of the picture that a run attacks, int64.
        target: what it aims at; see `losses.aimed`.
        step: gradient steps taken, int64; -1 before the first look at the start.
        peak: the largest margin of a wrong class that it saw.
        before: last point but one.
        now: last point.
        loss: loss there.
        gradient: gradient there.
        best: point of the highest loss.
        best_loss: loss there.
        best_gradient: gradient there.
        size: step size.
        rises: how often the loss rose since the last review, int64.
        halved: whether the last review halved the step, bool.
        best_loss_before: highest loss at the last review.
    """

    image: Tensor
    target: Tensor
    step: Tensor
    peak: Tensor
    before: Tensor
    now: Tensor
    loss: Tensor
    gradient: Tensor
    best: Tensor
    best_loss: Tensor
    best_gradient: Tensor
    size: Tensor
    rises: Tensor
    halved: Tensor
    best_loss_before: Tensor

    @classmethod
    def starting(cls, image: Tensor, target: Tensor, start: Tensor, *, size: float) -> Self:
        """Return runs that have not looked anywhere yet."""
        unseen = start.new_full((len(start),), -torch.inf)
        return cls(
            image=image,
            target=target,
            step=torch.full_like(image, -1),
            peak=unseen,
            before=start,
            now=start,
            loss=-unseen,
            gradient=torch.zeros_like(start),
            best=start,
            best_loss=unseen,
            best_gradient=torch.zeros_like(start),
            size=start.new_full((len(start), 1, 1, 1), size),
            rises=torch.zeros_like(image),
            halved=torch.ones_like(image, dtype=torch.bool),
            best_loss_before=unseen,
        )

    def __len__(self) -> int:
        """Return the number of runs."""
        return len(self.image)

    def keep(self, chosen: Tensor) -> Self:
        """Return the chosen runs only, bool or int64 of shape (runs,)."""
        if chosen.dtype == torch.bool and chosen.all():
            return self
        return replace(self, **{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def join(self, other: Self) -> Self:
        """Return these runs and the others."""
        return replace(
            self,
            **{
                f.name: torch.cat([getattr(self, f.name), getattr(other, f.name)])
                for f in fields(self)
            },
        )

    def ahead(self, clean: Tensor, ball: Ball) -> Tensor:
        """Return where each run looks next: its start, or one step with momentum further on."""
        climbed = ball.project(ball.climb(self.now, self.gradient, self.size), clean)
        inert = torch.where(self.step > 0, 1 - MOMENTUM, 0.0).to(self.now)[:, None, None, None]
        onwards = (self.now - self.before).add_(self.now)
        return ball.project(climbed.lerp_(onwards, inert), clean)

    def arrived(self, now: Tensor, loss: Tensor, gradient: Tensor, seen: Tensor) -> Self:
        """Return the runs at `now`, with loss, gradient and margin there."""
        better = loss > self.best_loss
        return replace(
            self,
            step=self.step + 1,
            peak=torch.maximum(self.peak, seen),
            before=self.now,
            now=now,
            loss=loss,
            gradient=gradient,
            best=_chosen(better, now, self.best),
            best_loss=torch.where(better, loss, self.best_loss),
            best_gradient=_chosen(better, gradient, self.best_gradient),
            rises=self.rises + (loss > self.loss),
        )

    def reviewed(self, periods: Tensor) -> Self:
        """Halve the step, and return to the best point, where the last period brought too little.

        Args:
            periods: steps since the last review by step, 0 where none is due; see `reviews`.
        """
        length = periods[self.step.clamp(min=0)]
        due = length > 0
        if not due.any():
            return self
        stuck = ~self.halved & (self.best_loss <= self.best_loss_before)
        halve = due & ((self.rises < RISES * length) | stuck)
        shape = halve[:, None, None, None]
        return replace(
            self,
            size=torch.where(shape, self.size / 2, self.size),
            now=torch.where(shape, self.best, self.now),
            loss=torch.where(halve, self.best_loss, self.loss),
            gradient=torch.where(shape, self.best_gradient, self.gradient),
            rises=self.rises.masked_fill(due, 0),
            halved=torch.where(due, halve, self.halved),
            best_loss_before=torch.where(due, self.best_loss, self.best_loss_before),
        )


def _chosen(first: Tensor, one: Tensor, other: Tensor) -> Tensor:
    """Return `one` where `first`, (runs,), holds, else `other`; no copy where all are of one."""
    if first.all():
        return one
    return torch.where(first[:, None, None, None], one, other) if first.any() else other


def reviews(steps: int) -> Tensor:
    """Return for each step, int64 of shape (steps + 1,), how far a review then looks back.

    The first period is 0.22 of all steps, each next one 0.03 shorter, never below 0.06; 0 stands
    for no review.
    """
    periods = torch.zeros(steps + 1, dtype=torch.int64)
    length, at = max(int(0.22 * steps), 1), 0
    while at + length < steps:
        at += length
        periods[at] = length
        length = max(length - max(int(0.03 * steps), 1), max(int(0.06 * steps), 1))
    return periods
