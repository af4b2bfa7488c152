"""Corrections of a rate for the errors of the instrument that counted it.

Where sensitivity and specificity are known, the correction is that of Rogan and Gladen; where
precision and recall are, as of a detector of rare things, the rate is multiplied by their quotient.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.stats import norm

from vlaudit.core.measurement import Interval
from vlaudit.stats.intervals import Estimate

DRAWS = 20_000


@dataclass(frozen=True)
class Instrument:
    """What was seen of a detector: hits among `positives` true cases, alarms among `negatives`."""

    hits: int
    positives: int
    alarms: int
    negatives: int

    @property
    def sensitivity(self) -> float:
        """Share of true cases that it finds."""
        return self.hits / self.positives

    @property
    def specificity(self) -> float:
        """Share of innocent cases that it leaves alone."""
        return 1 - self.alarms / self.negatives


def rogan_gladen(flagged: int, n: int, instrument: Instrument, *, level: float = 0.95) -> Estimate:
    """Return the true rate behind `flagged` of `n`, with the instrument's own error in it.

    The point is that of Rogan and Gladen (1978), cut to [0, 1]; the interval is that of Lang and
    Reiczigel (2014), which carries the uncertainty of sensitivity and specificity.

    Raises:
        ValueError: the instrument is no better than chance, so that nothing can be corrected.
    """
    z = float(norm.isf((1 - level) / 2))
    # Their adjustment: one more success and failure for the instrument, z^2 more for the sample.
    sensitivity = (instrument.hits + 1) / (instrument.positives + 2)
    specificity = (instrument.negatives - instrument.alarms + 1) / (instrument.negatives + 2)
    size = n + z * z
    seen = (flagged + z * z / 2) / size
    power = sensitivity + specificity - 1
    raw = instrument.sensitivity + instrument.specificity - 1
    if power <= 0 or raw <= 0:
        raise ValueError("the instrument tells cases from innocents no better than chance")
    value = (flagged / n + instrument.specificity - 1) / raw
    rate = (seen + specificity - 1) / power
    of_sensitivity = sensitivity * (1 - sensitivity) / (instrument.positives + 2)
    of_specificity = specificity * (1 - specificity) / (instrument.negatives + 2)
    shift = 2 * z * z * (rate * of_sensitivity - (1 - rate) * of_specificity)
    reach = (
        z
        / power
        * sqrt(
            seen * (1 - seen) / size + rate**2 * of_sensitivity + (1 - rate) ** 2 * of_specificity
        )
    )
    low, high = (min(max(end, 0.0), 1.0) for end in (rate + shift - reach, rate + shift + reach))
    point = min(max(value, 0.0), 1.0)
    interval = Interval(min(low, point), max(high, point), "Rogan-Gladen, Lang-Reiczigel", level)
    return Estimate(point, n, interval)


def corrected_rate(
    hits: int,
    n: int,
    precision: tuple[int, int],
    recall: tuple[int, int],
    rng: np.random.Generator,
    *,
    level: float = 0.95,
) -> Estimate:
    """Return the share of n that truly has what a detector found in `hits` of them.

    The share found is multiplied by precision and divided by recall. Each of the three is a
    binomial share of its own sample; the interval holds the middle of `DRAWS` draws from their
    posteriors under Jeffreys' prior.

    Args:
        hits: rows that the detector flagged.
        n: rows it looked at.
        precision: right and wrong flags, counted elsewhere.
        recall: found and missed cases, counted elsewhere.
        rng: source of the draws.
        level: confidence level.

    Raises:
        ValueError: nothing was counted for precision, or nothing was ever found.
    """
    if sum(precision) == 0 or recall[0] == 0:
        raise ValueError("precision needs a counted flag, and recall a case that was found")
    found, right, reached = (
        rng.beta(good + 0.5, bad + 0.5, DRAWS)
        for good, bad in ((hits, n - hits), precision, recall)
    )
    value = hits / n * precision[0] / sum(precision) / (recall[0] / sum(recall))
    tail = (1 - level) / 2
    low, high = np.quantile(np.minimum(found * right / reached, 1.0), [tail, 1 - tail])
    return Estimate(
        min(value, 1.0),
        n,
        Interval(
            0.0 if hits == 0 else min(float(low), value, 1.0),
            max(float(high), min(value, 1.0)),
            "Jeffreys posteriors of found, precision and recall",
            level,
        ),
    )
