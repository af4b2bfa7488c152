"""Attacks on pictures as their owner has them, before the model resizes and crops."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import torch
from PIL import Image
from torch import Tensor

from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import GivesGradients
from vlaudit.perturb.gradient.ball import Ball
from vlaudit.perturb.gradient.curve import Robustness, robustness_curve
from vlaudit.perturb.gradient.ensemble import Attack
from vlaudit.perturb.gradient.oracle import Oracle
from vlaudit.perturb.gradient.shaping import Shaping, as_picture, as_pixels, find_shaping

TRIED = 4


def find_shaping_of(target: GivesGradients, pictures: Sequence[Image.Image]) -> Shaping:
    """Return how `target` resizes and crops, as seen on a few pictures of various sizes.

    Raises:
        Inapplicable: it does so in no known way.
    """
    various = list({picture.size: picture for picture in pictures}.values())
    found = find_shaping(target.pixels, various[:: max(1, len(various) // TRIED)])
    if found is None:
        raise Inapplicable(
            "the model resizes and crops pictures in a way that cannot be followed backwards; "
            "set `pixels` to `model` to attack what it makes of them"
        )
    return found


def own_pixels_curve(
    oracle: Oracle,
    target: GivesGradients,
    pictures: Sequence[Image.Image],
    labels: Tensor,
    epsilons: Sequence[float],
    *,
    attack: Attack,
    generator: torch.Generator,
    ball: Callable[[float], Ball],
    progress: Callable[[float], None] = lambda fraction: None,
) -> list[Robustness]:
    """Attack whole pictures at each budget, those of one size together; see `robustness_curve`.

    Gradients pass through resizing and cropping; a success counts only where the 8-bit picture,
    given to the target as a file would be, is misnamed.

    Args:
        oracle: the model on its own pixels; counts what is asked of it.
        target: whose resizing and cropping is followed.
        pictures: of any sizes, (images,).
        labels: true classes, int64 of shape (images,).
        epsilons: budgets in units of the pixel range.
        attack: what to run at each budget on the images still standing.
        generator: source of random starts, on the CPU.
        ball: what an attacker may do with a budget.
        progress: told the fraction done.

    Raises:
        Inapplicable: the model answers no picture with numbers, or resizes in no known way.
    """
    shaping = find_shaping_of(target, pictures)

    def check(seen: Tensor) -> Tensor:
        return oracle.logits(target.pixels([as_picture(one) for one in seen]))

    whole = Oracle(lambda p: oracle.scores(shaping(p)), batch_size=oracle.batch_size, check=check)
    by_size: dict[tuple[int, int], list[int]] = defaultdict(list)
    for position, picture in enumerate(pictures):
        by_size[picture.size].append(position)
    parts: list[tuple[list[int], list[Robustness]]] = []
    done = 0
    for positions in by_size.values():
        share = len(positions) / len(pictures)

        def tell(fraction: float, done: int = done, share: float = share) -> None:
            progress(min(1.0, done / len(pictures) + share * fraction))

        curve = robustness_curve(
            whole,
            torch.stack([as_pixels(pictures[position]) for position in positions]).to(
                labels.device
            ),
            labels[positions],
            epsilons,
            attack=attack,
            generator=generator,
            ball=ball,
            progress=tell,
        )
        parts.append((positions, curve))
        done += len(positions)
    oracle.gradients += whole.gradients
    oracle.unanswered += whole.unanswered
    return [_joined(at, parts, len(pictures)) for at in range(len(parts[0][1]))]


def _joined(
    at: int, parts: Sequence[tuple[list[int], list[Robustness]]], images: int
) -> Robustness:
    """Return what all parts came to at one budget, in the order of the pictures."""
    first = parts[0][1][at]
    robust = first.robust.new_zeros(images)
    broken = robust.clone()
    adversarial = [first.adversarial[0]] * images
    late = 0.0
    for positions, curve in parts:
        result = curve[at]
        robust[positions], broken[positions] = result.robust, result.broken
        late += result.late * len(positions) / images
        for position, picture in zip(positions, result.adversarial, strict=True):
            adversarial[position] = picture
    return Robustness(first.epsilon, robust, broken, adversarial, late)
