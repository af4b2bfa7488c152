"""The worst of several groups, with an interval that the search for it does not bias."""

from collections.abc import Sequence

import numpy as np

from vlaudit.core.measurement import Interval
from vlaudit.stats.intervals import Estimate, Floats, clopper_pearson, mean, paired_difference


def highest_rate(
    counts: Sequence[tuple[int, int]], *, samples: int, level: float = 0.95
) -> Estimate:
    """Return the highest of several rates, exact for rare events.

    The end that accuses is the highest lower end, at a level that holds for all at once (Sidak);
    the end that acquits is the highest upper end at one-sided `level` each.

    Args:
        counts: events and size of each group.
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
    counts: Sequence[tuple[int, int, int]], *, samples: int, level: float = 0.95
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


def widest_mean(
    parts: Sequence[Floats], *, bounds: tuple[float, float], rng: np.random.Generator,
    samples: int, family: int, level: float = 0.95,
) -> Estimate:  # fmt: skip
    """Return the largest mean of paired differences, whatever its sign, as `highest_rate`.

    Args:
        parts: differences of every pair of groups, one a set of pictures, each (sets,).
        bounds: smallest and largest possible difference.
        rng: source of the resamples.
        samples: number of observations behind all of them.
        family: number of pairs, these among them, whose accusing ends are to hold at once.
        level: confidence level.
    """
    together = [mean(part, bounds=bounds, rng=rng, level=level ** (1 / family)) for part in parts]
    each = [mean(part, bounds=bounds, rng=rng, level=2 * level - 1).interval for part in parts]
    low = max(0.0, *(max(item.interval.low, -item.interval.high) for item in together))
    high = max(max(ends.high, -ends.low) for ends in each)
    value = max(abs(item.value) for item in together)
    method = f"{together[0].interval.method}, all pairs"
    return Estimate(value, samples, Interval(min(low, value), max(high, value), method, level))
