"""Accuracy in one domain against that in others."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vlaudit.core.probe import Inapplicable
from vlaudit.stats.clustered import clustered_rate
from vlaudit.stats.effective_robustness import Line, effective_robustness
from vlaudit.stats.exchange import Design
from vlaudit.stats.group_rates import group_rates
from vlaudit.stats.groups import matched_difference, widest_difference
from vlaudit.stats.intervals import Estimate


@dataclass(frozen=True)
class Shift:
    """Rows named right or wrong in several domains.

    Attributes:
        usual: the domain that others are held against.
        others: the other domains, sorted.
        right: whether each row is named right, (rows,).
        domains: domain of each row, (rows,).
        design: what the rows show, and whom.
        fewest: size below which a domain is left out.
    """

    usual: str
    others: tuple[str, ...]
    right: NDArray[np.bool_]
    domains: Sequence[str | None]
    design: Design
    fewest: int

    def accuracy(self, domains: Sequence[str]) -> Estimate:
        """Return the share right in some domains, people resampled as a whole."""
        hits, rows = self._counted(domains)
        return clustered_rate(hits, rows)

    def _counted(self, domains: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return rows right, and all, of each person in some domains."""
        own = np.isin(np.array(self.domains, dtype=object), list(domains))
        people = self.design.clusters[own]
        rows = np.bincount(people)
        hits = np.bincount(people[self.right[own]], minlength=rows.size)
        return hits[rows > 0], rows[rows > 0]

    def drop(self, domains: Sequence[str]) -> Estimate | None:
        """Return how much higher accuracy is in the usual domain, at the labels that both have.

        None where they share no label.
        """
        sides = [
            "usual" if name == self.usual else "other" if name in domains else None
            for name in self.domains
        ]
        table = group_rates(self.right, sides, self.design, fewest=self.fewest)
        if table is None or not len(table.pairs):
            return None
        effect = table.effect[:, None]
        return matched_difference(table.events / effect, table.rows / effect)

    def gap(self) -> Estimate | None:
        """Return the widest difference between domains at the same labels, if any is comparable."""
        known = (self.usual, *self.others)
        kept = [name if name in known else None for name in self.domains]
        table = group_rates(self.right, kept, self.design, fewest=self.fewest)
        return widest_difference(table.pairs) if table is not None and len(table.pairs) else None

    def effective(self, line: Line, rng: np.random.Generator) -> Estimate:
        """Return the effective robustness of the other domains together."""
        sides = []
        for domains in ([self.usual], self.others):
            hits, rows = self._counted(domains)
            worth = rows.size / rows.sum()  # rows of one person tell no more than one
            sides.append((float(hits.sum() * worth), float(rows.size)))
        return effective_robustness(line, sides[0], sides[1], rng=rng)


def shift_between(
    right: ArrayLike, domains: Sequence[str | None], design: Design, *, usual: str, fewest: int
) -> Shift:
    """Return the rows by domain; the largest domain is the usual one unless one is named.

    Raises:
        Inapplicable: there are no two domains of `fewest` rows, or the usual one is none of them.
    """
    sizes = {name: size for name, size in Counter(domains).most_common() if name and size >= fewest}
    if len(sizes) < 2:
        raise Inapplicable(
            f"{len(sizes)} domain has {fewest} labelled rows; give rows of two, or lower "
            "setting min_group_rows"
        )
    chosen = usual or next(iter(sizes))
    if chosen not in sizes:
        raise Inapplicable(
            f"setting usual: {usual!r} is no domain of {fewest} labelled rows; there are "
            f"{', '.join(sorted(sizes))}"
        )
    others = tuple(sorted(set(sizes) - {chosen}))
    flags = np.asarray(right, dtype=np.bool_)
    return Shift(chosen, others, flags, domains, design, fewest)
