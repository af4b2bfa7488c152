"""The worst case over losses, targets and restarts."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from vlaudit.perturb.gradient.attempt import Attempt
from vlaudit.perturb.gradient.ball import Ball
from vlaudit.perturb.gradient.campaign import Campaign
from vlaudit.perturb.gradient.losses import LIKELIHOOD, MARGIN, likeliest_wrong
from vlaudit.perturb.gradient.oracle import Oracle

# Values of the pictures attacked side by side; bounds memory at some fifty copies of them.
POOL = 2**23

# Short runs, of a sixth of the steps but no fewer than four, go before long ones: they tell well
# how far a long one comes.
SHORTER, SHORTEST = 6, 4

# Pictures that lack at most so large a share of what they gained get short runs of the other aims;
# then those that lack at most the next share get a long one, as do the nearest of the others while
# fewer gradients were spent than so large a share of one long run on every picture.
PLAUSIBLE, NEAR, FREE = 0.7, 0.1, 0.15

# What runs are given to show promise, by lot: cross-entropy, other aims, long ones.
PATIENCE = (3.0, 1.5, 0.2)


class Attack(Protocol):
    """Tries to have each picture misnamed within a ball; returns 8-bit pictures."""

    def __call__(
        self,
        oracle: Oracle,
        clean: Tensor,
        labels: Tensor,
        ball: Ball,
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
        give_up: whether to try short runs first and leave pictures plainly out of reach, for a
            tenth of the gradients; otherwise all runs take all steps until the picture is won.
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
        ball: Ball,
        *,
        generator: torch.Generator,
        progress: Callable[[float], None],
    ) -> Attempt:
        """Attack each picture until one run wins it."""
        attempt = Attempt.at(clean)
        at_once = max(1, POOL // max(1, clean[:1].numel()))
        for first in range(0, len(clean), at_once):
            part = slice(first, min(first + at_once, len(clean)))

            def tell(fraction: float, part: slice = part) -> None:
                done = part.start + fraction * (part.stop - part.start)
                progress(min(1.0, done / len(clean)))

            campaign = Campaign(
                oracle, clean[part], labels[part], ball, steps=self.steps, generator=generator
            )
            self._lead(campaign, tell)
            attempt.put(part, campaign.attempt)
        return attempt

    @property
    def _few(self) -> int:
        """Steps of a short run."""
        return min(max(self.steps // SHORTER, SHORTEST), self.steps)

    def _lead(self, campaign: Campaign, progress: Callable[[float], None]) -> None:
        """Run cross-entropy for a few steps on all pictures, then all else on those that stand."""
        everyone = torch.arange(len(campaign.labels), device=campaign.labels.device)
        soft = torch.full_like(everyone, LIKELIHOOD)
        patience = PATIENCE[0] if self.give_up else math.inf
        campaign.run(everyone, soft, steps=self._few, patience=patience)
        progress(0.3)
        if self.give_up:
            self._try_the_promising(campaign, _later(progress, 0.3))
        else:
            left = campaign.standing()
            images, targets = _pairs(left, self._aims(campaign, left, MARGIN, LIKELIHOOD))
            campaign.run(images, targets, steps=self.steps, progress=_later(progress, 0.3))

    def _try_the_promising(self, campaign: Campaign, progress: Callable[[float], None]) -> None:
        """Try the other aims in short runs, then in long ones what came nearest."""
        left = campaign.standing()
        left = left[campaign.lack()[left] <= PLAUSIBLE]
        images, targets = _pairs(left, self._aims(campaign, left))
        campaign.run(images, targets, steps=self._few, patience=PATIENCE[1])
        progress(0.4)
        left = campaign.standing()
        cost = torch.arange(1, len(left) + 1, device=left.device) * self.steps * self.restarts
        free = FREE * self.steps * len(campaign.labels) - campaign.gradients
        left = left[(campaign.lack()[left] <= NEAR) | (cost <= free)]
        images, targets = _pairs(left, [campaign.aim[left]] * self.restarts)
        campaign.run(
            images,
            targets,
            steps=self.steps,
            patience=PATIENCE[2],
            progress=_later(progress, 0.4),
        )

    def _aims(self, campaign: Campaign, left: Tensor, *always: int) -> list[Tensor]:
        """Return what to aim at, a list of (left,): the class that came nearest and others."""
        logits, labels, rival = campaign.logits[left], campaign.labels[left], campaign.rival[left]
        ruled_out = logits.scatter(1, rival[:, None], -torch.inf)
        others = min(self.targets - 1, logits.shape[1] - 2)
        aims = [torch.full_like(left, aim) for aim in always]
        aims += [rival] * (logits.shape[1] > 2)
        aims += [likeliest_wrong(ruled_out, labels, rank=rank) for rank in range(others)]
        return aims * self.restarts


def _pairs(images: Tensor, aims: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Return every picture with each of its aims."""
    return images.repeat(len(aims)), torch.cat([*aims, images[:0]])


def _later(progress: Callable[[float], None], start: float) -> Callable[[float], None]:
    """Return what reports the fractions from `start` to 1."""
    return lambda fraction: progress(start + (1 - start) * fraction)
