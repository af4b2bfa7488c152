"""Clusters of pictures that are one shot, found without comparing every picture with every other.

Candidates are pairs of codes that differ in few bits: one of four parts of 16 bits then differs in
one or two at most, so that only rows of such parts are compared. Candidates are held against each
other pixel by pixel, and whatever is joined by a chain of copies is one cluster.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image, Resampling
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.detect.likeness import SIDE, likeness
from vlaudit.detect.sketches import Codes, Sketches

Indices = NDArray[np.int64]
Load = Callable[[Sequence[int]], list[Image]]
MANY = 100_000
BANDS = 4
BITS = 16
CROWD = 2000
BLOCK = 1 << 20
COARSE = 0.25
CORRELATION = 0.55
FLAT = 25.0
UNEXPLAINED = 0.15
WORST = 0.16
HELD = 512


@dataclass(frozen=True)
class Clusters:
    """Which rows are copies of each other.

    Attributes:
        labels: cluster of each row, int64 of shape (rows,); rows of one label are one shot.
        exact: the same for copies with equal pixels.
        curtailed: rows in crowds of like codes that were compared with the nearest of them only.
    """

    labels: Indices
    exact: Indices
    curtailed: int

    @property
    def largest(self) -> int:
        """Label of the largest cluster; of the first one among equals."""
        return int(np.bincount(self.labels).argmax())

    def members(self, fewest: int = 2) -> list[Indices]:
        """Return the rows of each cluster of at least `fewest`, the largest cluster first."""
        order = np.argsort(self.labels, kind="stable")
        ends = np.flatnonzero(np.diff(self.labels[order])) + 1
        groups = [part for part in np.split(order, ends) if len(part) >= fewest]
        return sorted(groups, key=lambda part: (-len(part), int(part[0])))

    def findings(self, ids: Sequence[str]) -> Iterator[Finding]:
        """Name every row that copies an earlier one, the largest cluster first."""
        for group in self.members():
            first, seen = int(group[0]), {int(self.exact[group[0]])}
            for row in map(int, group[1:]):
                exact = int(self.exact[row]) in seen
                seen.add(int(self.exact[row]))
                yield Finding(
                    "near_duplicate",
                    f"Shows the picture of row {ids[first]}{', pixel by pixel' if exact else ''}.",
                    Severity.LOW,
                    Confidence.HIGH if exact else Confidence.MEDIUM,
                    row=ids[row],
                    evidence={"of": ids[first], "exact": exact, "cluster_rows": len(group)},
                )


def clusters(
    sketches: Sketches,
    load: Load,
    *,
    codes: Sequence[Codes] = (),
    side: NDArray[np.bool_] | None = None,
    progress: Callable[[float], None] = lambda done: None,
) -> Clusters:
    """Return the clusters of rows that show one shot.

    Args:
        sketches: what is kept of each row.
        load: returns the RGB pictures of some rows, to be held against each other.
        codes: further codes to find candidates by, such as those of embeddings, (rows,) each.
        side: the part that each row belongs to; only rows of different parts are compared.
        progress: is told the fraction that is done.
    """
    exact = np.unique(sketches.digests, return_inverse=True)[1]
    apart = np.zeros(len(sketches), dtype=np.bool_) if side is None else side
    first, same = np.unique(2 * exact + apart, return_index=True, return_inverse=True)[1:]
    thumbs, apart = sketches.thumbs[first], apart[first]
    pairs: list[Indices] = []
    curtailed = np.zeros(len(first), dtype=np.bool_)
    searched = (sketches.codes, sketches.broad, *codes)
    for turn, code in enumerate(searched):
        for left, right, cut in near_codes(code[first], flips=None if turn == 0 else 1):
            if side is not None:
                across = apart[left] != apart[right]
                left, right = left[across], right[across]
            found = _coarsely_alike(thumbs, left, right)
            pairs.append(np.stack([left[found], right[found]]))
            curtailed[cut] = True
        progress((turn + 1) / (len(searched) + 1))
    both = np.concatenate(pairs, axis=1) if pairs else np.zeros((2, 0), dtype=np.int64)
    labels = _joined(np.unique(both, axis=1), first, load)
    progress(1.0)
    return Clusters(labels[same], exact.astype(np.int64), int(curtailed[same].sum()))


def near_codes(
    codes: Codes, *, flips: int | None = None
) -> Iterator[tuple[Indices, Indices, Indices]]:
    """Yield pairs of rows whose codes differ in at most 4 `flips` + 3 bits, each once, in blocks.

    `flips` is 2 unless there are MANY codes, for which it is 1.

    The third item names rows that stood in a crowd of more than CROWD rows and were compared with
    the next CROWD of it only, so that many like codes cannot take time with their square.
    """
    flips = (1 if len(codes) > MANY else 2) if flips is None else flips
    masks = [sum(1 << bit for bit in bits) for bits in _subsets(flips)]
    parts = [((codes >> np.uint64(BITS * band)) & np.uint64(0xFFFF)) for band in range(BANDS)]
    for band, part in enumerate(parts):
        order = np.lexsort((codes, part)).astype(np.int64)
        values = part[order].astype(np.int64)
        for flip in masks:
            for left, right, cut in _opposite(values, flip):
                i, j = order[left], order[right]
                apart = codes[i] ^ codes[j]
                near = np.bitwise_count(apart) < BANDS * (flips + 1)
                for earlier in range(band):
                    shown = (apart >> np.uint64(BITS * earlier)) & np.uint64(0xFFFF)
                    near &= np.bitwise_count(shown) > flips
                yield np.minimum(i, j)[near], np.maximum(i, j)[near], order[cut]


def _subsets(most: int) -> Iterator[tuple[int, ...]]:
    for count in range(most + 1):
        yield from combinations(range(BITS), count)


def _opposite(values: Indices, flip: int) -> Iterator[tuple[Indices, Indices, Indices]]:
    """Yield places i, j of sorted values with values[j] == values[i] ^ flip, each pair once."""
    wanted = values ^ flip
    start = np.searchsorted(values, wanted, side="left")
    stop = np.searchsorted(values, wanted, side="right")
    place = np.arange(len(values))
    start = np.maximum(start, place + 1) if flip == 0 else start
    stop = np.where(wanted >= values, stop, start)
    crowded = stop - start > CROWD
    stop = np.where(crowded, start + CROWD, np.maximum(stop, start))
    sizes, cut = stop - start, np.flatnonzero(crowded)
    ends = np.cumsum(sizes)
    at = 0
    while at < len(values):
        done = int(ends[at - 1]) if at else 0
        until = max(int(np.searchsorted(ends, done + BLOCK, side="right")), at + 1)
        count = sizes[at:until]
        if total := int(count.sum()):
            left = np.repeat(place[at:until], count)
            offset = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
            yield left, np.repeat(start[at:until], count) + offset, cut
            cut = cut[:0]
        at = until


def _coarsely_alike(thumbs: NDArray[np.uint8], left: Indices, right: Indices) -> NDArray[np.bool_]:
    """Return which pairs are worth a look at their pictures."""
    alike = np.zeros(len(left), dtype=np.bool_)
    for at in range(0, len(left), HELD):
        one, other = (thumbs[rows[at : at + HELD]] for rows in (left, right))
        near = np.flatnonzero(_correlated(one[:, ::2, ::2], other[:, ::2, ::2]))
        seen = likeness(one[near], other[near])
        alike[at + near[seen.unexplained < COARSE]] = True
    return alike


def _correlated(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which pairs correlate, or are too flat to: the cheapest look, without a fit."""
    first, second = (part.reshape(len(part), -1).astype(np.float32) for part in (one, other))
    first -= first.mean(axis=1, keepdims=True)
    second -= second.mean(axis=1, keepdims=True)
    product, a, b = (
        np.einsum("ij,ij->i", x, y) / first.shape[1]
        for x, y in ((first, second), (first, first), (second, second))
    )
    return np.asarray(product + FLAT > CORRELATION * np.sqrt((a + FLAT) * (b + FLAT)))


