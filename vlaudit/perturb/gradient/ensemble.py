"""The worst case over losses, targets and restarts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from vlaudit.perturb.gradient.apgd import Attempt, apgd
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
    """

    steps: int
    restarts: int = 1
    targets: int = 3

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
            ranked = oracle.logits(clean[part])
            runs = list(self._runs(ranked, labels[part]))
            for run, (loss, aims) in enumerate(runs):
                left = (~attempt.won[part]).nonzero()[:, 0]
                if len(left):
                    won = apgd(
                        oracle,
                        clean[part][left],
                        labels[part][left],
                        aims[left],
                        ball=ball,
                        loss=loss,
                        steps=self.steps,
                        start=ball.start(clean[part][left], generator),
                    )
                    attempt.merge(part[left], won)
                progress((first + len(part) * (run + 1) / len(runs)) / len(clean))
        return attempt

    def _runs(self, logits: Tensor, labels: Tensor) -> Iterator[tuple[Loss, Tensor]]:
        """Yield each loss with the classes it aims at; with two classes all losses are one."""
        wrong_classes = logits.shape[1] - 1
        for _ in range(self.restarts):
            yield cross_entropy, labels
            if wrong_classes > 1:
                yield margin, labels
                for rank in range(min(self.targets, wrong_classes)):
                    yield targeted_margin, likeliest_wrong(logits, labels, rank=rank)
