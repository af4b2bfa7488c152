"""The worst of several groups, with an interval that the search for it does not bias."""

from collections.abc import Sequence

from vlaudit.core.measurement import Interval
from vlaudit.stats.intervals import Estimate, clopper_pearson, paired_difference


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