def _joined(pairs: Indices, rows: Indices, load: Load) -> Indices:
    """Return the component of each distinct picture, over the pairs that are one shot.

    Pairs within one component need no look. In each round every picture is in one pair at most, so
    that no two pairs of a round could have spared each other.
    """
    edges: list[Indices] = []
    labels = np.arange(len(rows))
    while pairs.shape[1]:
        tried = _matching(labels[pairs])
        same = _one_shot(rows[pairs[:, tried]], load)
        edges.append(pairs[:, tried][:, same])
        links = np.concatenate(edges, axis=1)
        graph = coo_array((np.ones(links.shape[1]), (links[0], links[1])), (len(rows), len(rows)))
        labels = connected_components(graph, directed=False)[1].astype(np.int64)
        rest = np.ones(pairs.shape[1], dtype=np.bool_)
        rest[tried] = False
        pairs = pairs[:, rest & (labels[pairs[0]] != labels[pairs[1]])]
    return labels.astype(np.int64)


def _matching(ends: Indices) -> Indices:
    """Return pairs of which no two share an end: the first of each left end, then of each right."""
    chosen = np.unique(ends[0], return_index=True)[1]
    chosen = chosen[np.unique(ends[1, chosen], return_index=True)[1]]
    lefts = set(ends[0, chosen].tolist())
    free = [at for at in chosen.tolist() if int(ends[1, at]) not in lefts]
    return np.array(free or chosen[:1].tolist(), dtype=np.int64)


def _one_shot(pairs: Indices, load: Load) -> NDArray[np.bool_]:
    """Hold the pictures of pairs of rows against each other."""
    same = np.zeros(pairs.shape[1], dtype=np.bool_)
    for at in range(0, pairs.shape[1], HELD):
        some = pairs[:, at : at + HELD]
        needed, where = np.unique(some, return_inverse=True)
        pictures = np.stack([_square(picture) for picture in load(needed.tolist())])
        left, right = pictures[where.reshape(some.shape)]
        seen = likeness(left, right)
        same[at : at + HELD] = (
            seen.possible & (seen.unexplained < UNEXPLAINED) & (seen.worst < WORST)
        )
    return same


def _square(picture: Image) -> NDArray[np.uint8]:
    small = picture.convert("RGB").resize((SIDE, SIDE), Resampling.BOX, reducing_gap=2)
    return np.asarray(small)
