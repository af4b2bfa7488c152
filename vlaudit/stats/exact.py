"""Exact test of one group against the rest at the same mix of strata."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import hypergeom


def as_few_by_chance(successes: ArrayLike, n: ArrayLike) -> float:
    """Return the probability of as few successes in the first of two groups, were both alike.

    Given the margins of every stratum the successes of the first group are a sum of independent
    hypergeometric counts, whose distribution is convolved: the exact form of the one-sided
    Cochran-Mantel-Haenszel test, right for strata of one row and rare failures, too.

    Args:
        successes: counts of shape (2, strata).
        n: sizes of the same shape.
    """
    hits, sizes = (np.asarray(part, dtype=np.int64) for part in (successes, n))
    told = (sizes > 0).all(axis=0)
    hits, sizes = hits[:, told], sizes[:, told]
    distribution = np.ones(1)
    lowest = 0
    for right, total, own in zip(hits.sum(axis=0), sizes.sum(axis=0), sizes[0], strict=True):
        first, last = max(0, right - (total - own)), min(own, right)
        lowest += int(first)
        chances = hypergeom.pmf(np.arange(first, last + 1), total, right, own)
        distribution = np.convolve(distribution, chances)
    seen = int(hits[0].sum()) - lowest
    return float(min(1.0, distribution[: seen + 1].sum()))
