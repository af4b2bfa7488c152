"""Disparities between groups, with intervals that taking a maximum does not bias.

The widest difference over many small groups is large by chance alone, and so is its percentile
bootstrap. Here every pair of groups has its own interval, and the ends are combined:

* the end that accuses is the extreme one over all pairs, at a level that holds for all pairs at
  once (Tukey's studentised range, over several families with Sidak's correction): where no pair
  exceeds a limit, the accusing end exceeds it in at most 5 % of audits;
* the end that acquits is the extreme one over all pairs at one-sided 95 % each: all pairs must
  lie within the limit, and an intersection-union test needs no correction (Berger 1982).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, studentized_range

from vlaudit.core.measurement import Interval
from vlaudit.stats.intervals import Estimate, Floats, newcombe_ends, ratio_ends, wilson_ends


@dataclass(frozen=True)
class Pairs:
    """Pairs of rates to be compared.

    Attributes:
        s1, n1, s2, n2: successes and sizes of both sides, float64 of shape (pairs,); sizes may be
            effective ones.
        family: index of the family that each pair belongs to, (pairs,).
        groups: number of groups that each family compares, (families,).
        samples: number of observations behind all pairs.
    """

    s1: Floats
    n1: Floats
    s2: Floats
    n2: Floats
    family: NDArray[np.intp]
    groups: NDArray[np.intp]
    samples: int

    def __len__(self) -> int:
        """Return the number of pairs."""
        return self.family.size

    def critical_values(self, level: float) -> Floats:
        """Return for each pair the two-sided critical value that holds for all at once.

        Tukey-Kramer within a family, Sidak across families.

        Raises:
            ValueError: there is no pair.
        """
        if not len(self):
            raise ValueError("no two groups share anything to be compared by")
        level_of_family = level ** (1 / self.groups.size)
        sizes, of_family = np.unique(self.groups, return_inverse=True)
        quantiles = studentized_range.isf(1 - level_of_family, sizes, np.inf) / np.sqrt(2)
        return np.asarray(quantiles[of_family][self.family])


def all_pairs(successes: ArrayLike, n: ArrayLike, *, samples: int | None = None) -> Pairs:
    """Return every pair of groups with observations, within each family.

    Args:
        successes: counts of shape (groups,) or (families, groups).
        n: sizes of the same shape; a group of size 0 is not compared in that family.
        samples: number of observations; the sum of the sizes unless families share them.
    """
    hits, sizes = (np.atleast_2d(np.asarray(part, dtype=np.float64)) for part in (successes, n))
    one, two = np.triu_indices(sizes.shape[1], k=1)
    family, pair = np.nonzero((sizes[:, one] > 0) & (sizes[:, two] > 0))
    compared, renumbered = np.unique(family, return_inverse=True)
    first, second = (family, one[pair]), (family, two[pair])
    return Pairs(
        hits[first], sizes[first], hits[second], sizes[second],
        family=renumbered, groups=(sizes[compared] > 0).sum(axis=1),
        samples=int(sizes.sum()) if samples is None else samples,
    )  # fmt: skip


def matched_pairs(successes: ArrayLike, n: ArrayLike) -> Pairs:
    """Return every pair of groups at the mix of strata common to the two.

    Strata are weighted as by Mantel and Haenszel, `n1 n2 / (n1 + n2)`, so that a stratum which
    one of the two lacks has no weight. The size of a side is its effective one: that of Kish, or
    less where the variance within the strata demands it (Korn and Graubard 1998).

    Args:
        successes: counts of shape (groups, strata).
        n: sizes of the same shape.
    """
    hits, sizes = (np.asarray(part, dtype=np.float64) for part in (successes, n))
    one, two = np.triu_indices(sizes.shape[0], k=1)
    total = sizes[one] + sizes[two]
    weights = sizes[one] * sizes[two] / np.where(total > 0, total, 1.0)
    comparable = weights.sum(axis=1) > 0
    one, two, weights = one[comparable], two[comparable], weights[comparable]
    weights /= weights.sum(axis=1, keepdims=True)
    (s1, n1), (s2, n2) = (_standardised(hits[side], sizes[side], weights) for side in (one, two))
    return Pairs(
        s1, n1, s2, n2,
        family=np.zeros(one.size, dtype=np.intp),
        groups=np.array([np.union1d(one, two).size] if one.size else [], dtype=np.intp),
        samples=int(sizes[np.union1d(one, two)].sum()),
    )  # fmt: skip


def _standardised(hits: Floats, sizes: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return effective successes and sizes of weighted rates; all arguments (pairs, strata)."""
    seen = np.where(sizes > 0, sizes, 1.0)
    rate = (weights * hits / seen).sum(axis=1)
    share = np.square(weights) / seen
    kish = 1 / share.sum(axis=1)
    # One more observation at the mean rate keeps a stratum of one from claiming no variance.
    smooth = (hits + rate[:, None]) / (sizes + 1)
    variance = (share * smooth * (1 - smooth)).sum(axis=1)
    spread = rate * (1 - rate)
    effective = np.where(spread > 0, spread / np.where(variance > 0, variance, 1.0), kish)
    size = np.minimum(kish, effective)
    return rate * size, size


