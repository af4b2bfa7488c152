"""What is lost from one condition to others, over rows that share pictures or people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t

from vlaudit.core.measurement import Interval
from vlaudit.stats.clustered import clustered_difference
from vlaudit.stats.exchange import Design, coded_groups
from vlaudit.stats.group_rates import of_attribute, widest
from vlaudit.stats.groups import Pairs, matched_pairs
from vlaudit.stats.intervals import (
    FEWEST_FOR_BOOTSTRAP,
    Estimate,
    bounded_mean,
    mean,
    paired_difference,
)
from vlaudit.stats.subjects import Groups


@dataclass(frozen=True)
class Drop:
    """Observations before and under a condition.

    Attributes:
        before: right before, bool of shape (observations,).
        after: right under it, of the same shape.
        clusters: picture or person of each, of the same shape.
    """

    before: NDArray[np.bool_]
    after: NDArray[np.bool_]
    clusters: NDArray[np.intp]

    @property
    def value(self) -> float:
        """Accuracy lost."""
        return float(self.before.mean() - self.after.mean())

    def interval(self, level: float) -> Interval:
        """Return the interval of the loss.

        That of `clustered_difference`, no narrower than Tango's for as many pairs as clusters:
        where all observations of every picture agree, they tell no more than one of each.
        """
        ends = clustered_difference(self.before, self.after, self.clusters, level=level)
        count, size = np.unique(self.clusters).size, self.before.size
        lost, won = (
            round(int((one & ~other).sum()) * count / size)
            for one, other in ((self.before, self.after), (self.after, self.before))
        )
        tango = paired_difference(lost, won, count, level=level)
        low, high = min(ends.low, tango.low, self.value), max(ends.high, tango.high, self.value)
        return Interval(low, high, ends.method, level)


def highest_drop(drops: Sequence[Drop], *, level: float = 0.95) -> Estimate:
    """Return the largest of several losses, with an interval that the search does not bias.

    The end that accuses is the highest lower end, at a level that holds for all at once (Sidak);
    the end that acquits is the highest upper end at one-sided `level` each.
    """
    value = max(drop.value for drop in drops)
    samples = max(np.unique(drop.clusters).size for drop in drops)
    if len(drops) == 1:
        return Estimate(value, samples, drops[0].interval(level))
    low = max(drop.interval(level ** (1 / len(drops))).low for drop in drops)
    high = max(drop.interval(2 * level - 1).high for drop in drops)
    method = f"{drops[0].interval(level).method}, all conditions"
    return Estimate(value, samples, Interval(min(low, value), max(high, value), method, level))


def retained(
    after: ArrayLike, before: ArrayLike, clusters: ArrayLike, *, level: float = 0.95
) -> Estimate | None:
    """Return the ratio of two rates over the same pictures, with Fieller's interval (1954).

    None where nothing was right before. The ratios `r` are kept at which the mean of
    `after - r before` may be 0 by the t distribution over clusters. Where these all agree, there
    are fewer than ten, or the rate before may be 0, the ratio of Bentkus' bounds is given.

    Args:
        after: share right of each picture under the condition, (pictures,).
        before: whether each was right without, (pictures,).
        clusters: person, or picture, of each, (pictures,).
        level: confidence level.
    """
    _, of_row = np.unique(np.asarray(clusters), return_inverse=True)
    sizes = np.bincount(of_row).astype(np.float64)
    top, bottom = (np.bincount(of_row, np.asarray(x, np.float64)) for x in (after, before))
    if not bottom.sum():
        return None
    ratio, n = float(top.sum() / bottom.sum()), sizes.size
    if n >= FEWEST_FOR_BOOTSTRAP and np.ptp((top - ratio * bottom) / sizes) > 1e-12:
        spread = np.cov(top, bottom, ddof=0) * float(t.isf((1 - level) / 2, n - 1)) ** 2 / (n - 1)
        a = bottom.mean() ** 2 - spread[1, 1]
        b = top.mean() * bottom.mean() - spread[0, 1]
        root = b**2 - a * (top.mean() ** 2 - spread[0, 0])
        if a > 0 and root >= 0:
            low, high = (float((b + sign * np.sqrt(root)) / a) for sign in (-1, 1))
            return Estimate(ratio, n, Interval(max(0.0, low), high, "Fieller", level))
    half = (1 + level) / 2
    one, two = (bounded_mean(x / sizes, bounds=(0, 1), level=half) for x in (top, bottom))
    high = one.high / max(two.low, 0.5 / float(sizes.sum()))
    ends = min(one.low / two.high, ratio), max(high, ratio)
    return Estimate(ratio, n, Interval(*ends, f"{one.method}, both rates", level))


@dataclass(frozen=True)
class GroupMeans:
    """Means of one number a row by group, as rates that all disparities between groups take.

    Attributes:
        pairs: every pair of groups at the mix of strata that the two share.
    """

    pairs: Pairs


def group_means(
    values: ArrayLike, groups: Sequence[str | None], design: Design, *, fewest: int
) -> GroupMeans | None:
    """Return the means of values from 0 to 1 by group; None where there are no two groups.

    Each group counts for as many rows as a rate would need for the variance that the values have
    over clusters, which is that of one row at a distance of 0.5 at least.

    Args:
        values: one number a row, (rows,).
        groups: group of each row, or None.
        design: what the rows show, and whom.
        fewest: size below which a group is left out.
    """
    kept, names, code = coded_groups(groups, fewest=fewest)
    if len(names) < 2:
        return None
    number, part = np.asarray(values, dtype=np.float64)[kept], design.only(kept)
    shape = len(names), int(part.strata.max()) + 1
    cell, cells = code.astype(np.intp) * shape[1] + part.strata, shape[0] * shape[1]
    rows = np.bincount(cell, minlength=cells).astype(np.float64)
    sums = np.bincount(cell, number, minlength=cells)
    left = number - (sums / np.maximum(rows, 1))[cell]
    worth = np.ones(len(names))
    for at in range(len(names)):
        own = code == at
        _, of_cluster = np.unique(part.clusters[own], return_inverse=True)
        total = np.bincount(of_cluster, left[own])
        count, size, middle = total.size, int(own.sum()), float(number[own].mean())
        square = count / max(count - 1, 1) * float(np.square(total).sum())
        binomial = middle * (1 - middle)
        worth[at] = binomial * size / max(square, 0.25) if binomial > 0 else count / size
    counted = [x.reshape(shape) * worth[:, None] for x in (sums, rows)]
    return GroupMeans(replace(matched_pairs(*counted), samples=kept.size))


def group_drops(
    lost: ArrayLike, groups: Groups, design: Design, *, fewest: int, rng: np.random.Generator
) -> Iterator[tuple[str, dict[str, str], Estimate]]:
    """Yield what every group loses, and the widest difference over all attributes and by each.

    Args:
        lost: what each row loses, -1 to 1, (rows,).
        groups: group of each row by attribute.
        design: what the rows show, and whom.
        fewest: size below which a group is left out.
        rng: source of the resamples.

    Yields:
        `group_drop` or `drop_gap`, its slice and the estimate.
    """
    number = np.asarray(lost, dtype=np.float64)
    tables: dict[str, GroupMeans] = {}
    for attribute, of_row in groups.items():
        kept, names, codes = coded_groups(of_row, fewest=fewest)
        for at, name in enumerate(names):
            own = kept[codes == at]
            people = design.clusters[own]
            found = mean(number[own], bounds=(-1, 1), rng=rng, clusters=people)
            yield "group_drop", {attribute: name}, found
        table = group_means((1 + number) / 2, of_row, design, fewest=fewest)
        if table is not None:
            tables[attribute] = table
    for where, half in widest(tables, of_attribute):
        yield "drop_gap", where, _doubled(half)


def _doubled(half: Estimate) -> Estimate:
    """Return the difference of losses from that of rates, which are half as far apart."""
    ends = half.interval
    bound = None if ends.one_sided is None else 2 * ends.one_sided
    interval = Interval(2 * ends.low, 2 * ends.high, ends.method, ends.level, one_sided=bound)
    return Estimate(2 * half.value, half.samples, interval)
