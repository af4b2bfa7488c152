"""Corrections for asking many questions at once."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom, false_discovery_control

from vlaudit.stats.intervals import Floats


def holm(p_values: ArrayLike) -> Floats:
    """Return p-values adjusted so that the chance of any false alarm is bounded (Holm 1979)."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted


def benjamini_hochberg(p_values: ArrayLike) -> Floats:
    """Return p-values adjusted for the share of false alarms (Benjamini and Hochberg 1995)."""
    return np.asarray(false_discovery_control(np.asarray(p_values, dtype=np.float64)))


def false_alarms_by_chance(tests: int, *, alpha: float) -> tuple[float, float]:
    """Return how many of `tests` fail by chance at `alpha` each, and the chance of any.

    All are taken to be innocent and, for the second number, independent.
    """
    return tests * alpha, float(binom.sf(0, tests, alpha))
