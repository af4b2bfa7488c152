"""Randomised smoothing (Cohen et al. 2019): a radius within which nothing alters the answer."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import beta, norm
from torch import Tensor

from vlaudit.perturb.gradient.oracle import Oracle, unanswered

ABSTAINS = -1


@dataclass(frozen=True)
class Certificates:
    """What a smoothed classifier names pictures, and how far from each it surely still does.

    Attributes:
        named: class of each picture; -1 where it abstains, int64 of shape (pictures,).
        radius: L2 radius in units of the pixel range, 0 where it abstains, (pictures,).
    """

    named: NDArray[np.int64]
    radius: NDArray[np.float64]

    def within(self, labels: NDArray[np.int64], radius: float) -> NDArray[np.bool_]:
        """Tell which pictures are named by their label wherever within a radius, (pictures,)."""
        return np.asarray((self.named == labels) & (self.radius >= radius))


def certified_radius(hits: int, draws: int, *, sigma: float, alpha: float) -> float:
    """Return the radius that so many draws of one class prove, 0 where they prove none.

    `sigma` times the normal quantile of the exact lower bound of Clopper and Pearson, one-sided at
    `alpha`: equation 3 of Cohen et al. with the chance of any other class at one less that bound.
    """
    bound = float(beta.ppf(alpha, hits, draws - hits + 1)) if hits else 0.0
    return sigma * float(norm.ppf(bound)) if bound > 0.5 else 0.0


def certify(
    oracle: Oracle,
    clean: Tensor,
    *,
    sigma: float,
    first: int,
    draws: int,
    alpha: float,
    generator: torch.Generator,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Certificates:
    """Smooth a classifier by Gaussian noise, and certify what it names.

    The class is chosen on draws of its own; an answer that is no number counts for no class. Each
    certificate is wrong with a chance of `alpha` at most.

    Args:
        oracle: the classifier.
        clean: pictures, float32 of shape (pictures, 3, height, width) in [0, 1].
        sigma: standard deviation of the noise in units of the pixel range.
        first: draws that choose the class.
        draws: draws that bound its chance.
        alpha: chance that a certificate may be wrong.
        generator: source of the noise, on the CPU.
        progress: told the fraction done.
    """
    named = np.full(len(clean), ABSTAINS, dtype=np.int64)
    radius = np.zeros(len(clean))
    for at, picture in enumerate(clean):
        guess = int(_counts(oracle, picture, sigma, first, generator).argmax())
        hits = int(_counts(oracle, picture, sigma, draws, generator)[guess])
        radius[at] = certified_radius(hits, draws, sigma=sigma, alpha=alpha)
        named[at] = guess if radius[at] > 0 else ABSTAINS
        progress((at + 1) / len(clean))
    return Certificates(named, radius)


def _counts(
    oracle: Oracle, picture: Tensor, sigma: float, draws: int, generator: torch.Generator
) -> NDArray[np.int64]:
    """Return how often each class is named under noise, (classes,)."""
    found: list[Tensor] = []
    for start in range(0, draws, oracle.batch_size):
        shape = (min(oracle.batch_size, draws - start), *picture.shape)
        noise = torch.randn(shape, generator=generator).to(picture.device)
        found.append(oracle.logits(picture + sigma * noise))
    logits = torch.cat(found)
    answered = logits[~unanswered(logits)].argmax(1)
    return np.bincount(answered.cpu().numpy(), minlength=logits.shape[1]).astype(np.int64)
