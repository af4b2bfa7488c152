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
from vlaudit.perturb.gradient.parts import attack_in_parts, later

# Short runs, of a sixth of the steps but no fewer than four, go before long ones: they tell well
# how far a long one comes.
SHORTER, SHORTEST = 6, 4

# Pictures that lack at most so large a share of what they gained get short runs of the other aims;
# then those that lack at most the next share get a long one.
PLAUSIBLE, NEAR = 0.7, 0.1

# What is spent at most, as a share of the gradients of one long run on every picture. AutoPGD of
# the toolbox spends a gradient and a look, some 4/3 gradients, on each step of each picture: a
# quarter of that is a third of a gradient. Short runs leave a part to the long ones, and only
# while less than FREE was spent do pictures that are not near get a long one.
SHORT_BUDGET, BUDGET, FREE = 0.22, 0.28, 0.15
# Shorter runs are so cheap that they are not held to less.
LEAST_STEPS = 50

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
            third of the gradients of one long run at most; otherwise all runs take all steps
            until the picture is won.
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
        return attack_in_parts(
            self._lead,
            oracle,
            clean,
            labels,
            ball,
            steps=self.steps,
            generator=generator,
            progress=progress,
        )

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
            self._try_the_promising(campaign)
            progress(0.5)
            self._try_the_nearest(campaign, later(progress, 0.5))
        else:
            left = campaign.standing()
            images, targets = _pairs(left, self._aims(campaign, left, MARGIN, LIKELIHOOD))
            campaign.run(images, targets, steps=self.steps, progress=later(progress, 0.3))

    def _try_the_promising(self, campaign: Campaign) -> None:
        """Try the other aims in short runs, on as many of the nearest as the budget allows."""
        left = campaign.standing()
        left = left[campaign.lack()[left] <= PLAUSIBLE]
        aims = self._aims(campaign, left)
        most = self._affordable(campaign, SHORT_BUDGET) / (max(1, len(aims)) * (self._few + 1))
        left, aims = left[: int(most)], [aim[: int(most)] for aim in aims]
        campaign.run(*_pairs(left, aims), steps=self._few, patience=PATIENCE[1])

    def _try_the_nearest(self, campaign: Campaign, progress: Callable[[float], None]) -> None:
        """Try long runs of what came nearest, as many at once as the budget is sure to allow.

        Where it allows no whole run, one picture gets as many steps as are left.
        """
        tried = torch.zeros_like(campaign.attempt.won)
        while True:
            left = campaign.standing()
            left = left[~tried[left]]
            budget = self._affordable(campaign, BUDGET)
            steps = min(self.steps, int(budget) // self.restarts - 1)
            cost = torch.arange(1, len(left) + 1, device=left.device) * (steps + 1) * self.restarts
            near = (campaign.lack()[left] <= NEAR) & (cost <= budget)
            left = left[near | (cost <= self._affordable(campaign, FREE))]
            if not len(left) or steps <= self._few:
                break
            tried[left] = True
            images, targets = _pairs(left, [campaign.aim[left]] * self.restarts)
            campaign.run(images, targets, steps=steps, patience=PATIENCE[2])
            progress(float(tried.float().mean()))

    def _affordable(self, campaign: Campaign, share: float) -> float:
        """Return how many gradients may still be spent until a share of the long runs is."""
        whole = max(self.steps, LEAST_STEPS) * self.restarts * len(campaign.labels)
        return max(0.0, share * whole - campaign.gradients)

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
