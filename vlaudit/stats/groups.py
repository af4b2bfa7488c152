"""Disparities between groups, with intervals that taking a maximum does not bias.

The widest difference over many small groups is large by chance alone, and so is its percentile
bootstrap. Here the interval follows from the distribution of the widest difference itself
(`extremes`), and a pass has a bound of its own: the extreme one over all pairs at one-sided 95 %
each, as all pairs must lie within the limit, and an intersection-union test needs no correction
(Berger 1982).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from vlaudit.core.measurement import Interval
from vlaudit.stats.extremes import Rates, disparity_ends
from vlaudit.stats.intervals import Estimate, Floats, newcombe_ends, ratio_ends, wilson_ends

PERFECT = 1e12


@dataclass(frozen=True)
class Pairs:
    """Pairs of rates to be compared.

    Attributes:
        s1, n1, s2, n2: successes and sizes of both sides, float64 of shape (pairs,); sizes may be
            effective ones.
        rates: rate of each group, (families, groups).
        sizes: (effective) size of each group of the same shape; 0 where a group is not compared.
        samples: number of observations behind all pairs.
    """

    s1: Floats
    n1: Floats
    s2: Floats
    n2: Floats
    rates: Floats
    sizes: Floats
    samples: int

    def __len__(self) -> int:
        """Return the number of pairs."""
        return self.s1.size

    def by_group(self, *, ratio: bool = False) -> Rates:
        """Return the rates of the groups by family, as one audit."""
        return Rates(self.rates[None], self.sizes[None], ratio)


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
    compared = np.unique(family)
    first, second = (family, one[pair]), (family, two[pair])
    return Pairs(
        hits[first], sizes[first], hits[second], sizes[second],
        rates=hits[compared] / np.maximum(sizes[compared], 1.0), sizes=sizes[compared],
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
    compared = np.union1d(one, two)
    rates, effective = _reconciled(one, two, s1 / n1, s2 / n2, n1, n2, groups=sizes.shape[0])
    return Pairs(
        s1, n1, s2, n2,
        rates=rates[None, compared], sizes=effective[None, compared],
        samples=int(sizes[compared].sum()),
    )  # fmt: skip


def _reconciled(
    one: NDArray[np.intp], two: NDArray[np.intp], p1: Floats, p2: Floats, n1: Floats, n2: Floats,
    *, groups: int,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return the rate and size of each group that fit best what the pairs say of it, (groups,).

    A group has another mix, and so another rate, in each of its pairs. Least squares find rates
    whose differences are nearest to those of the pairs, about their mean.
    """
    pairs = np.arange(one.size)
    weight = np.sqrt(n1 * n2 / (n1 + n2))
    design = np.zeros((one.size, groups))
    design[pairs, one], design[pairs, two] = weight, -weight
    place = np.linalg.lstsq(design, weight * (p1 - p2), rcond=None)[0]
    inverse, times, total = (np.zeros(groups) for _ in range(3))
    for group, rate, n in ((one, p1, n1), (two, p2, n2)):
        np.add.at(inverse, group, 1 / n)
        np.add.at(times, group, 1.0)
        np.add.at(total, group, rate)
    known = times > 0
    middle = total.sum() / max(times.sum(), 1.0) - place[known].mean() if known.any() else 0.0
    size = np.where(known, times / np.where(known, inverse, 1.0), 0.0)
    return np.asarray(np.clip(place + middle, 0.0, 1.0), dtype=np.float64), size


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


def matched_difference(successes: ArrayLike, n: ArrayLike) -> Estimate:
    """Return how much higher the rate of the second of two groups is at the same mix of strata.

    Args:
        successes: counts of shape (2, strata).
        n: sizes of the same shape.
    """
    pairs = matched_pairs(successes, n)
    low, high = newcombe_ends(pairs.s2, pairs.n2, pairs.s1, pairs.n1, norm.isf(0.025))
    value = float((pairs.s2 / pairs.n2 - pairs.s1 / pairs.n1)[0])
    return Estimate(value, pairs.samples, Interval(float(low[0]), float(high[0]), "Newcombe"))


def joined(parts: Sequence[Pairs]) -> Pairs:
    """Return the pairs of all parts, whose families stay apart; parts share observations."""
    groups = max(part.sizes.shape[1] for part in parts)

    def padded(table: Floats) -> Floats:
        return np.pad(table, ((0, 0), (0, groups - table.shape[1])))

    return Pairs(
        s1=np.concatenate([part.s1 for part in parts]),
        n1=np.concatenate([part.n1 for part in parts]),
        s2=np.concatenate([part.s2 for part in parts]),
        n2=np.concatenate([part.n2 for part in parts]),
        rates=np.concatenate([padded(part.rates) for part in parts]),
        sizes=np.concatenate([padded(part.sizes) for part in parts]),
        samples=max(part.samples for part in parts),
    )


