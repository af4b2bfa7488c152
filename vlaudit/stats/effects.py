"""Intervals of standardised differences of means."""

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm, t

from vlaudit.core.measurement import Interval
from vlaudit.stats.intervals import Estimate


def standardised_difference(
    by_template: ArrayLike, n1: float, n2: float, *, level: float = 0.95
) -> Estimate:
    """Return the mean of an effect size that was measured under several templates.

    The interval has the sampling variance over stimuli (Hedges and Olkin 1985) plus that of the
    mean over templates, as two random effects.

    Args:
        by_template: effect size under each template, (templates,).
        n1: independent stimuli of the one set.
        n2: independent stimuli of the other.
        level: confidence level.
    """
    sizes = np.asarray(by_template, dtype=np.float64)
    value = float(sizes.mean())
    variance = (n1 + n2) / (n1 * n2) + value**2 / (2 * (n1 + n2))
    reach, method = float(norm.isf((1 - level) / 2)) * sqrt(variance), "Hedges and Olkin"
    if sizes.size > 1:
        wording = float(sizes.var(ddof=1)) / sizes.size
        # Welch and Satterthwaite: as many degrees of freedom as the mix of both variances has.
        freedom = (variance + wording) ** 2 / (
            variance**2 / max(n1 + n2 - 2, 1) + wording**2 / (sizes.size - 1)
        )
        reach = float(t.isf((1 - level) / 2, freedom)) * sqrt(variance + wording)
        method = "Hedges and Olkin, with templates as a random effect"
    return Estimate(
        value, max(1, int(n1 + n2)), Interval(value - reach, value + reach, method, level)
    )


def in_unit(found: Estimate, *, unit: float, value: float) -> Estimate:
    """Return an effect size in another unit, of which one standard deviation has `unit`.

    `value` is the effect in that unit where it is known exactly.
    """
    ends, scale = found.interval, max(unit, 1e-9)
    low, high = (value + scale * (end - found.value) for end in (ends.low, ends.high))
    return Estimate(value, found.samples, Interval(low, high, ends.method, ends.level))
