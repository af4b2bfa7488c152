"""How often something happens in each group, compared at the same mix of what rows show."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vlaudit.stats.design_effect import design_effects, effective_rate
from vlaudit.stats.exchange import Design, coded_groups
from vlaudit.stats.groups import Pairs, joined, matched_pairs, widest_difference
from vlaudit.stats.intervals import Estimate, Floats
from vlaudit.stats.subjects import Groups
from vlaudit.stats.tests import Shortfall, shortfalls

Counts = NDArray[np.int64]
K = TypeVar("K", bound=Hashable)


class Comparable(Protocol):
    """Anything whose groups are compared by pairs."""

    @property
    def pairs(self) -> Pairs:
        """The pairs of groups."""
        ...


@dataclass(frozen=True)
class GroupRates:
    """Events counted by group and stratum.

    Attributes:
        names: names of the groups.
        events: rows in which it happens, (groups, strata).
        rows: all rows, of the same shape.
        effect: design effect of each group, 1 where every row is another person, (groups,).
    """

    names: tuple[str, ...]
    events: Counts
    rows: Counts
    effect: Floats

    @property
    def pairs(self) -> Pairs:
        """Every pair of groups at the mix of strata that the two share."""
        return matched_pairs(self.events / self.effect[:, None], self.rows / self.effect[:, None])

    def each(self) -> Iterator[tuple[str, Estimate]]:
        """Yield the rate of every group, with Wilson's interval at its effective size."""
        totals = zip(
            self.names, self.events.sum(axis=1), self.rows.sum(axis=1), self.effect, strict=True
        )
        for name, events, rows, effect in totals:
            yield name, effective_rate(int(events), int(rows), float(effect))


def group_rates(
    happens: ArrayLike, groups: Sequence[str | None], design: Design, *, fewest: int
) -> GroupRates | None:
    """Return the rates of all groups with `fewest` rows; None where there are no two.

    Args:
        happens: whether it happens in each row, bool of shape (rows,).
        groups: group of each row, or None.
        design: what the rows show, and whom.
        fewest: size below which a group is left out.
    """
    kept, names, code = coded_groups(groups, fewest=fewest)
    if len(names) < 2:
        return None
    flag, part = np.asarray(happens, dtype=np.bool_)[kept], design.only(kept)
    shape = len(names), int(part.strata.max()) + 1
    cell = code * shape[1] + part.strata
    rows = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    events = np.bincount(cell[flag], minlength=rows.size).reshape(shape)
    expected = (events.sum(axis=0) / np.maximum(rows.sum(axis=0), 1))[part.strata]
    effect = design_effects(flag, code, part.clusters, groups=len(names), means=expected)
    return GroupRates(names, events, rows, effect)


def by_attribute(
    happens: ArrayLike, groups: Groups, design: Design, *, fewest: int
) -> dict[str, GroupRates]:
    """Return the rates by every attribute with two groups of `fewest` rows; see `group_rates`."""
    found = {
        attribute: group_rates(happens, of_row, design, fewest=fewest)
        for attribute, of_row in groups.items()
    }
    return {attribute: table for attribute, table in found.items() if table is not None}


def within(
    happens: NDArray[np.bool_],
    groups: Sequence[str | None],
    parts: Sequence[str],
    design: Design,
    *,
    fewest: int,
    most: int,
) -> dict[str, GroupRates]:
    """Return the rates by group within each of the commonest parts that have two groups."""
    names, sizes = np.unique(np.array(parts), return_counts=True)
    found: dict[str, GroupRates] = {}
    for part in names[np.argsort(-sizes, kind="stable")][:most]:
        rows = np.flatnonzero(np.array(parts) == part).tolist()
        of_row = [groups[row] for row in rows]
        table = group_rates(happens[rows], of_row, design.only(rows), fewest=fewest)
        if table is not None:
            found[str(part)] = table
    return found


def widest(
    tables: Mapping[K, Comparable], where: Callable[[K], dict[str, str]]
) -> Iterator[tuple[dict[str, str], Estimate]]:
    """Yield the widest difference over all tables, then that of each with its slice, `where`."""
    pairs = {name: table.pairs for name, table in tables.items()}
    comparable = {name: part for name, part in pairs.items() if len(part)}
    if comparable:
        yield {}, widest_difference(joined([*comparable.values()]))
        for name, part in comparable.items():
            yield where(name), widest_difference(part)


def worse_groups(
    tables: Mapping[K, GroupRates], *, harm: bool = False
) -> Iterator[tuple[K, str, Shortfall]]:
    """Yield table, group and numbers of every group proven to fare worse than the rest (Holm).

    Args:
        tables: rates by group.
        harm: whether it is bad when the event happens; its complement is what falls short then.
    """
    right = [table.rows - table.events if harm else table.events for table in tables.values()]
    given = [
        (hits / table.effect[:, None], table.rows / table.effect[:, None])
        for hits, table in zip(right, tables.values(), strict=True)
    ]
    names = [*tables]
    for found in shortfalls(given):
        if found.stratum is None:
            name = names[found.table]
            own = int(right[found.table][found.group].sum())
            of_all = int(tables[name].rows[found.group].sum())
            yield name, tables[name].names[found.group], replace(found, successes=own, n=of_all)


def of_attribute(name: str) -> dict[str, str]:
    """Return the slice of an attribute."""
    return {"attribute": name}


def of_theme(place: tuple[str, str]) -> dict[str, str]:
    """Return the slice of a theme and an attribute."""
    return {"theme": place[0], "attribute": place[1]}
