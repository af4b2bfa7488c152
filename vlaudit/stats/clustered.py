"""Intervals for pairs that share something besides being pairs, such as the word they show."""

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t

from vlaudit.core.measurement import Interval
from vlaudit.stats.intervals import paired_difference


def clustered_difference(
    first: ArrayLike, second: ArrayLike, clusters: ArrayLike, *, level: float = 0.95
) -> Interval:
    """Return the interval of the difference of two paired rates, for pairs that come in clusters.

    The wider, at each end, of Tango's interval, which takes pairs for independent, and the
    t interval from the cluster-robust variance CR1 (Liang and Zeger 1986), whose degrees of
    freedom are the clusters less one.

    Args:
        first: successes in the first condition, bool of shape (pairs,).
        second: successes in the second condition, bool of shape (pairs,).
        clusters: label of the cluster of each pair, (pairs,).
        level: confidence level.
    """
    one, other = np.asarray(first, dtype=np.bool_), np.asarray(second, dtype=np.bool_)
    differences = one.astype(np.float64) - other
    tango = paired_difference(
        int((one & ~other).sum()), int((other & ~one).sum()), one.size, level=level
    )
    _, of_cluster = np.unique(np.asarray(clusters), return_inverse=True)
    residuals = np.bincount(of_cluster, weights=differences - differences.mean())
    count = residuals.size
    if count < 2:
        return Interval(-1.0, 1.0, "one cluster: nothing is known of others", level)
    error = sqrt(count / (count - 1) * float(np.square(residuals).sum())) / one.size
    reach = float(t.isf((1 - level) / 2, count - 1)) * error
    middle = float(differences.mean())
    low, high = min(tango.low, middle - reach), max(tango.high, middle + reach)
    return Interval(max(low, -1.0), min(high, 1.0), "Tango score, or CR1 t where wider", level)
