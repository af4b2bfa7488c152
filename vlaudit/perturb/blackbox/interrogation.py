"""Pictures attacked by questions alone, one lot after another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from vlaudit.perturb.blackbox.asked import Witness, misnamed, shaken
from vlaudit.perturb.blackbox.rays import Picture


@dataclass(frozen=True)
class Attacked:
    """What became of one picture.

    Attributes:
        named: whether the clean picture is named right.
        steady: whether it also is after a random change of the size of the budget.
        won: whether the attack found a picture within the budget that is misnamed.
        picture: that picture; the clean one where there is none.
        asked: answers that the attack asked for; none for a picture that is named wrong anyway.
    """

    named: bool
    steady: bool
    won: bool
    picture: Picture
    asked: int


def interrogate(
    witness: Witness,
    pictures: Sequence[Picture],
    labels: Sequence[int],
    *,
    budget: int,
    queries: int,
    generator: torch.Generator,
) -> list[Attacked]:
    """Ask about pictures, shake them, and attack those that are named right.

    Args:
        witness: who answers, and the attack that lives on such answers.
        pictures: uint8 of shape (height, width, 3) each, of any sizes.
        labels: true class of each.
        budget: largest change of a value, in levels.
        queries: most answers that the attack asks for about each picture.
        generator: source of random changes, on the CPU.
    """
    names = witness.names(pictures)
    named = [name == label for name, label in zip(names, labels, strict=True)]
    noisy = [shaken(picture, budget, generator) for picture in pictures]
    astray = misnamed(witness, noisy, labels)
    hits = [place for place, right in enumerate(named) if right]
    found = witness.attack(
        [pictures[place] for place in hits],
        [labels[place] for place in hits],
        budget=budget,
        queries=queries,
        generator=generator,
    )
    by_place = dict(zip(hits, found, strict=True))
    return [
        Attacked(right, right and not astray[place], *by_place.get(place, (False, picture, 0)))
        for place, (right, picture) in enumerate(zip(named, pictures, strict=True))
    ]


def robust(seen: Sequence[Attacked], within: float = np.inf) -> NDArray[np.bool_]:
    """Tell for each picture whether it is named right and was not won within some answers."""
    return np.array([one.named and not (one.won and one.asked <= within) for one in seen])
