"""Intersections: rows that share the groups of two attributes, such as older women."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from vlaudit.stats.multiplicity import holm
from vlaudit.stats.parity import GroupCounts
from vlaudit.stats.tests import Shortfall, worse_at_same_mix


@dataclass(frozen=True)
class Crossing:
    """Two attributes at once.

    Attributes:
        attributes: their names.
        of_row: name of the intersection that each row lies in; None where one of the two is not
            annotated, or too few rows share both groups.
        parts: groups of both attributes, by the name of the intersection.
    """

    attributes: tuple[str, str]
    of_row: Sequence[str | None]
    parts: Mapping[str, tuple[str, str]]

    def slices(self) -> dict[str, dict[str, str]]:
        """Return attribute -> group of every intersection, by its name."""
        return {
            name: dict(zip(self.attributes, part, strict=True)) for name, part in self.parts.items()
        }


def crossings(groups: Mapping[str, Sequence[str | None]], *, fewest: int) -> list[Crossing]:
    """Return every two attributes that have two intersections of at least `fewest` rows."""
    found: list[Crossing] = []
    for one, other in combinations(groups, 2):
        pairs = list(zip(groups[one], groups[other], strict=True))
        sizes = Counter((a, b) for a, b in pairs if a and b)
        names = {pair: f"{pair[0]} and {pair[1]}" for pair, n in sizes.items() if n >= fewest}
        if len(names) >= 2:
            of_row = [names.get((a, b)) if a and b else None for a, b in pairs]
            found.append(Crossing((one, other), of_row, {name: p for p, name in names.items()}))
    return found


@dataclass(frozen=True)
class Compounded(Shortfall):
    """The shortfall of an intersection against each of its two groups without it.

    Attributes:
        attributes: names of the two attributes.
        name: name of the intersection.
    """

    attributes: tuple[str, str]
    name: str


def compounded(
    tables: Sequence[tuple[Crossing, GroupCounts]], *, alpha: float = 0.05
) -> list[Compounded]:
    """Return every intersection proven worse than the rest of its one group and of its other.

    What holds for all women is no news of older women: each intersection is held against the
    other rows of both its groups, and the weaker of the two tests counts (an intersection-union
    test), corrected by Holm over all intersections.

    Args:
        tables: crossings, and the answers counted in their intersections.
        alpha: bound on the chance that any of them is a false alarm.
    """
    tested: list[Compounded] = []
    for crossing, counts in tables:
        parts, independent = [crossing.parts[name] for name in counts.groups], counts.thinned
        for cell, name in enumerate(counts.groups):
            sides = [_against(independent, parts, cell, side) for side in (0, 1)]
            p_value, rest = max(p for p, _ in sides), min(rate for _, rate in sides)
            hits, n = int(counts.hits[cell]), int(counts.rows[cell])
            tested.append(Compounded(hits, n, rest, p_value, crossing.attributes, name))
    if not tested:
        return []
    adjusted = holm([item.p_value for item in tested])
    found = [
        replace(item, p_value=float(p))
        for item, p in zip(tested, adjusted, strict=True)
        if p <= alpha
    ]
    return sorted(found, key=lambda item: -item.size)


def _against(
    counts: GroupCounts, parts: Sequence[tuple[str, str]], cell: int, side: int
) -> tuple[float, float]:
    """Return the p-value against the rest of one group, and the rate of that rest."""
    others = [at for at, part in enumerate(parts) if at != cell and part[side] == parts[cell][side]]
    rest, right = counts.labelled[others].sum(axis=0), counts.right[others].sum(axis=0)
    own = counts.labelled[cell]
    shared = np.minimum(own, rest) > 0
    if not shared.any():
        return 1.0, 0.0
    p_values = worse_at_same_mix(np.stack([counts.right[cell], right]), np.stack([own, rest]))
    return float(p_values[0]), float(np.average(right[shared] / rest[shared], weights=own[shared]))
