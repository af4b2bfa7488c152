"""Two conditions compared: paired answers, equivalence, and tests by permutation."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.stats import binomtest, norm

from vlaudit.stats.intervals import (
    Estimate,
    Floats,
    clopper_pearson,
    newcombe_ends,
    paired_difference,
)


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the exact two-sided p-value that both conditions succeed alike (McNemar 1947)."""
    discordant = only_first + only_second
    return float(binomtest(only_first, discordant, 0.5).pvalue) if discordant else 1.0


def paired_rates(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return the rate of the second condition minus that of the first, on the same rows.

    Args:
        first: successes before, bool of shape (rows,).
        second: successes after, (rows,).
        level: confidence level.
    """
    before, after = np.asarray(first, dtype=np.bool_), np.asarray(second, dtype=np.bool_)
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    interval = paired_difference(gained, lost, before.size, level=level)
    return Estimate((gained - lost) / before.size, before.size, interval)


def negative_flips(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return the share of rows that were right before and are wrong now (Yan et al. 2021)."""
    before, after = np.asarray(first, dtype=np.bool_), np.asarray(second, dtype=np.bool_)
    lost = int((before & ~after).sum())
    return Estimate(lost / before.size, before.size,
                    clopper_pearson(lost, before.size, level=level))  # fmt: skip


def not_worse(s1: int, n1: int, s2: int, n2: int, *, margin: float) -> float:
    """Return the one-sided p-value that `s1/n1` lies `margin` or more below `s2/n2`.

    Small: not worse. It is the level at which Newcombe's lower bound reaches the margin, so test
    and interval never disagree.
    """

    def above(z: float) -> float:
        return float(newcombe_ends(s1, n1, s2, n2, z)[0]) + margin

    def below(z: float) -> float:
        return float(newcombe_ends(s1, n1, s2, n2, z)[1]) + margin

    if above(0.0) > 0:
        return float(norm.sf(brentq(above, 0.0, 40.0))) if above(40.0) < 0 else 0.0
    return float(norm.cdf(brentq(below, 0.0, 40.0))) if below(40.0) > 0 else 1.0


def equivalent(s1: int, n1: int, s2: int, n2: int, *, margin: float) -> float:
    """Return the p-value of two one-sided tests that the rates differ by `margin` or more.

    The larger of the two (Schuirmann 1987); small: the same within the margin.
    """
    return max(not_worse(s1, n1, s2, n2, margin=margin), not_worse(s2, n2, s1, n1, margin=margin))


def permutation_p(
    statistic: Callable[[NDArray[np.intp]], Floats],
    size: int,
    *,
    rng: np.random.Generator,
    permutations: int = 2000,
    blocks: ArrayLike | None = None,
) -> float:
    """Return how often relabelled rows give a statistic as large as the true labels do.

    Args:
        statistic: maps row orders, int of shape (orders, rows), to one number an order; the
            labels of row `i` are those of row `order[i]`.
        size: number of rows.
        rng: source of the orders.
        permutations: number of orders.
        blocks: block of each row; labels move within a block only.

    The true order counts as one of them, so that the p-value is never 0 (Phipson and Smyth 2010).
    """
    block = (
        np.zeros(size) if blocks is None else np.unique(np.asarray(blocks), return_inverse=True)[1]
    )
    home = np.argsort(block, kind="stable")
    draws = np.argsort(rng.random((permutations, size)) + block, axis=1)
    orders = np.empty_like(draws)
    orders[:, home] = draws
    observed = statistic(np.arange(size)[None])[0]
    return float((1 + (statistic(orders) >= observed - 1e-12).sum()) / (permutations + 1))
