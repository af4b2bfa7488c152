"""Shares of groups in a dataset, against a declared population and among its parts."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, norm

from vlaudit.core.measurement import Interval
from vlaudit.stats.design_effect import design_effect, design_effects, effective_rate
from vlaudit.stats.groups import Pairs, all_pairs
from vlaudit.stats.intervals import Estimate, Floats, wilson_ends
from vlaudit.stats.multiplicity import holm
from vlaudit.stats.tests import whole_rows

LEVEL = 0.95


@dataclass(frozen=True)
class Census:
    """Rows counted by group.

    Attributes:
        names: names of the groups, those that a population declares included.
        counts: rows of each, (groups,).
        effect: design effect of their shares, 1 where every row is another person, (groups,).
        unknown: rows without a group.
    """

    names: tuple[str, ...]
    counts: NDArray[np.int64]
    effect: Floats
    unknown: int

    @property
    def rows(self) -> int:
        """Rows with a group."""
        return int(self.counts.sum())

    @property
    def shares(self) -> Floats:
        """Share of each group among the rows with one, (groups,)."""
        return np.asarray(self.counts / max(self.rows, 1))

    def each(self) -> Iterator[tuple[str, Estimate]]:
        """Yield the share of every group with its interval."""
        low, high = self.ends(LEVEL)
        for at, name in enumerate(self.names):
            yield name, _estimate(float(self.shares[at]), self.rows, low[at], high[at])

    def ends(self, level: float) -> tuple[Floats, Floats]:
        """Return the ends of the interval of each share."""
        z = norm.isf((1 - level) / 2)
        return wilson_ends(self.counts / self.effect, self.rows / self.effect, z)


def _estimate(value: float, rows: int, low: float, high: float) -> Estimate:
    """Return an estimate whose ends rounding has not moved past its value."""
    ends = min(float(low), value), max(float(high), value)
    return Estimate(value, rows, Interval(*ends, "Wilson", LEVEL))


def census(
    groups: Sequence[str | None], people: NDArray[np.intp], declared: Mapping[str, float]
) -> Census:
    """Count the rows of each group.

    Args:
        groups: group of each row, or None.
        people: person of each row, (rows,).
        declared: share of each group in a population, empty where none is declared.
    """
    sizes = Counter(group for group in groups if group)
    names = sorted({*sizes, *declared})
    given = np.array([group or "" for group in groups])
    known = given != ""
    effect = [
        design_effect(given[known] == name, people[known]) if sizes[name] else 1.0 for name in names
    ]
    counts = np.array([sizes[name] for name in names], dtype=np.int64)
    return Census(tuple(names), counts, np.array(effect), int((~known).sum()))


def ratios(found: Census, declared: Mapping[str, float]) -> dict[str, Estimate]:
    """Return each declared group's share over its declared one."""
    low, high = found.ends(LEVEL)
    given: dict[str, Estimate] = {}
    for at, name in enumerate(found.names):
        if share := declared.get(name):
            value = float(found.shares[at]) / share
            given[name] = _estimate(value, found.rows, low[at] / share, high[at] / share)
    return given


def lowest_ratio(found: Census, declared: Mapping[str, float]) -> Estimate:
    """Return the lowest ratio of a group's share to its declared one.

    The end that accuses is the lowest upper end, at a level that holds for all groups at once
    (Sidak); the end that acquits is the lowest lower end at one-sided 0.95 each.
    """
    kept = np.array([name in declared for name in found.names])
    wanted = np.array([declared[name] for name in found.names if name in declared])
    together = LEVEL ** (1 / max(int(kept.sum()), 1))
    least = float((found.ends(2 * LEVEL - 1)[0][kept] / wanted).min())
    most = float((found.ends(together)[1][kept] / wanted).min())
    value = float((found.shares[kept] / wanted).min())
    ends = min(least, value), max(most, value)
    return Estimate(
        value, found.rows, Interval(*ends, "Wilson, all groups", LEVEL, one_sided=ends[0])
    )


