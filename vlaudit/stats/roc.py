"""How well a score tells positives from negatives, with intervals that hold at the edges."""

from collections.abc import Sequence
from math import floor, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import beta, norm, rankdata

from vlaudit.core.measurement import Interval
from vlaudit.stats.intervals import Estimate, clopper_pearson


def auc(positives: ArrayLike, negatives: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return the chance that a positive scores above a negative, ties counted half.

    The interval is Newcombe's fifth (2006): it inverts a score test whose variance is Hanley and
    McNeil's at the tested value, so that it has width where one side lies wholly above the other.

    Args:
        positives: scores of the positives, (m,).
        negatives: scores of the negatives, (n,).
        level: confidence level.
    """
    high, low = (np.asarray(part, dtype=np.float64) for part in (positives, negatives))
    m, n = high.size, low.size
    ranks = rankdata(np.concatenate([high, low]))
    value = float((ranks[:m].sum() - m * (m + 1) / 2) / (m * n))
    z = float(norm.isf((1 - level) / 2))
    return Estimate(value, m + n, Interval(*_auc_ends(value, m, n, z), "Newcombe 5, AUC", level))


def cross_fitted_auc(
    positives: ArrayLike, negatives: ArrayLike, *, folds: int, level: float = 0.95
) -> Estimate:
    """Return the AUC of scores by classifiers that were each fitted on all folds but one.

    Such classifiers share most of their rows, so that the error is larger than that of independent
    scores: its variance is taken (1 / folds + held / fitted) folds times (Nadeau and Bengio 2003).

    Args:
        positives: scores of the positives, (m,).
        negatives: scores of the negatives, (n,).
        folds: number of folds, 2 or more.
        level: confidence level.
    """
    z = float(norm.isf((1 - level) / 2)) * sqrt(1 + folds / (folds - 1))
    found = auc(positives, negatives, level=1 - 2 * float(norm.sf(z)))
    method = f"{found.interval.method}, corrected for shared folds"
    interval = Interval(found.interval.low, found.interval.high, method, level)
    return Estimate(found.value, found.samples, interval)


def _auc_ends(value: float, m: int, n: int, z: float) -> tuple[float, float]:
    more = (m + n) / 2 - 1

    def apart(true: float) -> float:
        spread = 1 + more * (1 - true) / (2 - true) + more * true / (1 + true)
        return abs(value - true) - z * sqrt(max(true * (1 - true) * spread, 0.0) / (m * n))

    # At 0 and 1 themselves the equation holds trivially; the end sought lies inside.
    edge = 1e-9
    low = brentq(apart, edge, min(value, 1 - edge)) if value > 0 and apart(edge) > 0 else 0.0
    high = brentq(apart, max(value, edge), 1 - edge) if value < 1 and apart(1 - edge) > 0 else 1.0
    return float(min(low, value)), float(max(high, value))


def true_positive_rate(
    positives: ArrayLike, negatives: ArrayLike, *, at: float, level: float = 0.95
) -> Estimate:
    """Return the share of positives above all but a share `at` of the negatives.

    The interval carries both errors: that of the threshold, which is an order statistic of the
    negatives, and that of the share above it (Clopper-Pearson), with half of the error each. Where
    no threshold is sure to keep the false positives at `at`, the lower end is 0.

    Args:
        positives: scores of the positives, (m,).
        negatives: scores of the negatives, (n,).
        at: rate of false positives.
        level: confidence level.
    """
    high = np.asarray(positives, dtype=np.float64)
    order = np.sort(np.asarray(negatives, dtype=np.float64))[::-1]
    m, n, tail = high.size, order.size, (1 - level) / 4

    def above(place: int) -> int:
        return int((high > order[place]).sum()) if 0 <= place < n else (0 if place < 0 else m)

    # The true rate above the place-th largest negative is Beta(place + 1, n - place).
    places = np.arange(n)
    sure = np.flatnonzero(beta.ppf(1 - tail, places + 1, n - places) <= at)
    loose = np.flatnonzero(beta.ppf(tail, places + 1, n - places) >= at)
    hits = above(min(floor(at * n + 1e-9), n - 1))
    strict = above(int(sure[-1]) if sure.size else -1)
    lax = above(int(loose[0]) if loose.size else n)
    inner = 1 - 2 * tail
    low = clopper_pearson(strict, m, level=inner).low if strict else 0.0
    top = clopper_pearson(lax, m, level=inner).high
    value = hits / m
    method = "Clopper-Pearson over the threshold's order statistics"
    return Estimate(value, m + n, Interval(min(low, value), max(top, value), method, level))


def strongest(found: Sequence[Estimate], sharper: Sequence[Estimate]) -> Estimate:
    """Return the largest of several estimates, with an interval that the choice does not bias.

    Args:
        found: the estimates at the level wanted.
        sharper: the same at Bonferroni's level for as many; their largest lower end holds for all.
    """
    best = max(found, key=lambda one: one.value)
    low = min(max(one.interval.low for one in sharper), best.value)
    high = max(one.interval.high for one in found)
    name = best.interval.method
    method = name if len(found) == 1 else f"{name}, strongest of {len(found)} (Bonferroni)"
    return Estimate(best.value, best.samples, Interval(low, high, method, best.interval.level))
