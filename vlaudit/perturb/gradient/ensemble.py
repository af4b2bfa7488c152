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

# A run that ends farther off than this share of what it gained is not followed by others.
NEAR = 0.3

SPOT_CHECKS = 4


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
        give_up: whether to leave pictures that are plainly out of reach (see `apgd`). The nearest
            of them then get every run all the same, and if one falls, so do all the others.
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
        runs = list(self._runs(campaign.logits, campaign.labels))
        for done, (loss, aims) in enumerate(runs):
            left = ~campaign.attempt.won
            if self.give_up and done:
                left &= ~campaign.hopeless
            campaign.run(left.nonzero()[:, 0], loss, aims, give_up=self.give_up)
            progress((done + 1) / len(runs))
        given_up = campaign.hopeless if self.give_up else torch.zeros_like(campaign.attempt.won)
        spot = campaign.nearest(given_up)
        for loss, aims in runs:
            left = spot[~campaign.attempt.won[spot]]
            campaign.run(left, loss, aims, give_up=loss is not cross_entropy)
        if campaign.attempt.won[given_up].any():
            for loss, aims in runs:
                left = (given_up & ~campaign.attempt.won).nonzero()[:, 0]
                campaign.run(left, loss, aims, give_up=False)

    def _runs(self, logits: Tensor, labels: Tensor) -> Iterator[tuple[Loss, Tensor]]:
        """Yield each loss with the classes it aims at; with two classes all losses are one."""
        wrong_classes = logits.shape[1] - 1
        for _ in range(self.restarts):
            yield cross_entropy, labels
            if wrong_classes > 1:
                yield margin, labels
                for rank in range(min(self.targets, wrong_classes)):
                    yield targeted_margin, likeliest_wrong(logits, labels, rank=rank)


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

    @property
    def hopeless(self) -> Tensor:
        """Tell which images were not won and are out of reach, (images,)."""
        return ~self.attempt.won & ~within_reach(self.attempt.peak, self.origin, share=NEAR)

    def run(self, where: Tensor, loss: Loss, aims: Tensor, *, give_up: bool) -> None:
        """Attack the images at positions `where` once more."""
        if len(where):
            found = apgd(
                self.oracle,
                self.clean[where],
                self.labels[where],
                aims[where],
                ball=self.ball,
                loss=loss,
                steps=self.steps,
                start=self.ball.start(self.clean[where], self.generator),
                origin=self.origin[where] if give_up else None,
            )
            self.attempt.merge(where, found)

    def nearest(self, given_up: Tensor) -> Tensor:
        """Return the positions of the few images given up that came nearest to being won."""
        gained = (self.attempt.peak - self.origin).clamp(min=1e-9)
        where = given_up.nonzero()[:, 0]
        order = (self.attempt.peak / gained)[where].argsort(descending=True)
        return where[order[:SPOT_CHECKS]]
