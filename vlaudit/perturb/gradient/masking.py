"""Signs that gradients hide a weakness, so that a weak attack is not taken for a robust model.

After Athalye et al. (2018), Carlini et al. (2019) and the checks of AutoAttack.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from vlaudit.perturb.blackbox.square import SquareAttack
from vlaudit.perturb.gradient.ball import LinfBall
from vlaudit.perturb.gradient.campaign import Campaign, survives
from vlaudit.perturb.gradient.losses import LIKELIHOOD, margin
from vlaudit.perturb.gradient.oracle import Oracle, right

UNBOUNDED = LinfBall(64 / 255)
SMALL_STEP = 0.5 / 255
STEPS, REPEATS, QUERIES = 10, 4, 30
MOST_RIGHT, MOST_WRONG = 24, 8


@dataclass(frozen=True)
class Masking:
    """What the checks saw.

    Attributes:
        images: how many images that the model names right were looked at, at least one.
        flat: share of them whose gradient is zero everywhere.
        misleading: share, of those with a gradient, whose margin does not rise after half a
            level along its sign; about none where gradients tell the truth.
        unsteady: largest difference of a logit between passes over the same pixels, in standard
            deviations of the logits.
        unbroken: how many images stay right at 64/255, attacked from the clean picture.
        shortcuts: how many of the unbroken are misnamed at 64/255 without any gradient, by random
            noise, a move towards another picture or a search with random squares.
        constant: whether every picture, blends and noise included, got the same name.
    """

    images: int
    flat: float
    misleading: float
    unsteady: float
    unbroken: int
    shortcuts: int
    constant: bool

    @property
    def signs(self) -> list[str]:
        """Say what speaks against trusting the attack; nothing where the name never changes."""
        if self.constant:
            return []
        seen = {
            f"the gradient is zero on {self.flat:.0%} of the pictures": self.flat > 0.05,
            f"it points the wrong way on {self.misleading:.0%}": self.misleading > 0.25,
            f"equal pixels get logits {self.unsteady:.2g} deviations apart": self.unsteady > 1e-3,
            f"{self.shortcuts} resist at 64/255 but fall to noise, blends or squares": bool(
                self.shortcuts
            ),
        }
        return [sign for sign, is_seen in seen.items() if is_seen]


def check_masking(
    oracle: Oracle, clean: Tensor, labels: Tensor, *, generator: torch.Generator
) -> Masking | None:
    """Look for masked gradients on a few of the pictures; None where none is named right.

    Args:
        oracle: the model.
        clean: pictures, float32 of shape (images, 3, height, width) in [0, 1].
        labels: true classes, int64 of shape (images,).
        generator: source of noise, on the CPU.
    """
    logits = oracle.logits(clean)
    named = right(logits, labels)
    hits, misses = named.nonzero()[:MOST_RIGHT, 0], (~named).nonzero()[:MOST_WRONG, 0]
    if not len(hits):
        return None
    left, wanted = clean[hits], labels[hits]
    flat, misleading = _slopes(oracle, left, wanted)
    campaign = Campaign(oracle, left, wanted, UNBOUNDED, steps=STEPS, generator=generator)
    everyone = torch.arange(len(left), device=left.device)
    targets = torch.full_like(everyone, LIKELIHOOD)
    campaign.run(everyone, targets, steps=STEPS, start=left)
    unbroken = ~campaign.attempt.won
    standing, theirs = left[unbroken], wanted[unbroken]
    names, fallen = [logits.argmax(1)], torch.zeros_like(theirs, dtype=torch.bool)
    others = clean[torch.cat([misses, hits])]
    for pictures in _without_gradient(standing, others, generator):
        names.append(oracle.logits(pictures).argmax(1))
        fallen |= survives(oracle, pictures, standing, theirs, UNBOUNDED)
    squares, _ = SquareAttack(QUERIES)(
        oracle, standing, theirs, UNBOUNDED, generator=generator, progress=lambda fraction: None
    )
    fallen |= squares.won
    return Masking(
        images=len(hits),
        flat=flat,
        misleading=misleading,
        unsteady=_unsteady(oracle, left[:8]),
        unbroken=len(standing),
        shortcuts=int(fallen.sum()),
        constant=bool((torch.cat(names) == names[0][0]).all()),
    )


def _slopes(oracle: Oracle, clean: Tensor, labels: Tensor) -> tuple[float, float]:
    """Return the share of zero gradients and the share of the others that point wrong."""
    _, here, gradient = oracle.ascend(clean, lambda z, part: margin(z, labels[part]))
    live = gradient.flatten(1).any(1)
    stepped = (clean + SMALL_STEP * gradient.sign()).clamp(0, 1)
    there = margin(oracle.logits(stepped), labels)
    misled = live & (there <= here)
    return float((~live).float().mean()), float(misled.sum() / live.sum().clamp(min=1))


def _unsteady(oracle: Oracle, clean: Tensor) -> float:
    """Return the largest change of a logit between equal passes, in standard deviations."""
    passes = torch.stack([oracle.logits(clean) for _ in range(REPEATS)])
    spread = passes[0].std(correction=0).clamp(min=1e-12)
    return float((passes - passes[0]).abs().max() / spread)


def _without_gradient(
    clean: Tensor, others: Tensor, generator: torch.Generator
) -> Iterator[Tensor]:
    """Yield 8-bit pictures within 64/255 of the clean ones: blends with others, then noise."""
    if not len(clean):
        return
    for other in others[:: max(1, len(others) // 4)]:
        blend = UNBOUNDED.project(other.expand_as(clean), clean)
        yield UNBOUNDED.quantise(blend, clean)
    for _ in range(2):
        coin = torch.randint(2, clean.shape, generator=generator).to(clean) * 2 - 1
        corner = UNBOUNDED.project(clean + UNBOUNDED.epsilon * coin, clean)
        yield UNBOUNDED.quantise(corner, clean)
