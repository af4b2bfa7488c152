"""How much less rows tell that share a person than rows of as many people."""

import numpy as np
from numpy.typing import ArrayLike

from vlaudit.stats.intervals import Floats


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
