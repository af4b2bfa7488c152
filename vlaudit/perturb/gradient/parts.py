"""Many pictures, attacked so many at once as memory holds."""

from collections.abc import Callable

import torch
from torch import Tensor

from vlaudit.perturb.gradient.attempt import Attempt
from vlaudit.perturb.gradient.ball import Ball
from vlaudit.perturb.gradient.campaign import Campaign
from vlaudit.perturb.gradient.oracle import Oracle

# Values of the pictures attacked side by side; bounds memory at some fifty copies of them.
POOL = 2**23


def attack_in_parts(
    lead: Callable[[Campaign, Callable[[float], None]], None],
    oracle: Oracle,
    clean: Tensor,
    labels: Tensor,
    ball: Ball,
    *,
    steps: int,
    generator: torch.Generator,
    progress: Callable[[float], None],
) -> Attempt:
    """Lead a campaign against each part of the pictures and return what all achieved.

    Args:
        lead: runs the attacks of a campaign; is given what to tell the fraction done.
        oracle: the model.
        clean: pictures, float32 of shape (images, 3, height, width) in [0, 1].
        labels: true classes, int64 of shape (images,).
        ball: what an attacker may reach.
        steps: length of the longest run.
        generator: source of random starts, on the CPU.
        progress: told the fraction done.
    """
    attempt = Attempt.at(clean)
    at_once = max(1, POOL // max(1, clean[:1].numel()))
    for first in range(0, len(clean), at_once):
        part = slice(first, min(first + at_once, len(clean)))

        def tell(fraction: float, part: slice = part) -> None:
            done = part.start + fraction * (part.stop - part.start)
            progress(min(1.0, done / len(clean)))

        campaign = Campaign(
            oracle, clean[part], labels[part], ball, steps=steps, generator=generator
        )
        lead(campaign, tell)
        attempt.put(part, campaign.attempt)
    return attempt


def later(progress: Callable[[float], None], start: float) -> Callable[[float], None]:
    """Return what reports the fractions from `start` to 1."""
    return lambda fraction: progress(start + (1 - start) * fraction)
