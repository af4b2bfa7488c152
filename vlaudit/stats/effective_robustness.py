"""Accuracy under a shift beyond what accuracy without it foretells (Taori et al. 2020)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from vlaudit.core.measurement import Interval
from vlaudit.stats.intervals import Estimate, Floats

FEWEST_MODELS = 3


@dataclass(frozen=True)
class Line:
    """A line through the accuracies of reference models on the logit scale.

    Attributes:
        coefficients: intercept and slope, (2,).
        covariance: their covariance by ordinary least squares, (2, 2).
        models: number of reference models.
    """

    coefficients: Floats
    covariance: Floats
    models: int

    def expected(self, accuracy: ArrayLike, coefficients: Floats | None = None) -> Floats:
        """Return the accuracy under the shift that accuracies without it foretell."""
        a, b = (self.coefficients if coefficients is None else coefficients).T
        return np.asarray(expit(a + b * logit(np.asarray(accuracy, dtype=np.float64))))


def fitted(models: Sequence[tuple[float, float]]) -> Line:
    """Return the line through accuracies without and under a shift, each within 0 and 1.

    Raises:
        ValueError: there are fewer than three models, or all are alike without the shift.
    """
    pairs = logit(np.array(models, dtype=np.float64).reshape(-1, 2))
    if len(pairs) < FEWEST_MODELS or np.ptp(pairs[:, 0]) < 1e-6:
        raise ValueError("a line takes three models of different accuracy")
    design = np.column_stack([np.ones(len(pairs)), pairs[:, 0]])
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ pairs[:, 1]
    left = pairs[:, 1] - design @ coefficients
    return Line(coefficients, inverse * (left @ left) / (len(pairs) - 2), len(pairs))


def effective_robustness(
    line: Line,
    without: tuple[float, float],
    under: tuple[float, float],
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    draws: int = 4000,
) -> Estimate:
    """Return accuracy under a shift less what the line foretells, with a simulated interval.

    Both accuracies are drawn from their Jeffreys posteriors, the line from the t distribution of
    its fit.

    Args:
        line: through reference models.
        without: rows named right without the shift, and all; effective numbers may be given.
        under: the same under the shift.
        rng: source of the draws.
        level: confidence level.
        draws: number of draws.
    """
    (hits, rows), (kept, shifted) = without, under
    value = kept / shifted - float(line.expected(_within(hits, rows)))
    first = rng.beta(hits + 0.5, rows - hits + 0.5, size=draws)
    second = rng.beta(kept + 0.5, shifted - kept + 0.5, size=draws)
    freedom = line.models - 2
    spread = np.sqrt(freedom / rng.chisquare(freedom, size=draws))[:, None]
    moved = rng.multivariate_normal(np.zeros(2), line.covariance, size=draws) * spread
    drawn = second - line.expected(first, line.coefficients + moved)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    ends = min(float(low), value), max(float(high), value)
    interval = Interval(*ends, "simulated from both rates and the line", level)
    return Estimate(value, int(rows + shifted), interval)


def _within(hits: float, rows: float) -> NDArray[np.float64]:
    """Return a rate that has a logit: half a row is neither right nor wrong at the ends."""
    return np.asarray(np.clip(hits / rows, 0.5 / rows, 1 - 0.5 / rows))
