"""Who comes first: groups at the top of a ranking, against the shares they should have there.

Rows with equal scores share their positions: each position of a tied block holds every row of the
block in part, which is the mean over all orders of the block.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy

Floats = NDArray[np.float64]
Codes = NDArray[np.int16]


def top(scores: ArrayLike, depth: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows that take part in the first `depth` positions, and where ties begin.

    Args:
        scores: one number a row, shape (rows,); the highest comes first.
        depth: number of positions, at most the number of rows.

    Returns:
        Rows in order, down to the end of the tied block that position `depth` lies in, and the
        index in that order at which each block of equal scores begins.
    """
    values = np.asarray(scores)
    last = np.partition(values, values.size - depth)[values.size - depth]
    taking_part = np.flatnonzero(values >= last)
    order = taking_part[np.argsort(-values[taking_part], kind="stable")]
    begins = np.flatnonzero(np.concatenate([[True], np.diff(values[order]) != 0]))
    return order, begins


def shares(scores: ArrayLike, codes: ArrayLike, *, groups: int, depths: Sequence[int]) -> Floats:
    """Return the share of each group among the first rows.

    Args:
        scores: one number a row, (rows,).
        codes: group of each row, integers of shape (rows,) or (draws, rows).
        groups: number of groups.
        depths: how many rows count as the first, ascending.

    Returns:
        Shares of shape (depths, groups) or (draws, depths, groups); they sum to 1 over groups.
    """
    of_row = np.asarray(codes)
    order, begins = top(scores, depths[-1])
    member = np.atleast_2d(of_row)[:, order, None] == np.arange(groups)
    count = np.add.reduceat(member, begins, axis=1, dtype=np.float64)
    sizes = np.diff(np.append(begins, order.size))
    by_position = np.repeat(count / sizes[:, None], sizes, axis=1)
    reached = np.cumsum(by_position, axis=1)[:, np.asarray(depths) - 1]
    found = np.asarray(reached / np.asarray(depths)[:, None])
    return found[0] if of_row.ndim == 1 else found


def max_skew(share: ArrayLike, desired: ArrayLike) -> Floats:
    """Return MaxSkew, the largest log ratio of a share to the desired one (Geyik et al. 2019).

    Args:
        share: shares of shape (..., groups).
        desired: desired shares, all positive, (groups,).
    """
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.asarray(share) / np.asarray(desired)).max(axis=-1))


def ndkl(share: ArrayLike, desired: ArrayLike) -> Floats:
    """Return the normalised discounted divergence from the desired shares (Geyik et al. 2019).

    Args:
        share: shares among the first 1, 2, ... rows, (..., depth, groups).
        desired: desired shares, all positive, (groups,).

    Returns:
        Kullback-Leibler divergence in nats, averaged with weights `1 / log2(position + 1)`, (...).
    """
    seen = np.asarray(share)
    divergence = (xlogy(seen, seen) - xlogy(seen, np.asarray(desired))).sum(axis=-1)
    weights = 1 / np.log2(np.arange(seen.shape[-2]) + 2)
    return np.asarray((divergence * weights).sum(axis=-1) / weights.sum())


def bias_at(share: ArrayLike) -> Floats:
    """Return Bias@k of two groups, the first's share minus the second's, (...,)."""
    seen = np.asarray(share)
    return np.asarray(seen[..., 0] - seen[..., 1])