def widest_difference(pairs: Pairs, *, level: float = 0.95) -> Estimate:
    """Return the largest absolute difference over all pairs.

    Raises:
        ValueError: there is no pair.
    """
    _check_some(pairs)
    value = float(np.abs(pairs.s1 / pairs.n1 - pairs.s2 / pairs.n2).max())
    low, high = newcombe_ends(pairs.s1, pairs.n1, pairs.s2, pairs.n2, norm.isf(1 - level))
    possible = min(1.0, float(np.maximum(high, -low).max()))
    ends = _ends(pairs.by_group(), value, possible, level)
    method = "Inverted test of the widest difference"
    return Estimate(value, pairs.samples, Interval(*ends, method, level, one_sided=possible))


def widest_differences(
    successes: ArrayLike, n: ArrayLike, *, level: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """Return low end, high end and one-sided bound of `widest_difference` for many audits at once.

    Args:
        successes: counts of shape (audits, groups).
        n: sizes, each at least 1, of the same shape or (groups,).
        level: confidence level.

    Returns:
        Three arrays of shape (audits,).
    """
    hits = np.asarray(successes, dtype=np.float64)
    sizes = np.broadcast_to(np.asarray(n, dtype=np.float64), hits.shape)
    one, two = np.triu_indices(hits.shape[1], k=1)
    sides = hits[:, one], sizes[:, one], hits[:, two], sizes[:, two]
    low, high = newcombe_ends(*sides, norm.isf(1 - level))
    possible = np.minimum(1.0, np.maximum(high, -low).max(axis=1))
    rates = Rates((hits / sizes)[:, None], sizes[:, None])
    return *disparity_ends(rates, rates.widest(), possible, level=level), possible


def smallest_ratio(pairs: Pairs, *, level: float = 0.95) -> Estimate:
    """Return the smallest ratio of the lower to the higher rate over all pairs.

    Raises:
        ValueError: there is no pair, or every rate is 0, so that no ratio is defined.
    """
    _check_some(pairs)
    one, two = (pairs.s1, pairs.n1), (pairs.s2, pairs.n2)
    p1, p2 = pairs.s1 / pairs.n1, pairs.s2 / pairs.n2
    higher = np.maximum(p1, p2)
    if not higher.any():
        raise ValueError("every rate is 0: their ratio is not defined")
    value = float((np.minimum(p1, p2)[higher > 0] / higher[higher > 0]).min())
    z = norm.isf(1 - level)
    least = float(np.minimum(ratio_ends(*one, *two, z)[0], ratio_ends(*two, *one, z)[0]).min())
    method = "Inverted test of the smallest ratio"
    if value > 0:
        apart = _ends(pairs.by_group(ratio=True), -np.log(value), -np.log(max(least, 1e-5)), level)
        low, high = min(least, float(np.exp(-apart[1]))), float(np.exp(-apart[0]))
    else:
        together = norm.isf((1 - level) / 2 / len(pairs))
        either = (ratio_ends(*one, *two, together)[1], ratio_ends(*two, *one, together)[1])
        low, high = 0.0, float(min(1.0, np.minimum(*either).min()))
        method = "MOVER-R, all pairs (Bonferroni)"
    return Estimate(value, pairs.samples, Interval(low, high, method, level, one_sided=least))


def lowest_rate(
    successes: ArrayLike, n: ArrayLike, *, samples: int | None = None, level: float = 0.95
) -> Estimate:
    """Return the lowest rate of any group; counts and sizes of shape (groups,).

    It is as far from 1 as the groups are at most from one that makes no mistake. `samples` is the
    sum of the sizes unless groups share observations.
    """
    hits, sizes = (np.asarray(part, dtype=np.float64) for part in (successes, n))
    value = float((hits / sizes).min())
    least = float(wilson_ends(hits, sizes, norm.isf(1 - level))[0].min())
    beside = Rates(np.append(hits / sizes, 1.0)[None, None], np.append(sizes, PERFECT)[None, None])
    short = _ends(beside, 1 - value, 1 - least, level)
    size = int(sizes.sum()) if samples is None else samples
    method = "Inverted test of the lowest rate"
    ends = min(1 - short[1], value), max(1 - short[0], value)
    return Estimate(value, size, Interval(*ends, method, level, one_sided=least))


def _check_some(pairs: Pairs) -> None:
    if not len(pairs):
        raise ValueError("no two groups share anything to be compared by")


def _ends(rates: Rates, observed: float, possible: float, level: float) -> tuple[float, float]:
    """Return the ends for a single audit."""
    low, high = disparity_ends(rates, np.array([observed]), np.array([possible]), level=level)
    return min(float(low[0]), observed), max(float(high[0]), observed)


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
