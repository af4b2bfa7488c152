"""What remains of a statistic that is positive by construction once chance is taken off."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t, ttest_ind

from vlaudit.core.measurement import Interval
from vlaudit.stats.intervals import FEWEST_FOR_BOOTSTRAP, Estimate, Floats, bounded_mean, mean


def excess(
    observed: ArrayLike,
    null: ArrayLike,
    *,
    bounds: tuple[float, float],
    rng: np.random.Generator,
    samples: int,
    family: int = 1,
    level: float = 0.95,
) -> Estimate:
    """Return the mean of statistics over what chance alone gives, with an interval.

    The interval is that of the permutation distribution, moved to what was observed; with ten
    statistics or more (prompts, say) it is no narrower than a bootstrap over them. An innocent is
    accused, its lower end above 0, in at most half of `1 - level`.

    Args:
        observed: one statistic a prompt, shape (prompts,).
        null: the same under random exchanges, the same ones for all prompts, (draws, prompts).
        bounds: smallest and largest value that a statistic could have.
        rng: source of the resamples.
        samples: number of independent observations behind the statistics.
        family: number of such intervals that are to hold at once.
        level: confidence level.
    """
    seen, drawn = np.asarray(observed, np.float64), np.asarray(null, np.float64)
    expected = drawn.mean(axis=0)
    over = seen - expected
    value = float(over.mean())
    chance = np.sort((drawn - expected).mean(axis=1))
    rank = int(np.floor((1 - level) / 2 / family * (chance.size + 1)))
    below, above = (chance[0], chance[-1]) if rank < 1 else (chance[rank - 1], chance[-rank])
    low, high = value - float(above), value - float(below)
    method = "permutation, moved"
    room = bounds[0] - float(expected.max()), bounds[1] - float(expected.min())
    if seen.size >= FEWEST_FOR_BOOTSTRAP and np.ptp(over) > 0:
        each = 1 - (1 - level) / family
        prompts = mean(over, bounds=room, rng=rng, level=each).interval
        low, high = min(low, prompts.low), max(high, prompts.high)
        method = "permutation, moved, or BCa over prompts where wider"
    if not low < high:
        blind = bounded_mean(over, bounds=room, level=level)
        low, high, method = blind.low, blind.high, blind.method
    low, high = min(max(low, room[0]), value), max(min(high, room[1]), value)
    return Estimate(value, samples, Interval(low, high, method, level))


def contrast(
    first: tuple[ArrayLike, ArrayLike],
    second: tuple[ArrayLike, ArrayLike],
    *,
    bounds: tuple[float, float],
    samples: int,
    family: int = 1,
    level: float = 0.95,
) -> Estimate:
    """Return the mean of one kind of prompts minus that of another, both above chance.

    What chance gives may differ between the kinds: effects that are the same under all templates
    are larger on average than those that are not, were all groups alike. The interval is Welch's
    over prompts, no narrower than that of the permutation distribution, moved to what was observed.

    Args:
        first: statistics, (prompts,), and the same under random exchanges, (draws, prompts).
        second: the same of prompts of the other kind, at least two, under the same exchanges.
        bounds: smallest and largest value that a statistic could have.
        samples: number of independent observations behind the statistics.
        family: number of such intervals that are to hold at once.
        level: confidence level.
    """
    (one, one_drawn), (two, two_drawn) = (
        (np.asarray(seen, np.float64), np.asarray(drawn, np.float64))
        for seen, drawn in (first, second)
    )
    chance = one_drawn.mean(axis=1) - two_drawn.mean(axis=1)
    one, two = one - one_drawn.mean(axis=0), two - two_drawn.mean(axis=0)
    value = float(one.mean() - two.mean())
    tail = (1 - level) / family / 2
    below, above = np.quantile(chance - chance.mean(), [tail, 1 - tail])
    low, high = value - float(above), value - float(below)
    method = "Welch over prompts, or permutation where wider"
    if np.ptp(one) > 0 or np.ptp(two) > 0:
        ends = ttest_ind(one, two, equal_var=False).confidence_interval(1 - 2 * tail)
        low, high = min(low, float(ends.low)), max(high, float(ends.high))
    if not low < high:
        sides = [bounded_mean(part, bounds=bounds, level=1 - tail) for part in (one, two)]
        low, high = sides[0].low - sides[1].high, sides[0].high - sides[1].low
        method = sides[0].method
    return Estimate(value, samples, Interval(min(low, value), max(high, value), method, level))


def moved(found: Estimate, by: float, *, lowest: float) -> Estimate:
    """Return the estimate of a quantity larger by a known number, but never below `lowest`."""
    ends = found.interval
    interval = Interval(max(ends.low + by, lowest), ends.high + by, ends.method, ends.level)
    return Estimate(max(found.value + by, lowest), found.samples, interval)


def largest(parts: Sequence[Estimate]) -> Estimate:
    """Return the largest of several estimates whose intervals hold at once.

    The end that accuses is the highest lower end, the end that acquits the highest upper one.
    """
    low = max(part.interval.low for part in parts)
    high = max(part.interval.high for part in parts)
    first = max(parts, key=lambda part: part.value)
    method = first.interval.method + (", largest of several" if len(parts) > 1 else "")
    return Estimate(first.value, first.samples, Interval(low, high, method, first.interval.level))


def beyond_controls(
    observed: ArrayLike,
    controls: ArrayLike,
    *,
    independent: int,
    tests: int,
    sizes: bool = False,
    alpha: float = 0.05,
) -> NDArray[np.bool_]:
    """Tell which statistics no control would be expected to reach.

    A one-sided prediction bound for one more control, by Student's t, with Bonferroni's
    correction; every control must be smaller, too.

    Args:
        observed: statistics, of which large ones accuse, of any shape.
        controls: statistics of innocents, (controls,); without any everything lies beyond.
        independent: number of independent observations behind the controls, such as words.
        tests: number of statistics that are held against them.
        sizes: whether these are sizes of effects that have a sign, 0 on average in innocents.
        alpha: bound on the chance that any innocent lies beyond.
    """
    seen, known = np.asarray(observed, np.float64), np.asarray(controls, np.float64)
    if known.size == 0:
        return np.ones(seen.shape, dtype=np.bool_)
    if sizes:
        reach = float(t.isf(alpha / tests / 2, max(independent, 1)))
        bound = reach * float(np.sqrt(np.square(known).mean()))
    else:
        reach = float(t.isf(alpha / tests, max(independent - 1, 1)))
        spread = float(known.std(ddof=1)) if known.size > 1 else float("inf")
        bound = float(known.mean()) + reach * spread * float(np.sqrt(1 + 1 / max(independent, 1)))
    return np.asarray(seen > max(bound, float(known.max())))


def max_t(observed: ArrayLike, null: ArrayLike) -> NDArray[np.float64]:
    """Return p-values adjusted by the largest of all statistics (Westfall and Young 1993).

    Args:
        observed: statistics, of which large ones accuse, (tests,).
        null: the same under random exchanges, the same ones for all tests, (draws, tests).

    Returns:
        The probability, were all tests innocent, that any of their standardised statistics is as
        large, (tests,); 1 where chance gives no spread.
    """
    seen, drawn = np.asarray(observed, np.float64), np.asarray(null, np.float64)
    centre, spread = drawn.mean(axis=0), drawn.std(axis=0)
    told = spread > 1e-12
    p_values = np.ones(seen.size)
    if not told.any():
        return p_values
    heights: Floats = ((drawn - centre)[:, told] / spread[told]).max(axis=1)
    own = (seen - centre)[told] / spread[told]
    beaten = (heights[:, None] >= own - 1e-9).sum(axis=0)
    p_values[told] = (1 + beaten) / (1 + heights.size)
    return p_values
