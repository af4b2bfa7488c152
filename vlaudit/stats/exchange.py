"""Groups dealt anew to rows, within strata, as if a model were indifferent to them."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vlaudit.core.dataset import Dataset, Role, class_name
from vlaudit.core.probe import Context
from vlaudit.stats.excess import excess, largest
from vlaudit.stats.intervals import Estimate, Floats, bounded_mean
from vlaudit.stats.subjects import Groups, set_names

Codes = NDArray[np.int16]
Strata = NDArray[np.intp]
KEYS_AT_ONCE = 5_000_000


@dataclass(frozen=True)
class Design:
    """What rows share besides their groups.

    Attributes:
        strata: what a row shows: its set of counterfactual pictures, else its label, (rows,).
        clusters: the person of each row; where nobody is named its set of counterfactual pictures,
            else the row itself, (rows,).
    """

    strata: Strata
    clusters: Strata

    def only(self, rows: ArrayLike) -> "Design":
        """Return the design of some of the rows."""
        kept = np.asarray(rows)
        return Design(_coded(self.strata[kept].tolist()), _coded(self.clusters[kept].tolist()))

    def within(self, strata: Strata | None) -> "Design":
        """Return the same persons in other strata, (rows,), or with all rows in one."""
        return Design(np.zeros_like(self.strata) if strata is None else strata, self.clusters)


def design_of(data: Dataset) -> Design:
    """Return the design that the columns of a dataset declare."""
    size, columns, shown = len(data), data.columns, _labels(data)
    of_own = [f"row {at}" for at in range(size)]
    if columns.has(Role.COUNTERFACTUAL_OF):
        sets = set_names(data.ids(), data.texts(Role.COUNTERFACTUAL_OF))
        shown = [f"set {name}" if name else label for name, label in zip(sets, shown, strict=True)]
        of_own = [f"set {name}" if name else row for name, row in zip(sets, of_own, strict=True)]
    if columns.has(Role.IDENTITY):
        people = data.texts(Role.IDENTITY)
        of_own = [f"person {who}" if who else row for who, row in zip(people, of_own, strict=True)]
    return Design(_coded(shown), _coded(of_own))


def kinds_of(data: Dataset) -> Strata:
    """Return the label of each row as a number, (rows,); one for all without labels."""
    return _coded(_labels(data))


def _labels(data: Dataset) -> list[str]:
    labelled = data.columns.has(Role.LABEL)
    labels = data.texts(Role.LABEL) if labelled else [None] * len(data)
    return [class_name(label or "") for label in labels]


def _coded(names: Sequence[str | int]) -> Strata:
    return np.asarray(np.unique(np.array(names), return_inverse=True)[1], dtype=np.intp)


def coded_groups(
    groups: Sequence[str | None], *, fewest: int
) -> tuple[Strata, tuple[str, ...], Codes]:
    """Return the rows of groups of at least `fewest` rows, the names of these, and their codes."""
    sizes = Counter(group for group in groups if group)
    names = sorted(group for group, size in sizes.items() if size >= fewest)
    index = {name: at for at, name in enumerate(names)}
    codes = np.array([index.get(group or "", -1) for group in groups], dtype=np.int16)
    rows = np.flatnonzero(codes >= 0)
    return rows, tuple(names), codes[rows]


def deal(codes: Codes, design: Design, *, draws: int, rng: np.random.Generator) -> Codes:
    """Return `draws` random exchanges of groups between the rows of each stratum, (draws, rows).

    Rows of one person change groups together where they have one group and one stratum; a person
    of several counts as several.

    Args:
        codes: group of each row, integers of shape (rows,).
        design: strata and persons of the rows.
        draws: number of exchanges.
        rng: source of the draws.
    """
    first, of_row = _units(codes, design)
    strata = design.strata[first]
    home = np.argsort(strata, kind="stable")
    dealt = np.empty((draws, first.size), dtype=codes.dtype)
    for part in np.array_split(np.arange(draws), -(-dealt.size // KEYS_AT_ONCE) or 1):
        keys = rng.random((part.size, first.size)) + strata
        dealt[np.ix_(part, home)] = codes[first][np.argsort(keys, axis=1)]
    return dealt[:, of_row]


def population(
    shares: ArrayLike, codes: Codes, design: Design, *, draws: int, rng: np.random.Generator
) -> Codes:
    """Return groups as from a population with these shares, (draws, rows).

    Rows that `deal` keeps together have one group.

    Args:
        shares: share of each group, summing to 1, (groups,).
        codes: group that each row has in truth, (rows,).
        design: strata and persons of the rows.
        draws: number of pools.
        rng: source of the draws.
    """
    first, of_row = _units(codes, design)
    bounds = np.cumsum(np.asarray(shares, dtype=np.float64))[:-1]
    drawn = np.searchsorted(bounds, rng.random((draws, first.size)), side="right")
    return np.asarray(drawn.astype(codes.dtype)[:, of_row])


def dealer(
    codes: Codes, design: Design, *, draws: int, rng: np.random.Generator,
    shares: ArrayLike | None = None,
) -> Callable[[Strata | None], Codes]:  # fmt: skip
    """Return what deals the groups anew, (draws, rows), within the strata that it is given.

    Without strata it deals to all rows, or draws groups from a population with these `shares`.
    Other arguments are those of `deal`.
    """

    def dealt(strata: Strata | None) -> Codes:
        if strata is None and shares is not None:
            return population(shares, codes, design, draws=draws, rng=rng)
        return deal(codes, design.within(strata), draws=draws, rng=rng)

    return dealt


def _units(codes: Codes, design: Design) -> tuple[Strata, Strata]:
    """Return a row of each unit whose rows change groups together, and the unit of each row."""
    keys = np.stack([design.clusters, design.strata, codes.astype(np.intp)])
    _, first, of_row = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    return first, of_row.ravel()


def shifts(values: ArrayLike, codes: Codes, strata: Strata, *, groups: int) -> Floats:
    """Return how much larger a number is in each group than in the others of its strata.

    A stratum weighs `n1 n2 / (n1 + n2)`, as by Mantel and Haenszel, so that one which holds rows
    of one side only has no weight.

    Args:
        values: one number a row, (rows,).
        codes: group of each row, (rows,) or (draws, rows).
        strata: stratum of each row, (rows,).
        groups: number of groups.

    Returns:
        Differences of shape (groups,) or (draws, groups); 0 where nothing can be compared.
    """
    number = np.asarray(values, dtype=np.float64)
    dealt = np.atleast_2d(codes)
    size = int(strata.max()) + 1
    total, rows = (np.bincount(strata, weights=of, minlength=size) for of in (number, None))
    draw = np.repeat(np.arange(len(dealt)), number.size) * groups
    cell = (draw + dealt.ravel().astype(np.intp)) * size + np.tile(strata, len(dealt))
    shape, cells = (len(dealt), groups, size), len(dealt) * groups * size
    sums = np.bincount(cell, np.tile(number, len(dealt)), minlength=cells).reshape(shape)
    own = np.bincount(cell, minlength=cells).reshape(shape)
    others = rows - own
    weight = own * others / np.maximum(rows, 1.0)
    apart = sums / np.maximum(own, 1.0) - (total - sums) / np.maximum(others, 1.0)
    whole = weight.sum(axis=-1)
    found = (weight * apart).sum(axis=-1) / np.where(whole > 0, whole, 1.0)
    return np.asarray(found if np.ndim(codes) == 2 else found[0])


Statistic: TypeAlias = Callable[[Strata, Codes], Floats]
"""Maps rows and their groups, (draws, rows), to one number a draw, large where groups differ."""


def shift_of(values: ArrayLike, design: Design) -> Statistic:
    """Return how far a number is off in the group where it is most, as a share of its mean.

    Args:
        values: one number a row, not negative, (rows,).
        design: what the rows show.
    """
    number = np.asarray(values, dtype=np.float64)
    share = number / max(float(number.mean()), 1e-9)

    def statistic(rows: Strata, dealt: Codes) -> Floats:
        strata, groups = design.only(rows).strata, int(dealt.max()) + 1
        return np.asarray(np.abs(shifts(share[rows], dealt, strata, groups=groups)).max(axis=1))

    return statistic


def beyond_exchange(
    statistic: Statistic, groups: Sequence[str | None], design: Design,
    *, fewest: int, draws: int, rng: np.random.Generator,
) -> Estimate:  # fmt: skip
    """Return a statistic of groups above what it is for groups dealt at random.

    Args:
        statistic: what is worked out.
        groups: group of each row, or None; those of fewer than `fewest` rows are left out.
        design: what the rows show, and whom.
        fewest: size below which a group is left out.
        draws: number of random exchanges.
        rng: source of the exchanges.
    """
    rows, _, codes = coded_groups(groups, fewest=fewest)
    dealt = deal(codes, design.only(rows), draws=draws, rng=rng)
    found = statistic(rows, np.concatenate([codes[None], dealt]))
    if np.ptp(found) == 0:
        return none_seen(rows.size)
    bounds = 0.0, max(1.0, float(found.max()))
    return excess(found[:1], found[1:, None], bounds=bounds, rng=rng, samples=rows.size)


def over_attributes(
    statistics: Mapping[str, Statistic], groups: Groups, design: Design, context: Context
) -> Iterator[tuple[str, dict[str, str], Estimate]]:
    """Yield name, slice and estimate of statistics by attribute, then the largest of each.

    Reads the settings `min_group_rows` and `draws`; see `beyond_exchange`.
    """
    fewest, draws = context.settings["min_group_rows"], context.settings["draws"]
    for name, statistic in statistics.items():
        found = {
            attribute: beyond_exchange(
                statistic, of_row, design, fewest=fewest, draws=draws, rng=context.rng
            )
            for attribute, of_row in groups.items()
        }
        for attribute, estimate in found.items():
            yield name, {"attribute": attribute}, estimate
        yield name, {}, largest([*found.values()])


def none_seen(rows: int) -> Estimate:
    """Return the estimate of a difference of which `rows` rows show nothing whatever."""
    return Estimate(0.0, rows, bounded_mean(np.zeros(rows), bounds=(0.0, 1.0)))
