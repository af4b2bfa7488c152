"""Intervals for pairs that share something besides being pairs, such as the word they show."""

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import beta, t

from vlaudit.core.measurement import Interval
from vlaudit.stats.intervals import Estimate, paired_difference


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


def clustered_rate(hits: ArrayLike, sizes: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return a share of rows that come in clusters, with the exact interval of Korn and Graubard.

    The Clopper-Pearson interval at the number of independent rows that are worth as much as these
    (Korn and Graubard 1998), never more than there are; it is right at none and at all.

    Args:
        hits: rows of each cluster that count, (clusters,).
        sizes: rows of each cluster, (clusters,).
        level: confidence level.
    """
    counted, rows = np.asarray(hits, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    total, count = float(rows.sum()), rows.size
    share = float(counted.sum()) / total
    worth = float(count) if share in (0.0, 1.0) or count == 1 else total
    if 0 < share < 1 and count > 1:
        left = counted - share * rows
        variance = count / (count - 1) * float(np.square(left).sum()) / total**2
        worth = min(total, share * (1 - share) / variance) if variance > 0 else total
    tail, seen = (1 - level) / 2, share * worth
    low = float(beta.ppf(tail, seen, worth - seen + 1)) if seen > 0 else 0.0
    high = float(beta.isf(tail, seen + 1, worth - seen)) if seen < worth else 1.0
    interval = Interval(min(low, share), max(high, share), "Korn-Graubard", level)
    return Estimate(share, count, interval)


def clustered_share(hits: ArrayLike, clusters: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return the share of observations that count, with the interval of `clustered_rate`.

    Args:
        hits: whether each counts, bool of shape (observations,), at least one.
        clusters: label of the cluster of each, (observations,).
        level: confidence level.
    """
    _, of_cluster = np.unique(np.asarray(clusters), return_inverse=True)
    counted = np.bincount(of_cluster, weights=np.asarray(hits, dtype=np.float64))
    return clustered_rate(counted, np.bincount(of_cluster), level=level)


def clustered_excess(
    hits: ArrayLike, clusters: ArrayLike, twin_hits: ArrayLike, twins: ArrayLike
) -> Estimate:
    """Return how much oftener something happens than to the one twin in the same cluster.

    Observations without a twin are left out.

    Args:
        hits: whether it happens, bool of shape (observations,).
        clusters: label of the cluster of each, (observations,).
        twin_hits: whether it happens to each twin, bool of shape (twins,).
        twins: label of the cluster of each twin, one a cluster, (twins,).

    Raises:
        ValueError: no observation has a twin.
    """
    known = dict(zip(np.asarray(twins).tolist(), np.asarray(twin_hits).tolist(), strict=True))
    labels = np.asarray(clusters)
    paired = np.isin(labels, [*known])
    if not paired.any():
        raise ValueError("no observation has a twin")
    first, labels = np.asarray(hits, dtype=np.bool_)[paired], labels[paired]
    second = np.array([known[label] for label in labels.tolist()], dtype=np.bool_)
    value = float(first.mean() - second.mean())
    return Estimate(value, np.unique(labels).size, clustered_difference(first, second, labels))
