"""How much less rows tell that share a person than rows of as many people.

The one way in which the bias probes allow for repeated pictures: a number of rows is divided by its
design effect, and what is left counts as independent. Where every row is of its own the effect is
1, and intervals are the plain ones.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from vlaudit.core.measurement import Interval
from vlaudit.stats.intervals import Estimate, Floats, clopper_pearson, newcombe_ends, wilson_ends


def design_effect(values: ArrayLike, clusters: ArrayLike, *, means: ArrayLike = 0.0) -> float:
    """Return the variance of a mean of clustered rows over that of independent ones (Kish 1965).

    Rows and their number, divided by it, can be treated as independent (Rao and Scott 1992). It is
    1 at least, and at most what whole clusters that agree would make it; where all rows agree
    nothing is known of clusters, and they count as whole.

    Args:
        values: one number a row, (rows,), at least one.
        clusters: cluster of each row, (rows,).
        means: what each number is expected to be, such as the mean of its label.
    """
    raw = np.asarray(values, dtype=np.float64) - np.asarray(means, dtype=np.float64)
    off: Floats = np.asarray(raw - raw.mean())
    _, of_cluster, sizes = np.unique(np.asarray(clusters), return_inverse=True, return_counts=True)
    most = float(np.square(sizes).sum()) / off.size
    apart = float(np.square(off).sum())
    if sizes.size < 2 or apart <= 0:
        return most
    together = float(np.square(np.bincount(of_cluster.ravel(), weights=off)).sum())
    several = sizes.size / (sizes.size - 1) * (off.size - 1) / off.size
    return float(min(max(several * together / apart, 1.0), most))


def design_effects(
    flags: ArrayLike, codes: ArrayLike, clusters: ArrayLike, *, groups: int, means: ArrayLike = 0.0
) -> Floats:
    """Return the design effect of each group, (groups,), or of several flags, (..., groups).

    Args:
        flags: one number a row, (rows,) or (..., rows).
        codes: group of each row, 0 to `groups`, (rows,); others belong to none.
        clusters: cluster of each row, (rows,).
        groups: number of groups.
        means: what each number is expected to be, of the shape of `flags`.
    """
    values, of_row, who = np.asarray(flags, np.float64), np.asarray(codes), np.asarray(clusters)
    off = values - np.asarray(means, np.float64)
    found = np.ones((*values.shape[:-1], groups))
    for group in range(groups if np.unique(who).size < who.size else 0):
        mine = of_row == group
        for place in np.ndindex(values.shape[:-1] if mine.any() else (0,)):
            found[(*place, group)] = design_effect(off[place][mine], who[mine])
    return found


def effective_sides(
    flags: ArrayLike, codes: ArrayLike, clusters: ArrayLike, *, groups: int
) -> Floats:
    """Return how many independent rows each group has, and all others, (..., groups, 2).

    Arguments are those of `design_effects`.
    """
    of_row = np.asarray(codes)
    effects = [
        design_effects(flags, np.where(of_row == group, 0, 1), clusters, groups=2)
        for group in range(groups)
    ]
    sizes = [np.array([(of_row == at).sum(), (of_row != at).sum()]) for at in range(groups)]
    return np.stack([size / effect for size, effect in zip(sizes, effects, strict=True)], axis=-2)


def effective_rate(
    hits: float, rows: float, effect: float, *, exact: bool = False, level: float = 0.95
) -> Estimate:
    """Return a rate with Wilson's or the exact interval at its effective size.

    Args:
        hits: rows that count.
        rows: all rows, at least 1.
        effect: their design effect.
        exact: whether the interval is that of Clopper and Pearson, for rare events.
        level: confidence level.
    """
    value, seen, n = hits / rows, hits / effect, rows / effect
    if exact:
        ends = clopper_pearson(seen, n, level=level)
    else:
        low, high = wilson_ends(seen, n, norm.isf((1 - level) / 2))
        ends = Interval(float(low), float(high), "Wilson", level)
    method = ends.method + (" at the effective size" if effect > 1 else "")
    interval = Interval(min(ends.low, value), max(ends.high, value), method, level)
    return Estimate(value, max(1, int(n + 1e-9)), interval)


def share(flags: ArrayLike, clusters: ArrayLike, *, exact: bool = False) -> Estimate:
    """Return the share of rows with a flag.

    Args:
        flags: bool of shape (rows,), at least one.
        clusters: cluster of each row, (rows,).
        exact: whether the interval is the exact one.
    """
    flag = np.asarray(flags, dtype=np.bool_)
    return effective_rate(int(flag.sum()), flag.size, design_effect(flag, clusters), exact=exact)


def share_apart(flags: ArrayLike, member: ArrayLike, clusters: ArrayLike) -> Estimate:
    """Return how much larger the share with a flag is among some rows than among the others.

    Args:
        flags: bool of shape (rows,).
        member: the rows that are held against the others, some but not all, bool of shape (rows,).
        clusters: cluster of each row, (rows,).
    """
    flag, mine = np.asarray(flags, dtype=np.bool_), np.asarray(member, dtype=np.bool_)
    codes = np.where(mine, 0, 1)
    effect = design_effects(flag, codes, clusters, groups=2)
    n = np.bincount(codes, minlength=2) / effect
    s = np.bincount(codes, weights=flag, minlength=2) / effect
    low, high = newcombe_ends(s[0], n[0], s[1], n[1], norm.isf(0.025))
    value = float(s[0] / n[0] - s[1] / n[1])
    return Estimate(value, int(n.sum() + 1e-9), Interval(float(low), float(high), "Newcombe"))
