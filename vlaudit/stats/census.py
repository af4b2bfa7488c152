"""Intervals of counts over everything there is, where only the instrument can err.

Nothing is sampled. What remains uncertain is whether the instrument overlooks something or cries
wolf; both are bounded by how often it did in cases whose truth is known.
"""

from vlaudit.core.measurement import Interval
from vlaudit.stats.correction import Instrument
from vlaudit.stats.intervals import clopper_pearson


def census(count: int, examined: int, instrument: Instrument, *, level: float = 0.95) -> Interval:
    """Return the interval of the true number of cases among `examined` things.

    Both ends stand at the bounds of Clopper and Pearson on the errors of the instrument; the
    interval has a width even where it never erred.

    Args:
        count: how many were found.
        examined: how many were looked at, at least one, and at least `count`.
        instrument: hits and alarms in cases whose truth is known.
        level: confidence of each bound.
    """
    missed = clopper_pearson(
        instrument.positives - instrument.hits, instrument.positives, level=level
    )
    false = clopper_pearson(instrument.alarms, instrument.negatives, level=level)
    low = count * (1 - false.high)
    high = count + max(examined - count, 1) * missed.high
    return Interval(low, high, f"census, errors in {instrument.positives} known cases", level)


def census_of_none(count: int, examined: int, instrument: Instrument) -> Interval:
    """Return the interval of a count that matters for being none or some.

    One case among the things examined would be overlooked with the chance that the instrument
    errs, bounded by Clopper and Pearson; several would be with no greater chance, however their
    errors hang together, since all of them have to be. So where none is found, "none" is wrong
    with at most that chance whatever the number examined, and the upper end is what it amounts to
    in cases. Where some are found, this is `census`.
    """
    whole = census(count, examined, instrument)
    missed = clopper_pearson(instrument.positives - instrument.hits, instrument.positives)
    if count or missed.high > 1 - whole.level:
        return whole
    return Interval(0.0, missed.high, whole.method, whole.level)