def lowest(parts: Sequence[Estimate]) -> Estimate:
    """Return the lowest of several estimates whose intervals hold at once."""
    first = min(parts, key=lambda part: part.value)
    low, high = (
        min(end) for end in zip(*((p.interval.low, p.interval.high) for p in parts), strict=True)
    )
    interval = Interval(low, max(high, first.value), first.interval.method, LEVEL, one_sided=low)
    return Estimate(first.value, first.samples, interval)


def smallest_to_largest(found: Census) -> Estimate:
    """Return the size of the smallest group over that of the largest.

    The interval is Wilson's of the smaller among both, as odds.
    """
    small, large = int(found.counts.min()), int(found.counts.max())
    scale = float(found.effect.max())
    ends = wilson_ends(small / scale, (small + large) / scale, norm.isf((1 - LEVEL) / 2))
    low, high = (float(end) / max(1 - float(end), 1e-9) for end in ends)
    value = small / large
    return _estimate(value, found.rows, low, min(high, 1.0))


@dataclass(frozen=True)
class Parts:
    """Rows counted by group and part, such as label or split.

    Attributes:
        groups: names of the groups.
        parts: names of the parts.
        counts: rows, (groups, parts).
        effect: design effect of each share, 1 where every row is another person, (groups, parts).
    """

    groups: tuple[str, ...]
    parts: tuple[str, ...]
    counts: NDArray[np.int64]
    effect: Floats

    @property
    def pairs(self) -> Pairs:
        """Every two parts, compared in the share of each group."""
        sizes = self.counts.sum(axis=0) / self.effect
        return all_pairs(self.counts / self.effect, sizes, samples=int(self.counts.sum()))

    def each(self) -> Iterator[tuple[str, str, Estimate]]:
        """Yield group, part and the group's share of it."""
        for (group, part), count in np.ndenumerate(self.counts):
            rows, effect = int(self.counts[:, part].sum()), float(self.effect[group, part])
            yield self.groups[group], self.parts[part], effective_rate(int(count), rows, effect)

    def absent(self, *, alpha: float = 0.05) -> list[tuple[str, str, int, float]]:
        """Return group, part, rows of the part and p-value where a group is missing beyond chance.

        Chance gives every part the shares of the whole; corrected by Holm.
        """
        share = self.counts.sum(axis=1) / self.counts.sum()
        sizes = self.counts.sum(axis=0)
        seen, independent = whole_rows(self.counts / self.effect, sizes / self.effect)
        chance = holm(np.ravel(binom.cdf(seen, independent, share[:, None])))
        return [
            (self.groups[group], self.parts[part], int(sizes[part]), float(p))
            for (group, part), p in np.ndenumerate(chance.reshape(self.counts.shape))
            if p <= alpha and self.counts[group, part] == 0
        ]


def parts_of(
    groups: Sequence[str | None], parts: Sequence[str | None], people: NDArray[np.intp],
    *, fewest: int, most: int,
) -> Parts | None:  # fmt: skip
    """Count the rows of each group in the commonest parts of `fewest` rows; None without two.

    Args:
        groups: group of each row, or None.
        parts: part of each row, or None.
        people: person of each row, (rows,).
        fewest: rows with a group that a part must have.
        most: number of parts.
    """
    both = [(group, part) for group, part in zip(groups, parts, strict=True) if group and part]
    sizes = Counter(part for _, part in both)
    kept = sorted(part for part, size in sizes.most_common(most) if size >= fewest)
    names = sorted({group for group, _ in both})
    if len(kept) < 2 or len(names) < 2:
        return None
    cells = Counter(both)
    counts = np.array([[cells[group, part] for part in kept] for group in names], dtype=np.int64)
    place = {part: at for at, part in enumerate(kept)}
    of_part = np.array(
        [
            place.get(part or "", -1) if group else -1
            for group, part in zip(groups, parts, strict=True)
        ]
    )
    member = np.array([[group == name for group in groups] for name in names])
    effect = design_effects(member, of_part, people, groups=len(kept))
    return Parts(tuple(names), tuple(kept), counts, effect)
