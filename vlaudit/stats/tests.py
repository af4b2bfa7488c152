"""Tests of whether one group fares worse than the rest, corrected for being many."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import hypergeom, norm

from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.stats.intervals import Floats
from vlaudit.stats.multiplicity import holm

Counts = NDArray[np.int64]
GRAVE = 0.2


def worse_in_stratum(successes: ArrayLike, n: ArrayLike) -> Floats:
    """Return the one-sided p-value of Fisher's exact test of each cell against its column.

    Args:
        successes: counts of shape (groups, strata).
        n: sizes of the same shape.

    Returns:
        The probability, were all groups alike in a stratum, of as few successes as a group has
        there, (groups, strata).
    """
    hits, sizes = (np.asarray(part, dtype=np.int64) for part in (successes, n))
    return np.asarray(hypergeom.cdf(hits, sizes.sum(axis=0), hits.sum(axis=0), sizes))


def worse_at_same_mix(successes: ArrayLike, n: ArrayLike) -> Floats:
    """Return the one-sided Cochran-Mantel-Haenszel p-value of each group against the rest.

    Args:
        successes: counts of shape (groups, strata), or what effective sizes leave of them.
        n: sizes of the same shape.

    Returns:
        P-values with continuity correction, (groups,); 1 where nothing can be compared.
    """
    hits, sizes = (np.asarray(part, dtype=np.float64) for part in (successes, n))
    total, right = sizes.sum(axis=0), hits.sum(axis=0)
    seen = np.where(total > 0, total, 1.0)
    # An effective size below 2 must not make the hypergeometric variance vanish.
    several = np.maximum(seen - 1, seen / 2) * np.square(seen)
    expected = sizes * right / seen
    variance = (sizes * (total - sizes) * right * (total - right) / several).sum(axis=1)
    shortfall = (hits - expected).sum(axis=1) + 0.5
    deviation = shortfall / np.sqrt(np.where(variance > 0, variance, 1.0))
    return np.where(variance > 0, norm.cdf(deviation), 1.0)


@dataclass(frozen=True)
class Shortfall:
    """Fewer successes than others have, proven beyond chance.

    Attributes:
        successes: successes of those who fall short.
        n: their number.
        rest: rate of success of the others, at the same mix of strata.
        p_value: Holm's, over all that were tested together.
    """

    successes: int
    n: int
    rest: float
    p_value: float

    @property
    def size(self) -> float:
        """Rate of the others minus their own."""
        return self.rest - self.successes / self.n

    def told(
        self, kind: str, summary: str, *, severity: Severity | None = None, **evidence: str
    ) -> Finding:
        """Return it as a finding, as severe as it is large where no severity is given."""
        usual = Severity.HIGH if self.size >= GRAVE else Severity.MEDIUM
        return Finding(
            kind=kind,
            summary=summary,
            severity=severity or usual,
            confidence=Confidence.HIGH,
            evidence={**evidence, "others": self.rest, "p_holm": self.p_value},
        )


@dataclass(frozen=True)
class GroupShortfall(Shortfall):
    """The shortfall of a group against the other groups.

    Attributes:
        table: index of the table of counts.
        group: index of the group in its table.
        stratum: index of the stratum, or None for all strata at the same mix.
    """

    table: int
    group: int
    stratum: int | None


def shortfalls(
    tables: Sequence[tuple[ArrayLike, ArrayLike]], *, fewest: int = 1, alpha: float = 0.05
) -> list[GroupShortfall]:
    """Return every group that is proven worse than the rest, overall or in one stratum.

    Cells whose margins leave no room for a significant shortfall are set aside before Holm's
    correction, which loses no protection (Tarone 1990).

    Args:
        tables: successes and sizes, each of shape (groups, strata); effective sizes, which need
            not be whole, are rounded down for the exact tests of single strata.
        fewest: smallest cell that is tested by itself.
        alpha: bound on the chance that any of them is a false alarm.
    """
    counted = [(np.asarray(hits, np.float64), np.asarray(n, np.float64)) for hits, n in tables]
    tests = [_tests(hits, sizes, fewest) for hits, sizes in counted]
    p = np.concatenate([observed.ravel() for observed, _ in tests])
    best = np.concatenate([attainable.ravel() for _, attainable in tests])
    testable = best <= alpha / _tarone(best, alpha)
    adjusted = np.ones(p.size)
    adjusted[testable] = holm(p[testable])
    found: list[GroupShortfall] = []
    for table, (hits, sizes) in enumerate(counted):
        shape = sizes.shape[0], sizes.shape[1] + 1
        mine, adjusted = np.split(adjusted, [shape[0] * shape[1]])
        for group, column in np.argwhere(mine.reshape(shape) <= alpha):
            strata = slice(None) if column == 0 else slice(column - 1, column)
            right, own, rest = _compared(hits, sizes, int(group), strata)
            adjusted_p = float(mine.reshape(shape)[group, column])
            stratum = int(column) - 1 if column else None
            found.append(GroupShortfall(right, own, rest, adjusted_p, table, int(group), stratum))
    return sorted(found, key=lambda item: (item.stratum is not None, -item.size))


def whole_rows(successes: ArrayLike, n: ArrayLike) -> tuple[Counts, Counts]:
    """Return effective successes and sizes in whole numbers, the sizes rounded down."""
    rows = np.floor(np.asarray(n, dtype=np.float64) + 1e-9).astype(np.int64)
    return np.minimum(np.round(np.asarray(successes, np.float64)).astype(np.int64), rows), rows


def _tests(effective: Floats, n: Floats, fewest: int) -> tuple[Floats, Floats]:
    """Return the p-values of groups, then of their cells, and the smallest attainable ones.

    Both have shape (groups, 1 + strata); a cell that is not tested can attain no less than 1.
    """
    hits, sizes = whole_rows(effective, n)
    total, right = sizes.sum(axis=0), hits.sum(axis=0)
    fewest_hits = np.maximum(0, sizes + right - total)
    best = np.asarray(hypergeom.cdf(fewest_hits, total, right, sizes))
    best[(sizes < fewest) | (sizes == total)] = 1.0
    whole = worse_at_same_mix(effective, n)
    observed = np.column_stack([whole, worse_in_stratum(hits, sizes)])
    return observed, np.column_stack([np.zeros(whole.size), best])


def _tarone(best: Floats, alpha: float) -> int:
    """Return the smallest k such that at most k tests can attain `alpha / k`."""
    return next(k for k in range(1, best.size + 1) if (best <= alpha / k).sum() <= k)


def _compared(hits: Floats, sizes: Floats, group: int, strata: slice) -> tuple[int, int, float]:
    """Return successes and size of a group, and the rate of the others at its mix of strata."""
    rest = _rest(hits, sizes)[group, strata]
    known = np.isfinite(rest)
    own = sizes[group, strata][known]
    right = float(hits[group, strata][known].sum())
    return round(right), round(own.sum()), float(np.average(rest[known], weights=own))


def _rest(hits: Floats, sizes: Floats) -> Floats:
    """Return the rate of all other groups in each stratum, NaN where there are none."""
    others, right = sizes.sum(axis=0) - sizes, hits.sum(axis=0) - hits
    unknown = np.full(others.shape, np.nan)
    return np.asarray(np.divide(right, others, out=unknown, where=others > 0))
