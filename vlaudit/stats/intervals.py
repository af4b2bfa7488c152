"""Confidence intervals for rates, differences, ratios and means.

Every interval is right at 0 of n and n of n, and none has zero width because everything agreed.
Ends of an interval at level 0.95 are one-sided bounds at 0.975 each.
"""

from dataclasses import dataclass
from math import ceil, exp, floor, log, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.stats import beta, binomtest, bootstrap, chi2, norm

from vlaudit.core.measurement import Interval, Measurement

Floats = NDArray[np.float64]

FEWEST_FOR_BOOTSTRAP = 10


@dataclass(frozen=True)
class Estimate:
    """A point value, the number of independent observations behind it, and its interval."""

    value: float
    samples: int
    interval: Interval

    def of(self, metric: str, /, **where: str) -> Measurement:
        """Return the measurement of a metric, in the slice `where`."""
        return Measurement(metric, self.value, self.samples, self.interval, slice=where)


def rate(successes: int, n: int, *, level: float = 0.95) -> Estimate:
    """Return the share of `successes` among `n` with its Wilson interval."""
    return Estimate(successes / n, n, wilson(successes, n, level=level))


def exact_rate(successes: int, n: int, *, level: float = 0.95) -> Estimate:
    """Return the share of `successes` among `n` with its Clopper-Pearson interval."""
    return Estimate(successes / n, n, clopper_pearson(successes, n, level=level))


def wilson(successes: int, n: int, *, level: float = 0.95) -> Interval:
    """Return Wilson's score interval of a proportion (Wilson 1927)."""
    ends = binomtest(int(successes), int(n)).proportion_ci(level, method="wilson")
    return Interval(float(ends.low), float(ends.high), "Wilson", level)


def clopper_pearson(successes: float, n: float, *, level: float = 0.95) -> Interval:
    """Return the exact interval of a proportion: for rare events and promises (never too short).

    Effective counts need not be whole.
    """
    tail = (1 - level) / 2
    low = float(beta.ppf(tail, successes, n - successes + 1)) if successes > 0 else 0.0
    high = float(beta.isf(tail, successes + 1, n - successes)) if successes < n else 1.0
    return Interval(low, high, "Clopper-Pearson", level)


def newcombe(s1: int, n1: int, s2: int, n2: int, *, level: float = 0.95) -> Interval:
    """Return the interval of `s1/n1 - s2/n2`, independent (Newcombe 1998, method 10)."""
    z = float(norm.isf((1 - level) / 2))
    low, high = newcombe_ends(s1, n1, s2, n2, z)
    return Interval(float(low), float(high), "Newcombe", level)


def difference(s1: int, n1: int, s2: int, n2: int, *, level: float = 0.95) -> Estimate:
    """Return `s1/n1 - s2/n2` of independent rates with Newcombe's interval."""
    return Estimate(s1 / n1 - s2 / n2, n1 + n2, newcombe(s1, n1, s2, n2, level=level))


def ratio(s1: int, n1: int, s2: int, n2: int, *, level: float = 0.95) -> Interval:
    """Return the score interval of `(s1/n1) / (s2/n2)`, independent (Koopman 1984).

    Raises:
        ValueError: `s2` is 0, so that the ratio has no upper end.
    """
    if s2 == 0:
        raise ValueError("the ratio to a rate of 0 has no upper end; compare the difference")
    z = float(norm.isf((1 - level) / 2))

    def score(log_ratio: float) -> float:
        theta = exp(log_ratio)
        linear = n1 * theta + s1 + n2 + s2 * theta
        root = sqrt(max(linear**2 - 4 * (n1 + n2) * theta * (s1 + s2), 0.0))
        second = 2 * (s1 + s2) / (linear + root)
        first = theta * second
        variance = first * (1 - first) / n1 + theta**2 * second * (1 - second) / n2
        return (s1 / n1 - theta * s2 / n2) / sqrt(max(variance, 1e-12))

    smallest, largest = -50.0, 50.0
    point = log(s1 / n1 / (s2 / n2)) if s1 > 0 else smallest
    low = exp(brentq(lambda x: score(x) - z, smallest, point)) if s1 > 0 else 0.0
    return Interval(
        low, exp(brentq(lambda x: score(x) + z, point, largest)), "Koopman score", level
    )


