"""Tests of whether one group fares worse than the rest, and Holm's correction over many."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import hypergeom, norm

from vlaudit.stats.intervals import Floats

Counts = NDArray[np.int64]


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
        successes: counts of shape (groups, strata).
        n: sizes of the same shape.

    Returns:
        P-values with continuity correction, (groups,); 1 where nothing can be compared.
    """
    hits, sizes = (np.asarray(part, dtype=np.float64) for part in (successes, n))
    total, right = sizes.sum(axis=0), hits.sum(axis=0)
    several = np.maximum(total - 1, 1.0) * np.square(np.maximum(total, 1.0))
    expected = sizes * right / np.maximum(total, 1.0)
    variance = (sizes * (total - sizes) * right * (total - right) / several).sum(axis=1)
    shortfall = (hits - expected).sum(axis=1) + 0.5
    deviation = shortfall / np.sqrt(np.where(variance > 0, variance, 1.0))
    return np.where(variance > 0, norm.cdf(deviation), 1.0)


def holm(p_values: ArrayLike) -> Floats:
    """Return p-values adjusted so that the chance of any false alarm is bounded (Holm 1979)."""
    from statsmodels.stats.multitest import multipletests

    return np.asarray(multipletests(np.asarray(p_values), method="holm")[1])


@dataclass(frozen=True)
class Shortfall:
    """A group with fewer successes than the others have, proven beyond chance.

    Attributes:
        table: index of the table of counts.
        group: index of the group in its table.
        stratum: index of the stratum, or None for all strata at the same mix.
        successes: successes of the group.
        n: its size.
        rest: rate of success of the others, at the group's own mix of strata.
        p_value: Holm's, over all tables, groups and strata.
    """

    table: int
    group: int
    stratum: int | None
    successes: int
    n: int
    rest: float
    p_value: float

    @property
    def size(self) -> float:
        """Rate of the others minus the group's own."""
        return self.rest - self.successes / self.n


def shortfalls(
    tables: Sequence[tuple[ArrayLike, ArrayLike]], *, fewest: int = 1, alpha: float = 0.05
) -> list[Shortfall]:
    """Return every group that is proven worse than the rest, overall or in one stratum.

    Args:
        tables: successes and sizes, each of shape (groups, strata).
        fewest: smallest cell that is tested by itself.
        alpha: bound on the chance that any of them is a false alarm.
    """
    found: list[tuple[int, Counts, Counts, Floats]] = []
    for index, (successes, n) in enumerate(tables):
        hits, sizes = (np.asarray(part, dtype=np.int64) for part in (successes, n))
        tested = (sizes >= fewest) & (sizes < sizes.sum(axis=0))
        stratum = np.where(tested, worse_in_stratum(hits, sizes), np.nan)
        found.append(
            (index, hits, sizes, np.column_stack([worse_at_same_mix(hits, sizes), stratum]))
        )
    raw = np.concatenate([p.ravel() for *_, p in found])
    adjusted = np.full(raw.size, np.nan)
    adjusted[np.isfinite(raw)] = holm(raw[np.isfinite(raw)])
    result: list[Shortfall] = []
    for index, hits, sizes, p in found:
        mine, adjusted = adjusted[: p.size].reshape(p.shape), adjusted[p.size :]
        rest = _rest(hits, sizes)
        for group, column in np.argwhere(mine <= alpha):
            part = slice(None) if column == 0 else slice(column - 1, column)
            comparable = np.isfinite(rest[group, part])
            own = sizes[group, part][comparable]
            result.append(Shortfall(
                table=index, group=int(group), stratum=int(column) - 1 if column else None,
                successes=int(hits[group, part][comparable].sum()), n=int(own.sum()),
                rest=float(np.average(rest[group, part][comparable], weights=own)),
                p_value=float(mine[group, column]),
            ))  # fmt: skip
    return sorted(result, key=lambda item: (item.stratum is not None, -item.size))


def _rest(hits: Counts, sizes: Counts) -> Floats:
    """Return the rate of all other groups in each stratum, NaN where there are none."""
    others, right = sizes.sum(axis=0) - sizes, hits.sum(axis=0) - hits
    unknown = np.full(others.shape, np.nan)
    return np.asarray(np.divide(right, others, out=unknown, where=others > 0))
