"""How far a classifier is above chance, whatever the sizes of its classes."""

from math import hypot

import numpy as np
from numpy.typing import ArrayLike

from vlaudit.core.measurement import Interval
from vlaudit.stats.intervals import Estimate, clopper_pearson


def skill(said: ArrayLike, truth: ArrayLike, *, groups: int, level: float = 0.95) -> Estimate:
    """Return how far the groups are told apart: 0 is chance, 1 always.

    Mean of the groups' recalls (balanced accuracy) less chance, by what is left above chance; for
    two groups it is Youden's J. The interval joins the exact ones of each recall (MOVER, Zou 2008).

    Args:
        said: index of the group that is said of each row, (rows,).
        truth: index of the row's group, (rows,).
        groups: number of groups, each with at least one row.
        level: confidence level.
    """
    given, true = np.asarray(said, dtype=np.intp), np.asarray(truth, dtype=np.intp)
    sizes = np.bincount(true, minlength=groups)
    hits = np.bincount(true[given == true], minlength=groups)
    ends = [clopper_pearson(int(k), int(n), level=level) for k, n in zip(hits, sizes, strict=True)]
    rates = hits / sizes
    below = hypot(*(rate - end.low for rate, end in zip(rates, ends, strict=True)))
    above = hypot(*(end.high - rate for rate, end in zip(rates, ends, strict=True)))
    value, chance = float(rates.mean()), 1 / groups
    low, high = max(value - below / groups, 0.0), min(value + above / groups, 1.0)
    scaled = [(end - chance) / (1 - chance) for end in (value, low, high)]
    interval = Interval(scaled[1], scaled[2], "MOVER over Clopper-Pearson recalls", level)
    return Estimate(scaled[0], true.size, interval)
