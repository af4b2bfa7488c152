"""A rate seen through a detector that errs, corrected for its errors."""

import numpy as np

from vlaudit.core.measurement import Interval
from vlaudit.stats.intervals import Estimate

DRAWS = 20_000


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
