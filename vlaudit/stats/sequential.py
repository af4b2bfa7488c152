"""Evidence that stays valid whenever one stops to look: bets on a bounded mean.

A gambler who bets against a mean that is true does not grow rich: his wealth passes `1 / alpha`
with probability `alpha` at most, at whatever time (Ville 1939; Waudby-Smith and Ramdas 2024). The
values must come in random order.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp

from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.verdict import Status
from vlaudit.stats.intervals import Floats

STAKES = np.geomspace(0.01, 0.95, 20)


def log_wealth(values: ArrayLike, *, mean: float, bounds: tuple[float, float]) -> Floats:
    """Return the log-wealth of bets that the true mean is above `mean`, after each value.

    Args:
        values: within `bounds`, float of shape (..., time).
        mean: the largest mean under the hypothesis that is bet against.
        bounds: smallest and largest possible value.
    """
    gains = np.asarray(values, dtype=np.float64) - mean
    worst = mean - bounds[0]
    stakes = STAKES / worst if worst > 0 else STAKES / (bounds[1] - bounds[0])
    running = np.cumsum(np.log1p(stakes * gains[..., None]), axis=-2)
    return np.asarray(logsumexp(running, axis=-1) - np.log(stakes.size))


@dataclass(frozen=True)
class Stopped:
    """What was decided, and after how many values; inconclusive when all were needed."""

    status: Status
    values: int


def decide(
    values: ArrayLike, *, limit: float, bounds: tuple[float, float], alpha: float = 0.05,
    two_sided: bool = False,
) -> Stopped:  # fmt: skip
    """Say as early as possible whether the mean of `values` is above or below `limit`.

    Fail when the mean is proven above, pass when proven below; each is wrong with probability
    `alpha` at most over all looks. With `two_sided`, values are signed differences and it is the
    distance of their mean from 0 that must stay below the limit: a fail on either side, at half
    of `alpha` each, and a pass when both sides are proven to lie within.

    Args:
        values: in random order, (time,).
        limit: largest acceptable mean.
        bounds: smallest and largest possible value.
        alpha: bound on the chance of a wrong verdict.
        two_sided: judge the distance from 0.
    """
    observed = np.asarray(values, dtype=np.float64)
    mirrored = (-bounds[1], -bounds[0])
    above = log_wealth(observed, mean=limit, bounds=bounds)
    below = log_wealth(-observed, mean=-limit, bounds=mirrored)
    bar = np.log(1 / alpha)
    if two_sided:
        above = np.maximum(above, log_wealth(-observed, mean=limit, bounds=mirrored)) - np.log(2)
        below = np.minimum(below, log_wealth(observed, mean=-limit, bounds=bounds))
    failed, passed = above >= bar, below >= bar
    decided = failed | passed
    if not decided.any():
        return Stopped(Status.INCONCLUSIVE, observed.size)
    first = int(decided.argmax())
    return Stopped(Status.FAIL if failed[first] else Status.PASS, first + 1)


def confidence_sequence(
    values: ArrayLike, *, bounds: tuple[float, float], alpha: float = 0.05, grid: int = 200
) -> tuple[Floats, Floats]:
    """Return lower and upper ends that cover the mean at every time at once, each (time,).

    Every mean of the grid is bet against from both sides; those that no gambler grew rich on stay.
    """
    observed = np.asarray(values, dtype=np.float64)
    low, high = bounds
    means = np.linspace(low, high, grid + 1)
    bar = np.log(2 / alpha)
    above = np.array([log_wealth(observed, mean=m, bounds=bounds) for m in means[:-1]])
    below = np.array([log_wealth(-observed, mean=-m, bounds=(-high, -low)) for m in means[1:]])
    step = (high - low) / grid
    lower = low + step * np.maximum.accumulate((above >= bar).sum(axis=0))
    upper = high - step * np.maximum.accumulate((below >= bar).sum(axis=0))
    return np.maximum(lower - step, low), np.minimum(upper + step, high)


def watched(
    ordinary: Callable[[float], Interval], values: ArrayLike, *, bounds: tuple[float, float],
    stopped: bool | None, level: float = 0.95,
) -> Interval:  # fmt: skip
    """Return an interval of the mean of what was looked at on the way.

    Half of the error is spent on the looks, and half kept for an ordinary interval at the end. One
    that stopped early is as wide as the confidence sequence, and as the ordinary interval where
    that allows for more, such as for clusters.

    Args:
        ordinary: returns the interval for a number of samples fixed beforehand, at a level.
        values: what was seen, in random order, (time,).
        bounds: smallest and largest possible value.
        stopped: whether a look ended the sampling; None where nobody looked.
        level: chance that the interval covers the mean, whenever one stops.
    """
    if stopped is None:
        return ordinary(level)
    if not stopped:
        last = ordinary((1 + level) / 2)
        return replace(last, method=f"{last.method}, after looks on the way", level=level)
    lower, upper = confidence_sequence(values, bounds=bounds, alpha=(1 - level) / 2)
    fixed = ordinary(level)
    low, high = min(float(lower[-1]), fixed.low), max(float(upper[-1]), fixed.high)
    return Interval(low, high, "betting confidence sequence, stopped early", level)


class Watch:
    """Looks on the way at what a probe has measured so far, where it may end early.

    Attributes:
        stopped: whether a look ended the sampling; None where nobody looks.
    """

    def __init__(self, settled: Callable[[Sequence[Measurement]], bool] | None) -> None:
        """Look by `Context.settled`, which tells whether measurements decide every rule."""
        self.stopped: bool | None = None if settled is None else False
        self._settled = settled

    def order(self, count: int, rng: np.random.Generator) -> list[int]:
        """Return the order in which so many things are to be looked at.

        Looks on the way need a random one; without them the order changes no number.
        """
        every = list(range(count))
        return every if self._settled is None else rng.permutation(count).tolist()

    def enough(self, so_far: Callable[[], Iterable[Measurement]], *, left: int) -> bool:
        """Tell whether every rule is decided by now, although `left` things are to come.

        Args:
            so_far: returns what would be reported if it ended here; is asked only where somebody
                looks, and finds `stopped` to be true.
            left: things not looked at yet; the end of all of them is no look.
        """
        if self._settled is None or left <= 0:
            return False
        self.stopped = True
        self.stopped = self._settled([*so_far()])
        return self.stopped

    def interval(
        self, ordinary: Callable[[float], Interval], values: ArrayLike,
        *, bounds: tuple[float, float] = (0.0, 1.0), level: float = 0.95,
    ) -> Interval:  # fmt: skip
        """Return an interval of the mean of `values`, as `watched` does."""
        return watched(ordinary, values, bounds=bounds, stopped=self.stopped, level=level)
