"""The standard ensemble of AutoAttack (Croce and Hein 2020): four attacks, one after another."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from vlaudit.perturb.blackbox.square import SquareAttack
from vlaudit.perturb.gradient.attempt import Attempt
from vlaudit.perturb.gradient.ball import Ball
from vlaudit.perturb.gradient.boundary import cross_borders
from vlaudit.perturb.gradient.campaign import Campaign
from vlaudit.perturb.gradient.losses import LIKELIHOOD, MARGIN, likeliest_wrong, logits_ratio
from vlaudit.perturb.gradient.oracle import Oracle
from vlaudit.perturb.gradient.parts import attack_in_parts

FEWEST_FOR_RATIO = 4


@dataclass(frozen=True)
class StandardEnsemble:
    """APGD on cross-entropy, targeted APGD on the ratio of logits, targeted FAB, Square.

    Each attacks what the ones before it left, and none gives a picture up early.

    Attributes:
        steps: gradient steps of each run; published with 100.
        restarts: runs of APGD and FAB from fresh random starts.
        targets: how many of the likeliest wrong classes are each aimed at; published with 9.
        queries: answers that Square may ask for about each picture; published with 5,000.
    """

    steps: int = 100
    restarts: int = 1
    targets: int = 9
    queries: int = 5000

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
        """Attack each picture until one attack wins it."""

        def lead(campaign: Campaign, tell: Callable[[float], None]) -> None:
            for _ in range(self.restarts):
                left = campaign.standing()
                campaign.run(left, torch.full_like(left, LIKELIHOOD), steps=self.steps)
            tell(0.1)
            self._follow_gradients(campaign)
            tell(0.4)
            self._follow_borders(campaign)
            tell(0.7)
            self._search(campaign, generator)

        return attack_in_parts(
            lead,
            oracle,
            clean,
            labels,
            ball,
            steps=self.steps,
            generator=generator,
            progress=progress,
        )

    def _follow_gradients(self, campaign: Campaign) -> None:
        """Aim APGD at one wrong class after the other, at any wrong one where there are few."""
        for rank in range(self._ranks(campaign)):
            for _ in range(self.restarts):
                left = campaign.standing()
                aim = self._target(campaign, left, rank)
                if campaign.logits.shape[1] < FEWEST_FOR_RATIO:
                    aim = torch.full_like(aim, MARGIN)
                campaign.run(left, aim, steps=self.steps, loss=logits_ratio)

    def _follow_borders(self, campaign: Campaign) -> None:
        for rank in range(self._ranks(campaign)):
            left = campaign.standing()
            cross_borders(campaign, left, self._target(campaign, left, rank), steps=self.steps)

    def _search(self, campaign: Campaign, generator: torch.Generator) -> None:
        left = campaign.standing()
        found, _ = SquareAttack(self.queries)(
            campaign.oracle,
            campaign.clean[left],
            campaign.labels[left],
            campaign.ball,
            generator=generator,
            progress=lambda fraction: None,
        )
        campaign.attempt.record(left[found.won], found.pictures[found.won], late=False)

    def _ranks(self, campaign: Campaign) -> int:
        return min(self.targets, campaign.logits.shape[1] - 1)

    def _target(self, campaign: Campaign, left: Tensor, rank: int) -> Tensor:
        return likeliest_wrong(campaign.logits[left], campaign.labels[left], rank=rank)