def paired_difference(
    only_first: float, only_second: float, n: float, *, level: float = 0.95
) -> Interval:
    """Return Tango's score interval of `(only_first - only_second) / n` (Tango 1998).

    `only_first` of `n` pairs succeed in the first condition alone, `only_second` in the second
    alone; the score test at a difference of 0 is McNemar's.
    """
    z = float(norm.isf((1 - level) / 2))
    b, c = only_first, only_second
    point = (b - c) / n

    def score(difference: float) -> float:
        linear = -b - c + (2 * n - b + c) * difference
        constant = -c * difference * (1 - difference)
        second = (sqrt(max(linear**2 - 8 * n * constant, 0.0)) - linear) / (4 * n)
        variance = n * (2 * second + difference * (1 - difference))
        return (b - c - n * difference) / sqrt(max(variance, 1e-300))

    margin = 1e-12
    low, high = -1.0, 1.0
    if point > -1 + margin:
        low = brentq(lambda d: score(d) - z, -1 + margin, point)
    if point < 1 - margin:
        high = brentq(lambda d: score(d) + z, point, 1 - margin)
    return Interval(float(low), float(high), "Tango score", level)


def poisson_rate(
    events: int, exposure: float, *, per: float = 1000.0, level: float = 0.95
) -> Interval:
    """Return the exact interval of `events` per `per` units of `exposure` (Garwood 1936)."""
    tail = (1 - level) / 2
    low = chi2.ppf(tail, 2 * events) / 2 if events else 0.0
    high = chi2.isf(tail, 2 * (events + 1)) / 2
    scale = per / exposure
    return Interval(float(low * scale), float(high * scale), "Garwood exact Poisson", level)


def bounded_mean(
    values: ArrayLike, *, bounds: tuple[float, float], level: float = 0.95
) -> Interval:
    """Return an interval of the mean that holds for any distribution within `bounds`.

    Binomial tails with the factor e of Bentkus (2004): wide, but right for a handful of values
    and where all of them agree.
    """
    low, high = bounds
    scaled = (np.asarray(values, dtype=np.float64) - low) / (high - low)
    n, total = scaled.size, float(scaled.sum())
    tail = (1 - level) / 2 / np.e
    below, above = floor(total + 1e-9), ceil(total - 1e-9)
    bottom = beta.ppf(tail, below, n - below + 1) if below > 0 else 0.0
    top = beta.isf(tail, above + 1, n - above) if above < n else 1.0
    return Interval(
        low + float(bottom) * (high - low), low + float(top) * (high - low), "Bentkus", level
    )