def joined(parts: Sequence[Pairs]) -> Pairs:
    """Return the pairs of all parts, whose families stay apart; parts share observations."""
    offsets = np.cumsum([0, *(part.groups.size for part in parts)])
    shifted = [part.family + offset for part, offset in zip(parts, offsets[:-1], strict=True)]
    return Pairs(
        s1=np.concatenate([part.s1 for part in parts]),
        n1=np.concatenate([part.n1 for part in parts]),
        s2=np.concatenate([part.s2 for part in parts]),
        n2=np.concatenate([part.n2 for part in parts]),
        family=np.concatenate(shifted),
        groups=np.concatenate([part.groups for part in parts]),
        samples=max(part.samples for part in parts),
    )


def widest_difference(pairs: Pairs, *, level: float = 0.95) -> Estimate:
    """Return the largest absolute difference over all pairs."""
    sides = pairs.s1, pairs.n1, pairs.s2, pairs.n2
    low, high = newcombe_ends(*sides, pairs.critical_values(level))
    proven = max(0.0, float(np.maximum(low, -high).max()))
    low, high = newcombe_ends(*sides, norm.isf(1 - level))
    possible = min(1.0, float(np.maximum(high, -low).max()))
    value = float(np.abs(pairs.s1 / pairs.n1 - pairs.s2 / pairs.n2).max())
    return Estimate(value, pairs.samples, Interval(proven, possible, "Newcombe, all pairs", level))


def smallest_ratio(pairs: Pairs, *, level: float = 0.95) -> Estimate:
    """Return the smallest ratio of the lower to the higher rate over all pairs.

    Raises:
        ValueError: every rate is 0, so that no ratio is defined.
    """
    one, two = (pairs.s1, pairs.n1), (pairs.s2, pairs.n2)
    p1, p2 = pairs.s1 / pairs.n1, pairs.s2 / pairs.n2
    higher = np.maximum(p1, p2)
    if not higher.any():
        raise ValueError("every rate is 0: their ratio is not defined")
    z = pairs.critical_values(level)
    high = np.minimum(ratio_ends(*one, *two, z)[1], ratio_ends(*two, *one, z)[1])
    z_each = norm.isf(1 - level)
    low = np.minimum(ratio_ends(*one, *two, z_each)[0], ratio_ends(*two, *one, z_each)[0])
    value = float((np.minimum(p1, p2)[higher > 0] / higher[higher > 0]).min())
    ends = float(low.min()), float(min(1.0, high.min()))
    return Estimate(value, pairs.samples, Interval(*ends, "MOVER-R, all pairs", level))


def lowest_rate(
    successes: ArrayLike, n: ArrayLike, *, samples: int | None = None, level: float = 0.95
) -> Estimate:
    """Return the lowest rate of any group; counts and sizes of shape (groups,).

    `samples` is the sum of the sizes unless groups share observations.
    """
    hits, sizes = (np.asarray(part, dtype=np.float64) for part in (successes, n))
    together = norm.isf((1 - level ** (1 / sizes.size)) / 2)
    high = float(wilson_ends(hits, sizes, together)[1].min())
    low = float(wilson_ends(hits, sizes, norm.isf(1 - level))[0].min())
    value = float((hits / sizes).min())
    size = int(sizes.sum()) if samples is None else samples
    return Estimate(value, size, Interval(low, high, "Wilson, all groups", level))


def gaps_by_chance(
    successes: ArrayLike, n: ArrayLike, *, rng: np.random.Generator, resamples: int = 1000
) -> Floats:
    """Return the gaps that a model would show which treats all groups alike.

    Within each stratum the successes are dealt to the groups at random (the permutation null of
    the group labels, drawn from its hypergeometric counts). What remains is the gap that group
    sizes and the mix of strata bring about by themselves.

    Args:
        successes: counts of shape (groups, strata).
        n: sizes of the same shape, no group empty.
        rng: source of the draws.
        resamples: number of draws.

    Returns:
        Highest minus lowest group rate of each draw, (resamples,).
    """
    hits, sizes = (np.asarray(part, dtype=np.int64) for part in (successes, n))
    dealt = np.zeros((resamples, sizes.shape[0]), dtype=np.int64)
    for total, of_groups in zip(hits.sum(axis=0), sizes.T, strict=True):
        dealt += rng.multivariate_hypergeometric(of_groups, total, size=resamples)
    return np.asarray(np.ptp(dealt / sizes.sum(axis=1), axis=1))
