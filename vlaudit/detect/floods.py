"""Captions and pictures that are repeated far oftener than others of the same data."""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.finding import Confidence, Finding, Severity

NEXT = 20
MOST = 10


@dataclass(frozen=True)
class Flood:
    """One value that stands in many rows.

    Attributes:
        rows: where it stands, ascending.
        usual: how often the values after it stand, which it is held against.
    """

    rows: NDArray[np.int64]
    usual: float

    def findings(self, kind: str, ids: Sequence[str]) -> Iterator[Finding]:
        """Name the rows; `kind` is caption_flood or picture_flood."""
        told = kind.removesuffix("_flood")
        for row in map(int, self.rows):
            yield Finding(
                kind,
                f"Its {told} stands in {len(self.rows)} rows, the next ones in {self.usual:g}.",
                Severity.MEDIUM,
                Confidence.LOW,
                row=ids[row],
                evidence={"rows": len(self.rows), "usual": self.usual},
            )


def flooded(found: Sequence[Flood], rows: int) -> NDArray[np.bool_]:
    """Return which of `rows` rows stand in a flood."""
    hits = np.zeros(rows, dtype=np.bool_)
    for flood in found:
        hits[flood.rows] = True
    return hits


def floods(values: Sequence[Hashable | None], *, fewest: int, factor: float) -> list[Flood]:
    """Return the values that stand in at least `fewest` rows and `factor` times as often as others.

    Others are the NEXT values that are most frequent after it, by their median: labels written as
    captions, and captions made from a template, are all as frequent as each other and no flood.
    More than MOST values that stand out together are how values are written here, beside others
    written freely, and no flood either.
    """
    counts = Counter(value for value in values if value is not None).most_common()
    frequent = [count for _, count in counts]
    found: dict[Hashable, float] = {}
    for place, (value, count) in enumerate(counts):
        after = frequent[place + 1 : place + 1 + NEXT]
        usual = float(np.median(after)) if after else float("inf")
        if place >= MOST or count < fewest or len(after) < min(NEXT, 5):
            break
        if count >= factor * usual:
            found = {name: usual for name, _ in counts[:place]} | {value: usual}
    where: dict[Hashable, list[int]] = {value: [] for value in found}
    for row, value in enumerate(values):
        if value in where:
            where[value].append(row)
    return [Flood(np.array(rows, np.int64), found[value]) for value, rows in where.items()]


def folded(texts: Sequence[str | None]) -> list[str | None]:
    """Return texts without case and superfluous space; None where nothing is written."""
    return [" ".join(text.split()).casefold() or None if text else None for text in texts]