def mean(
    values: ArrayLike,
    *,
    bounds: tuple[float, float],
    rng: np.random.Generator,
    clusters: ArrayLike | None = None,
    level: float = 0.95,
    resamples: int = 2000,
) -> Estimate:
    """Return the mean of values within `bounds`, with a BCa bootstrap interval.

    Args:
        values: one number an observation, shape (n,).
        bounds: smallest and largest value that could occur.
        rng: source of the resamples.
        clusters: label of the cluster (person, image, prompt) of each value; whole clusters are
            resampled then, and `samples` counts clusters.
        level: confidence level.
        resamples: number of bootstrap resamples.

    Where fewer than ten units were seen, or all agree, the bootstrap knows nothing of the spread
    and Bentkus' bound over the units takes its place.
    """
    observed = np.asarray(values, dtype=np.float64)
    labels = np.arange(observed.size) if clusters is None else np.asarray(clusters)
    _, of_cluster = np.unique(labels, return_inverse=True)
    sizes = np.bincount(of_cluster).astype(np.float64)
    sums = np.bincount(of_cluster, weights=observed)
    point = float(observed.mean())
    if sizes.size >= FEWEST_FOR_BOOTSTRAP and np.ptp(sums / sizes) > 0:
        ends = bootstrap(
            (sums, sizes), _ratio_of_sums, paired=True, vectorized=True, rng=rng,
            confidence_level=level, n_resamples=resamples, batch=max(1, 2_000_000 // sizes.size),
        ).confidence_interval  # fmt: skip
        if np.isfinite([ends.low, ends.high]).all() and ends.low < ends.high:
            method = "BCa bootstrap" if clusters is None else "BCa cluster bootstrap"
            interval = Interval(
                max(float(ends.low), bounds[0]), min(float(ends.high), bounds[1]), method, level
            )
            return Estimate(point, sizes.size, interval)
    return Estimate(point, sizes.size, bounded_mean(sums / sizes, bounds=bounds, level=level))


def _ratio_of_sums(sums: Floats, sizes: Floats, axis: int = -1) -> Floats:
    return np.asarray(sums.sum(axis=axis) / sizes.sum(axis=axis))


def wilson_ends(successes: ArrayLike, n: ArrayLike, z: ArrayLike) -> tuple[Floats, Floats]:
    """Return the ends of Wilson's interval at critical value `z`, for arrays of any shape."""
    k, size, zz = (np.asarray(part, dtype=np.float64) for part in (successes, n, np.square(z)))
    centre = (k + zz / 2) / (size + zz)
    half = np.sqrt(zz) / (size + zz) * np.sqrt(k * (size - k) / size + zz / 4)
    # Rounding must not push the ends at 0 of n and n of n past 0 and 1.
    return np.where(k == 0, 0.0, centre - half), np.where(k == size, 1.0, centre + half)


def newcombe_ends(
    s1: ArrayLike, n1: ArrayLike, s2: ArrayLike, n2: ArrayLike, z: ArrayLike
) -> tuple[Floats, Floats]:
    """Return the ends of Newcombe's interval of `s1/n1 - s2/n2`, for arrays of any shape."""
    p1, p2 = np.divide(s1, n1), np.divide(s2, n2)
    (l1, u1), (l2, u2) = wilson_ends(s1, n1, z), wilson_ends(s2, n2, z)
    difference = p1 - p2
    return (
        np.asarray(difference - np.hypot(p1 - l1, u2 - p2)),
        np.asarray(difference + np.hypot(u1 - p1, p2 - l2)),
    )


def ratio_ends(
    s1: ArrayLike, n1: ArrayLike, s2: ArrayLike, n2: ArrayLike, z: ArrayLike
) -> tuple[Floats, Floats]:
    """Return the ends of `(s1/n1) / (s2/n2)` for arrays of any shape.

    Fieller's equation on Wilson's ends (MOVER-R, Donner and Zou 2012); the upper end is infinite
    where the lower end of the second rate is 0.
    """
    p1, p2 = np.divide(s1, n1), np.divide(s2, n2)
    (l1, u1), (l2, u2) = wilson_ends(s1, n1, z), wilson_ends(s2, n2, z)
    product = p1 * p2
    with np.errstate(divide="ignore", invalid="ignore"):
        smallest = l1 * (2 * p1 - l1)
        root = np.sqrt(np.maximum(product**2 - smallest * u2 * (2 * p2 - u2), 0.0))
        low = np.where(smallest > 0, smallest / (product + root), 0.0)
        largest, scale = u1 * (2 * p1 - u1), l2 * (2 * p2 - l2)
        root = np.sqrt(np.maximum(product**2 - scale * largest, 0.0))
        high = np.where(scale > 0, (product + root) / scale, np.inf)
    return low, high
