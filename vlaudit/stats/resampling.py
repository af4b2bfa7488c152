"""Bootstrap intervals of means and of other statistics, by rows or by whole clusters."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import bootstrap, t

from vlaudit.core.measurement import Interval
from vlaudit.stats.intervals import Estimate, Floats

FEWEST_FOR_BCA = 30


def bca(
    statistic: Callable[..., Floats],
    *columns: ArrayLike,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 2000,
) -> Estimate:
    """Return a statistic of rows with its bias-corrected accelerated interval (Efron 1987).

    Args:
        statistic: takes the columns and `axis`, as numpy's own do; smooth, not a maximum.
        columns: one number a row each, (rows,).
        rng: source of the resamples.
        level: confidence level.
        resamples: number of resamples.

    Raises:
        ValueError: too few rows, or all resamples agree: the bootstrap knows no spread there.
    """
    data = tuple(np.asarray(column, dtype=np.float64) for column in columns)
    if data[0].size < FEWEST_FOR_BCA:
        raise ValueError(f"{data[0].size} rows are too few for BCa; use the studentised bootstrap")
    found = bootstrap(
        data, statistic, paired=True, vectorized=True, rng=rng, confidence_level=level,
        n_resamples=resamples, batch=max(1, 2_000_000 // data[0].size),
    ).confidence_interval  # fmt: skip
    low, high = float(found.low), float(found.high)
    if not low < high:
        raise ValueError("all resamples agree; use an exact interval")
    return Estimate(
        float(statistic(*data, axis=-1)), data[0].size, Interval(low, high, "BCa", level)
    )


def studentised(
    values: ArrayLike,
    *,
    rng: np.random.Generator,
    clusters: ArrayLike | None = None,
    level: float = 0.95,
    resamples: int = 2000,
) -> Estimate:
    """Return a mean with its bootstrap-t interval, right for small and skewed samples.

    Args:
        values: one number an observation, (n,).
        rng: source of the resamples.
        clusters: cluster of each value; whole clusters are drawn, and `samples` counts them.
        level: confidence level.
        resamples: number of resamples.

    Raises:
        ValueError: all clusters agree, so that nothing is known of the spread.
    """
    observed = np.asarray(values, dtype=np.float64)
    labels = np.arange(observed.size) if clusters is None else np.asarray(clusters)
    _, of_cluster = np.unique(labels, return_inverse=True)
    sizes = np.bincount(of_cluster).astype(np.float64)
    sums = np.bincount(of_cluster, weights=observed).astype(np.float64)
    middle, error = (part[0] for part in _mean_and_error(sums[None], sizes[None]))
    if sizes.size < 2 or error == 0:
        raise ValueError("all clusters agree; use intervals.bounded_mean")
    drawn = rng.integers(sizes.size, size=(resamples, sizes.size))
    means, errors = _mean_and_error(sums[drawn], sizes[drawn])
    spread = errors > 1e-12 * error
    pivots = (means[spread] - middle) / errors[spread]
    tail = (1 - level) / 2
    lower, upper = np.quantile(pivots, [tail, 1 - tail])
    # Never narrower than the t interval's normal core: few clusters give few distinct resamples.
    least = float(t.isf(tail, sizes.size - 1))
    ends = middle - max(upper, 0.8 * least) * error, middle - min(lower, -0.8 * least) * error
    name = "bootstrap-t" if clusters is None else "cluster bootstrap-t"
    return Estimate(
        float(middle), sizes.size, Interval(float(ends[0]), float(ends[1]), name, level)
    )


def _mean_and_error(sums: Floats, sizes: Floats) -> tuple[Floats, Floats]:
    """Return ratio of sums and its standard error by linearisation, for rows of clusters."""
    count, total = sums.shape[1], sizes.sum(axis=1)
    means = sums.sum(axis=1) / total
    squares = np.square(sums - means[:, None] * sizes).sum(axis=1)
    return means, np.sqrt(count / (count - 1) * squares) / total
