"""The difference of two means of bounded values from separate samples."""

from math import hypot

import numpy as np
from numpy.typing import ArrayLike

from vlaudit.core.measurement import Interval
from vlaudit.stats.intervals import Estimate, mean


def difference_of_means(
    first: ArrayLike,
    second: ArrayLike,
    *,
    bounds: tuple[float, float],
    rng: np.random.Generator,
    level: float = 0.95,
) -> Estimate:
    """Return the mean of the first sample less that of the second.

    The intervals of both means are joined by MOVER (Zou and Donner 2008), so that it is right
    where one sample agrees.

    Args:
        first: values within `bounds`, (m,).
        second: values within `bounds`, (n,).
        bounds: smallest and largest value that could occur.
        rng: source of resamples.
        level: confidence level.
    """
    one, other = (mean(part, bounds=bounds, rng=rng, level=level) for part in (first, second))
    value = one.value - other.value
    below = hypot(one.value - one.interval.low, other.interval.high - other.value)
    above = hypot(one.interval.high - one.value, other.value - other.interval.low)
    method = f"MOVER over {one.interval.method}"
    interval = Interval(value - below, value + above, method, level)
    return Estimate(value, one.samples + other.samples, interval)
