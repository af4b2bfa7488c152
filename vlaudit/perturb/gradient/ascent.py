"""APGD on any height: no class, no success, only the highest point."""

from collections.abc import Callable

import torch
from torch import Tensor

from vlaudit.perturb.gradient.ball import Ball
from vlaudit.perturb.gradient.oracle import Oracle
from vlaudit.perturb.gradient.runs import Runs, reviews


def climbed(
    oracle: Oracle,
    clean: Tensor,
    ball: Ball,
    height: Callable[[Tensor, slice], Tensor],
    steps: int,
    *,
    generator: torch.Generator,
    progress: Callable[[float], None],
) -> Tensor:
    """Return the highest points that one run of APGD for each picture came across, in 8 bits.

    Args:
        oracle: gives what the height is a function of, (images, any).
        clean: pictures, float32 of shape (images, 3, height, width) in [0, 1].
        ball: what may be reached.
        height: takes what the oracle gives for some images, and which they are; one value each.
        steps: gradient steps.
        generator: source of the random start, on the CPU.
        progress: told the fraction done.
    """
    everyone = torch.arange(len(clean), device=clean.device)
    start = ball.start(clean, generator)
    runs = Runs.starting(everyone, everyone, start, size=ball.first_step)
    periods = reviews(steps).to(clean.device)
    for step in range(steps + 1):
        runs = runs.reviewed(periods)
        points = runs.ahead(clean, ball)
        _, reached, gradient = oracle.ascend(points, height)
        runs = runs.arrived(points, reached, gradient, reached)
        progress(step / max(steps, 1))
    return ball.quantise(runs.best, clean)
