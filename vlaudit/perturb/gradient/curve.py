"""Accuracy over growing budgets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vlaudit.core.probe import Inapplicable
from vlaudit.perturb.gradient.ball import LEVELS, Ball, LinfBall
from vlaudit.perturb.gradient.ensemble import Attack
from vlaudit.perturb.gradient.oracle import Oracle, right, unanswered


@dataclass(frozen=True)
class Robustness:
    """What is left of a model's accuracy at one budget.

    Attributes:
        epsilon: the budget, in units of the pixel range.
        robust: whether each image is named right, clean and under every attack up to this
            budget, (images,).
        broken: whether each image is named right when clean and not here, (images,).
        adversarial: the misnamed pictures, each uint8 of shape (3, height, width); the clean
            ones where none was found.
        late: share of the images attacked at this budget that fell in the last quarter of the
            steps only; where it is high, more steps would break more.
    """

    epsilon: float
    robust: Tensor
    broken: Tensor
    adversarial: Sequence[Tensor]
    late: float

    def picture(self, index: int) -> NDArray[np.uint8]:
        """Return one adversarial picture, uint8 of shape (height, width, 3)."""
        return np.asarray(self.adversarial[index].permute(1, 2, 0).cpu().numpy(), dtype=np.uint8)


def robustness_curve(
    oracle: Oracle,
    clean: Tensor,
    labels: Tensor,
    epsilons: Sequence[float],
    *,
    attack: Attack,
    generator: torch.Generator,
    ball: Callable[[float], Ball] = LinfBall,
    progress: Callable[[float], None] = lambda fraction: None,
) -> list[Robustness]:
    """Attack at each budget, smallest first; a picture broken at one is broken at every larger.

    Args:
        oracle: the model.
        clean: pictures, float32 of shape (images, 3, height, width) in [0, 1].
        labels: true classes, int64 of shape (images,).
        epsilons: budgets in units of the pixel range; at 0 nothing is attacked.
        attack: what to run at each budget on the images still standing.
        generator: source of random starts, on the CPU.
        ball: what an attacker may do with a budget.
        progress: told the fraction done.

    Raises:
        Inapplicable: the model answers no picture with numbers.
    """
    logits = oracle.verify(clean)
    if unanswered(logits).all():
        raise Inapplicable(
            "the model gives scores that are not numbers to every picture; check its weights, or "
            "set the precision of the target to fp32"
        )
    named = right(logits, labels)
    robust, adversarial = named, clean
    curve: list[Robustness] = []
    budgets = sorted(set(epsilons))
    for done, epsilon in enumerate(budgets):

        def tell(fraction: float, done: int = done) -> None:
            progress((done + fraction) / len(budgets))

        left = robust.nonzero()[:, 0]
        late = 0.0
        if epsilon and len(left):
            attempt = attack(
                oracle,
                clean[left],
                labels[left],
                ball(epsilon),
                generator=generator,
                progress=tell,
            )
            robust, adversarial = robust.clone(), adversarial.clone()
            robust[left] = ~attempt.won
            adversarial[left] = attempt.pictures
            late = float(attempt.late.float().mean())
        levels = list((adversarial * LEVELS).round().byte())
        curve.append(Robustness(epsilon, robust, named & ~robust, levels, late))
        tell(1.0)
    return curve
