"""The worst of several groups, with an interval that the search for it does not bias."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t

from vlaudit.core.measurement import Interval
from vlaudit.stats.intervals import (
    FEWEST_FOR_BOOTSTRAP,
    Estimate,
    Floats,
    bounded_mean,
    clopper_pearson,
    paired_difference,
)

ROUNDING = 1e-9


def highest_rate(
    counts: Sequence[tuple[float, float]], *, samples: int, level: float = 0.95
) -> Estimate:
    """Return the highest of several rates, exact for rare events.

    The end that accuses is the highest lower end, at a level that holds for all at once (Sidak);
    the end that acquits is the highest upper end at one-sided `level` each.

    Args:
        counts: events and size of each group; effective ones need not be whole.
        samples: number of observations behind all of them.
        level: confidence level.
    """
    together, each = level ** (1 / len(counts)), 2 * level - 1
    low = max(clopper_pearson(k, n, level=together).low for k, n in counts)
    high = max(clopper_pearson(k, n, level=each).high for k, n in counts)
    value = max(k / n for k, n in counts)
    method = "Clopper-Pearson, all groups"
    return Estimate(value, samples, Interval(min(low, value), max(high, value), method, level))


def highest_paired_difference(
    counts: Sequence[tuple[float, float, float]], *, samples: int, level: float = 0.95
) -> Estimate:
    """Return the highest of several differences between two paired rates, as `highest_rate`.

    Args:
        counts: of each group, pairs with the first event alone, with the second alone, and all.
        samples: number of observations behind all of them.
        level: confidence level.
    """
    together, each = level ** (1 / len(counts)), 2 * level - 1
    low = max(paired_difference(b, c, n, level=together).low for b, c, n in counts)
    high = max(paired_difference(b, c, n, level=each).high for b, c, n in counts)
    value = max((b - c) / n for b, c, n in counts)
    ends = min(low, value), max(high, value)
    return Estimate(value, samples, Interval(*ends, "Tango score, all groups", level))


def mean_difference(values: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return the mean of paired differences within -1 and 1, such as of two answers.

    Tango's score interval where all differences are -1, 0 or 1, else Student's; Bentkus' bound for
    fewer than ten or where all agree. All hold far out in the tails, where a bootstrap of few
    differences that are mostly 0 does not.

    Args:
        values: one difference a set of pictures, (sets,).
        level: confidence level.
    """
    apart = np.asarray(values, dtype=np.float64)
    n, value = apart.size, float(apart.mean())
    if np.isin(apart, (-1.0, 0.0, 1.0)).all():
        more, less = int((apart > 0).sum()), int((apart < 0).sum())
        return Estimate(value, n, paired_difference(more, less, n, level=level))
    if n < FEWEST_FOR_BOOTSTRAP or np.ptp(apart) < ROUNDING:
        return Estimate(value, n, bounded_mean(apart, bounds=(-1, 1), level=level))
    reach = float(t.isf((1 - level) / 2, n - 1) * apart.std(ddof=1) / np.sqrt(n))
    ends = max(value - reach, -1.0), min(value + reach, 1.0)
    return Estimate(value, n, Interval(*ends, "Student's t over sets", level))


def widest_mean(
    parts: Sequence[Floats], *, samples: int, family: int, level: float = 0.95
) -> Estimate:
    """Return the largest mean of paired differences, whatever its sign, as `highest_rate`.

    Args:
        parts: differences of every pair of groups, one a set of pictures, each (sets,).
        samples: number of observations behind all of them.
        family: number of pairs, these among them, whose accusing ends are to hold at once.
        level: confidence level.
    """
    together = [mean_difference(part, level=level ** (1 / family)) for part in parts]
    each = [mean_difference(part, level=2 * level - 1).interval for part in parts]
    low = max(0.0, *(max(item.interval.low, -item.interval.high) for item in together))
    high = max(max(ends.high, -ends.low) for ends in each)
    value = max(abs(item.value) for item in together)
    method = f"{together[0].interval.method}, all pairs"
    return Estimate(value, samples, Interval(min(low, value), max(high, value), method, level))
