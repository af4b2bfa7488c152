"""Held-out pictures under attack, before and after a remedy."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vlaudit.advice.naming import TEMPLATE
from vlaudit.advice.remedy import Figure, Trial
from vlaudit.core.dataset import Role
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import GivesGradients
from vlaudit.perturb.subjects import choose_subjects
from vlaudit.stats.intervals import clopper_pearson

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from vlaudit.perturb.gradient.curve import Robustness
    from vlaudit.perturb.gradient.oracle import Oracle

IMAGES, STEPS, BATCH = 32, 20, 64


@dataclass(frozen=True)
class Attacked:
    """Pictures to attack.

    Attributes:
        oracle: the zero-shot classifier.
        clean: pixels, (pictures, 3, height, width).
        labels: true classes, (pictures,).
        generator: source of what is random.
    """

    oracle: "Oracle"
    clean: "Tensor"
    labels: "Tensor"
    generator: "torch.Generator"

    def attack(self, oracle: "Oracle", epsilon: float, norm: str = "linf") -> "Robustness":
        """Return what is left of a classifier's accuracy within a budget, in the pixel range."""
        from vlaudit.perturb.gradient.backends import choose_ball
        from vlaudit.perturb.gradient.curve import robustness_curve
        from vlaudit.perturb.gradient.ensemble import ApgdEnsemble

        return robustness_curve(
            oracle, self.clean, self.labels, [epsilon], attack=ApgdEnsemble(STEPS),
            generator=self.generator, ball=choose_ball(norm),
        )[0]  # fmt: skip


def attacked(on: Trial) -> Attacked:
    """Return some held-out pictures.

    Raises:
        Inapplicable: the model gives no gradients, or the rows have no two labels.
    """
    if not isinstance(on.target, GivesGradients):
        raise Inapplicable("it takes a model that gives gradients, as attacks on it do")
    if not on.held_out.columns.has(Role.LABEL):
        raise Inapplicable("the data has no labels, so that naming can be neither right nor wrong")
    import torch

    from vlaudit.perturb.gradient.oracle import zero_shot

    chosen = choose_subjects(on.held_out.texts(Role.LABEL), on.rng, at_most=IMAGES)
    oracle = zero_shot(on.target, chosen.classes, [TEMPLATE], batch_size=BATCH)
    clean = torch.cat([on.target.pixels(on.held_out.images(part)) for part in chosen.batches(16)])
    labels = torch.from_numpy(chosen.labels).to(clean.device)
    seed = int(on.rng.integers(2**63))
    return Attacked(oracle, clean, labels, torch.Generator().manual_seed(seed))


def share(right: "NDArray[np.bool_] | Tensor") -> Figure:
    """Return the share of pictures named right, with its exact interval."""
    hits, rows = int(right.sum()), len(right)
    return Figure(hits / rows, clopper_pearson(hits, rows))
