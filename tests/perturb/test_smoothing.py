"""Randomised smoothing on a linear model, whose distance to the border is known."""

import numpy as np
import pytest
import torch
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint
from torch import Tensor

from vlaudit.perturb.gradient.oracle import Oracle
from vlaudit.perturb.smoothing import ABSTAINS, certified_radius, certify


@pytest.mark.parametrize(("hits", "draws"), [(200, 200), (150, 200), (101, 200), (99900, 100000)])
def test_the_radius_is_that_of_the_formula(hits: int, draws: int) -> None:
    bound = float(np.asarray(proportion_confint(hits, draws, alpha=0.002, method="beta"))[0])
    expected = 0.25 * norm.ppf(bound) if bound > 0.5 else 0.0
    assert certified_radius(hits, draws, sigma=0.25, alpha=0.001) == pytest.approx(expected)
    assert certified_radius(0, draws, sigma=0.25, alpha=0.001) == 0.0


def plane(normal: Tensor, *, silent: bool = False) -> Oracle:
    """Return a model that names 0 where the sum over `normal` is above 0, and 1 below."""

    def scores(pixels: Tensor) -> Tensor:
        height = (pixels * normal).flatten(1).sum(1)
        logits = torch.stack([height, -height], dim=1)
        return torch.where(pixels[:, :1, 0, 0] > 9, torch.nan, logits) if silent else logits

    return Oracle(scores, batch_size=100)


def test_the_radius_of_a_linear_model_is_its_distance_to_the_border() -> None:
    generator = torch.Generator().manual_seed(0)
    normal = torch.randn((3, 4, 4), generator=generator)
    normal /= normal.norm()
    away = torch.tensor([0.0, 0.05, 0.1, 0.2, 0.3, -0.2])
    clean = away[:, None, None, None] * normal
    found = certify(
        plane(normal), clean, sigma=0.2, first=50, draws=4000, alpha=0.001, generator=generator
    )
    assert found.named.tolist() == [ABSTAINS, 0, 0, 0, 0, 1]
    assert (found.radius <= away.abs().numpy() + 1e-6).all()
    assert found.radius[1:] == pytest.approx(away[1:].abs().numpy(), abs=0.03)
    labels = np.array([0, 0, 0, 0, 1, 1])
    assert found.within(labels, 0.1).tolist() == [False, False, False, True, False, True]


def test_a_certificate_is_wrong_as_rarely_as_said() -> None:
    generator = torch.Generator().manual_seed(1)
    normal = torch.zeros((3, 2, 2))
    normal[0, 0, 0] = 1.0
    clean = (0.1 * normal).expand(300, -1, -1, -1)
    found = certify(
        plane(normal), clean, sigma=0.2, first=20, draws=100, alpha=0.05, generator=generator
    )
    too_far = (found.radius > 0.1) | (found.named == 1)
    assert too_far.mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_a_model_of_chance_abstains_and_silence_proves_nothing() -> None:
    noise = torch.Generator().manual_seed(2)
    guesser = Oracle(lambda x: torch.randn((len(x), 2), generator=noise), batch_size=64)
    generator = torch.Generator().manual_seed(3)
    clean = torch.zeros((20, 3, 2, 2))
    found = certify(
        guesser, clean, sigma=0.2, first=20, draws=100, alpha=0.001, generator=generator
    )
    assert (found.named == ABSTAINS).all()
    mute = plane(torch.ones((3, 2, 2)), silent=True)
    found = certify(
        mute, clean + 10, sigma=0.01, first=20, draws=100, alpha=0.001, generator=generator
    )
    assert (found.radius == 0).all()
