"""Whether an attack may be believed: the checks of Athalye et al. (2018) and Carlini et al. (2019).

Each check says for each picture whether it looks as it would under hidden gradients.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from vlaudit.perturb.blackbox.square import SquareAttack
from vlaudit.perturb.blackbox.substitute import transferred
from vlaudit.perturb.gradient.ball import Ball, LinfBall
from vlaudit.perturb.gradient.campaign import Campaign, survives
from vlaudit.perturb.gradient.losses import LIKELIHOOD, MARGIN, margin
from vlaudit.perturb.gradient.oracle import Oracle

WHOLE_RANGE = LinfBall(1.0)
SMALL_STEP, REPEATS, LONGER = 0.5 / 255, 5, 4
FAINT, UNSTEADY = 0.01, 1e-3


@dataclass(frozen=True)
class Scrutiny:
    """What the checks saw of pictures that the model names right, each bool of shape (images,).

    Attributes:
        faint: the gradient over the whole range of pixels promises less than a hundredth of what
            the margin lacks.
        misled: the margin does not rise after half a level along the gradient's sign.
        unsteady: equal pixels get logits that differ by more than a thousandth of their deviation.
        stalled: no step of the attack raised the margin.
        unbounded: still right when every pixel may take any value.
        standing: still right after one run on each loss.
        by_restart: won by a further run from another start.
        by_steps: won by a run of four times the steps only.
        by_questions: won without any gradient only: by squares or noise.
        by_transfer: won by the gradients of a network that was taught by the model only.
    """

    faint: Tensor
    misled: Tensor
    unsteady: Tensor
    stalled: Tensor
    unbounded: Tensor
    standing: Tensor
    by_restart: Tensor
    by_steps: Tensor
    by_questions: Tensor
    by_transfer: Tensor

    @property
    def hidden(self) -> Tensor:
        """Tell for each picture whether it fell only to what takes no gradient of the model."""
        return self.by_questions | self.by_transfer


def scrutinise(
    oracle: Oracle,
    clean: Tensor,
    labels: Tensor,
    ball: LinfBall,
    *,
    steps: int,
    queries: int,
    generator: torch.Generator,
    progress: Callable[[float], None],
) -> Scrutiny:
    """Hold an attack against stronger and against blind ones.

    Args:
        oracle: the model.
        clean: pictures that it names right, float32 of shape (images, 3, height, width) in [0, 1].
        labels: true classes, int64 of shape (images,).
        ball: what the attack may reach.
        steps: gradient steps of each run.
        queries: answers that Square may ask for about each picture.
        generator: source of random starts, on the CPU.
        progress: told the fraction done.
    """
    faint, misled = _slopes(oracle, clean, labels)
    unsteady = _unsteady(oracle, clean)
    unbounded = _attacked(oracle, clean, labels, WHOLE_RANGE, steps, generator)
    progress(0.2)
    first = _attacked(oracle, clean, labels, ball, steps, generator)
    standing = ~first.attempt.won
    progress(0.4)

    def on_the_rest(steps: int, seen: Tensor) -> Tensor:
        left = seen.nonzero()[:, 0]
        won = torch.zeros_like(seen)
        if len(left):
            again = _attacked(oracle, clean[left], labels[left], ball, steps, generator)
            won[left] = again.attempt.won
        return won

    by_restart = on_the_rest(steps, standing)
    by_steps = on_the_rest(LONGER * steps, standing & ~by_restart)
    progress(0.6)
    rest = (standing & ~by_restart & ~by_steps).nonzero()[:, 0]
    by_questions, by_transfer = torch.zeros_like(standing), torch.zeros_like(standing)
    if len(rest):
        by_questions[rest] = _blindly(oracle, clean[rest], labels[rest], ball, queries, generator)
        progress(0.8)
        made = transferred(oracle, clean, labels, ball, steps=steps, generator=generator)
        fallen = survives(oracle, made[rest], clean[rest], labels[rest], ball)
        by_transfer[rest] = fallen & ~by_questions[rest]
    return Scrutiny(
        faint=faint,
        misled=misled,
        unsteady=unsteady,
        stalled=first.attempt.peak <= first.origin,
        unbounded=~unbounded.attempt.won,
        standing=standing,
        by_restart=by_restart,
        by_steps=by_steps,
        by_questions=by_questions,
        by_transfer=by_transfer,
    )


def _attacked(
    oracle: Oracle,
    clean: Tensor,
    labels: Tensor,
    ball: Ball,
    steps: int,
    generator: torch.Generator,
) -> Campaign:
    """Run APGD on both losses, all steps on what stands."""
    campaign = Campaign(oracle, clean, labels, ball, steps=steps, generator=generator)
    for loss in (LIKELIHOOD, MARGIN):
        left = campaign.standing()
        campaign.run(left, torch.full_like(left, loss), steps=steps)
    return campaign


def _slopes(oracle: Oracle, clean: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Tell where the gradient is as good as none, and where it points the wrong way."""
    _, here, gradient = oracle.ascend(clean, lambda z, part: margin(z, labels[part]))
    promised = gradient.flatten(1).abs().sum(1)
    stepped = (clean + SMALL_STEP * gradient.sign()).clamp(0, 1)
    there = margin(oracle.logits(stepped), labels)
    faint = promised < FAINT * here.abs()
    return faint, ~faint & (there <= here)


def _unsteady(oracle: Oracle, clean: Tensor) -> Tensor:
    passes = torch.stack([oracle.logits(clean) for _ in range(REPEATS)])
    spread = passes[0].std(correction=0).clamp(min=1e-12)
    return (passes - passes[0]).abs().amax((0, 2)) > UNSTEADY * spread


def _blindly(
    oracle: Oracle,
    clean: Tensor,
    labels: Tensor,
    ball: LinfBall,
    queries: int,
    generator: torch.Generator,
) -> Tensor:
    """Tell which pictures fall to noise at the corners of the ball or to squares, (images,)."""
    coin = torch.randint(2, clean.shape, generator=generator).to(clean) * 2 - 1
    noisy = ball.quantise(ball.project(clean + ball.epsilon * coin, clean), clean)
    shaken = survives(oracle, noisy, clean, labels, ball)
    squares, _ = SquareAttack(queries)(
        oracle, clean, labels, ball, generator=generator, progress=lambda fraction: None
    )
    return shaken | squares.won
