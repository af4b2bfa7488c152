"""The worst case over losses, targets and restarts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from vlaudit.perturb.gradient.apgd import Attempt, apgd, within_reach
from vlaudit.perturb.gradient.ball import LinfBall
from vlaudit.perturb.gradient.losses import (
    Loss,
    cross_entropy,
    likeliest_wrong,
    margin,
    targeted_margin,
)
from vlaudit.perturb.gradient.oracle import Oracle

# Pictures attacked side by side; bounds memory at about ten copies of so many pictures.
POOL = 256

# Images that lack at most this share of what they gained always get every run; beyond them, so
# many at a time do, the nearest first, until none of them falls.
NEAR, SPOT = 0.15, 4


class Attack(Protocol):
    """Tries to have each picture misnamed within a ball; returns 8-bit pictures."""

    def __call__(
        self,
        oracle: Oracle,
        clean: Tensor,
        labels: Tensor,
        ball: LinfBall,
        *,
        generator: torch.Generator,
        progress: Callable[[float], None],
    ) -> Attempt:
        """Attack all pictures, (images, 3, height, width), with true classes (images,)."""
        ...


@dataclass(frozen=True)
class ApgdEnsemble:
    """APGD on cross-entropy, on the margin and on the margins of the likeliest wrong classes.

    Attributes:
        steps: gradient steps of each run.
        restarts: runs of each loss from fresh random starts.
        targets: how many of the likeliest wrong classes are each aimed at.
        give_up: whether to leave pictures that are plainly out of reach: early in a run (see
            `apgd`), and after the first run all that lie beyond those where no other run helps.
    """

    steps: int
    restarts: int = 1
    targets: int = 3
    give_up: bool = True

    def __call__(
        self,
        oracle: Oracle,
        clean: Tensor,
        labels: Tensor,
        ball: LinfBall,
        *,
        generator: torch.Generator,
        progress: Callable[[float], None],
    ) -> Attempt:
        """Attack each picture until one run wins it; later runs see only those left."""
        attempt = Attempt.at(clean)
        for first in range(0, len(clean), POOL):
            part = torch.arange(first, min(first + POOL, len(clean)), device=clean.device)

            def tell(fraction: float, part: Tensor = part) -> None:
                progress((int(part[0]) + fraction * len(part)) / len(clean))

            campaign = _Campaign(oracle, clean[part], labels[part], ball, self.steps, generator)
            self._lead(campaign, tell)
            attempt.merge(part, campaign.attempt)
        return attempt

    def _lead(self, campaign: "_Campaign", progress: Callable[[float], None]) -> None:
        """Run cross-entropy on every picture, then all else on those left, the nearest first."""
        everyone = torch.arange(len(campaign.labels), device=campaign.labels.device)
        campaign.run(everyone, cross_entropy, campaign.labels[None], give_up=self.give_up)
        progress(0.5)
        left = campaign.left_by_nearness()
        for _ in range(1, self.restarts):
            left = left[~campaign.attempt.won[left]]
            campaign.run(left, cross_entropy, campaign.labels[None, left], give_up=self.give_up)
        left = campaign.left_by_nearness()
        near = int(campaign.within_reach(NEAR)[left].sum()) if self.give_up else len(left)
        aims = self._aims(campaign.logits, campaign.labels)
        for front, group in enumerate(_fronts(left, near)):
            standing = group[~campaign.attempt.won[group]]
            campaign.run(standing, targeted_margin, aims[:, standing], give_up=self.give_up)
            if front and not campaign.attempt.won[group].any():
                break
        progress(1.0)

    def _aims(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Return the classes to aim at, (runs, images); the true one stands for any wrong one.

        With two classes the margin is all that cross-entropy already was, and no run is left.
        """
        wrong_classes = logits.shape[1] - 1
        ranks = range(min(self.targets, wrong_classes))
        aims = [labels, *(likeliest_wrong(logits, labels, rank=rank) for rank in ranks)]
        return torch.stack(aims * self.restarts)[: None if wrong_classes > 1 else 0]


def _fronts(left: Tensor, near: int) -> Iterator[Tensor]:
    """Yield the near ones together, the others a few at a time."""
    yield left[:near]
    for start in range(near, len(left), SPOT):
        yield left[start : start + SPOT]


class _Campaign:
    """Runs of APGD on the same pictures, and what they achieved together."""

    def __init__(
        self,
        oracle: Oracle,
        clean: Tensor,
        labels: Tensor,
        ball: LinfBall,
        steps: int,
        generator: torch.Generator,
    ) -> None:
        self.oracle, self.clean, self.labels, self.ball = oracle, clean, labels, ball
        self.steps, self.generator = steps, generator
        self.attempt = Attempt.at(clean)
        self.logits = oracle.logits(clean)
        self.origin = margin(self.logits, labels, labels)

    def run(self, where: Tensor, loss: Loss, aims: Tensor, *, give_up: bool) -> None:
        """Attack the images at positions `where`, side by side for each row of `aims`."""
        if not aims.numel():
            return
        copies = where.repeat(len(aims))
        found = apgd(
            self.oracle,
            self.clean[copies],
            self.labels[copies],
            aims.flatten(),
            ball=self.ball,
            loss=loss,
            steps=self.steps,
            start=self.ball.start(self.clean[copies], self.generator),
            origin=self.origin[copies] if give_up else None,
        )
        for row in range(len(aims)):
            part = slice(row * len(where), (row + 1) * len(where))
            self.attempt.merge(where, found.select(part))

    def within_reach(self, share: float) -> Tensor:
        """Tell which images lack at most `share` of what they have gained, (images,)."""
        return within_reach(self.attempt.peak, self.origin, share=share)

    def left_by_nearness(self) -> Tensor:
        """Return the positions of the images not won yet, the nearest to being won first."""
        gained = (self.attempt.peak - self.origin).clamp(min=1e-9)
        left = (~self.attempt.won).nonzero()[:, 0]
        return left[(self.attempt.peak / gained)[left].argsort(descending=True)]
