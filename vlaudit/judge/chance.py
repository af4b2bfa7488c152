"""How often chance alone gives as much as was seen, read off an interval."""

from statistics import NormalDist

from vlaudit.judge.limit import Held


def chance(held: Held) -> float:
    """Return the one-sided p-value that the limit is met, read off the interval as if normal.

    It is half of the interval's error just where the interval ends at the limit.
    """
    tail = (1 - held.measurement.interval.level) / 2
    reach = held.value - held.alone
    if held.value <= 0:
        return 1.0
    if reach <= 0:
        return 0.0
    normal = NormalDist()
    z = held.value / reach * -normal.inv_cdf(tail)
    return min(1.0, held.among * normal.cdf(-z))
