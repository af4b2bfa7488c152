"""Whether one source holds more of a label, phrase or kind of picture than chance would give it.

If sources were dealt to the rows at random, the rows of one item from one source would follow a
hypergeometric law: the permutation test is exact, and needs no permutations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.stats import hypergeom

from vlaudit.core.target import Matrix
from vlaudit.detect.addressed import host
from vlaudit.detect.mislabelled import public

Indices = NDArray[np.int64]
FEWEST = 10
PHRASES = 2000
CLUSTERS = 40


@dataclass(frozen=True)
class Items:
    """What rows have in common: labels, phrases of captions, kinds of pictures.

    Attributes:
        names: one name an item, free of what may be a person's name.
        member: which rows have which item, (rows, items), 0 or 1.
    """

    names: tuple[str, ...]
    member: csr_array


@dataclass(frozen=True)
class Hold:
    """One source's hold on one item.

    Attributes:
        item: place of the item.
        source: code of the source.
        rows: rows of the item from the source.
        of: rows of the item.
        base: share of all rows that come from the source.
        p_value: chance of as many under random sources, corrected for all pairs (Bonferroni).
    """

    item: int
    source: int
    rows: int
    of: int
    base: float
    p_value: float

    @property
    def excess(self) -> float:
        """Share of the item's rows from the source, less the source's share of all rows."""
        return self.rows / self.of - self.base


def origins(sources: Sequence[str | None]) -> Indices:
    """Return a code of the host of each row, or of the text where it is no address; -1 for none."""
    named = [host(source) or (source or "").strip().casefold() for source in sources]
    codes = {name: at for at, name in enumerate(dict.fromkeys(name for name in named if name))}
    return np.array([codes.get(name, -1) for name in named], dtype=np.int64)


def items(
    labels: Sequence[str | None], captions: Sequence[str | None], images: Matrix, seed: int
) -> Items:
    """Return labels, phrases of one or two words in small letters, and clusters of pictures."""
    parts: list[Items] = []
    if any(labels):
        parts.append(_by_code("label", [label or "" for label in labels]))
    if any(captions):
        parts.append(_phrases([caption or "" for caption in captions]))
    if images.shape[1]:
        from sklearn.cluster import MiniBatchKMeans

        count = min(CLUSTERS, max(len(images) // (5 * FEWEST), 1))
        model: Any = MiniBatchKMeans(count, random_state=seed, batch_size=2048)
        parts.append(_by_code("pictures", [f"kind {k}" for k in model.fit_predict(images)]))
    if not parts:
        return Items((), csr_array((len(labels), 0)))
    from scipy.sparse import hstack

    names = tuple(name for part in parts for name in part.names)
    return Items(names, csr_array(hstack([part.member for part in parts])))


def _by_code(kind: str, values: Sequence[str]) -> Items:
    names, codes = np.unique(values, return_inverse=True)
    rows = np.flatnonzero([value != "" for value in values])
    member = csr_array((np.ones(len(rows)), (rows, codes[rows])), (len(values), len(names)))
    told = [public(str(name)) if kind == "label" else str(name) for name in names]
    return Items(tuple(f"{kind} {name}" for name in told), member)


def _phrases(captions: Sequence[str]) -> Items:
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(
        lowercase=False, ngram_range=(1, 2), min_df=FEWEST, max_features=PHRASES, binary=True,
        token_pattern=r"(?u)\b[^\W\d_]{2,}\b",
    )  # fmt: skip
    try:
        member: Any = counter.fit_transform(captions)
    except ValueError:
        return Items((), csr_array((len(captions), 0)))
    names = counter.get_feature_names_out()
    plain = np.flatnonzero([name == name.lower() for name in names])
    return Items(tuple(f"phrase '{names[at]}'" for at in plain), csr_array(member[:, plain]))


def holds(found: Items, sources: Indices) -> list[Hold]:
    """Return the strongest hold of any source on each item, the least likely by chance first."""
    known = sources >= 0
    count = int(known.sum())
    codes, inner = np.unique(sources[known], return_inverse=True)
    dealt = csr_array((np.ones(count), (np.arange(count), inner)), (count, len(codes)))
    member = found.member[np.flatnonzero(known)]
    table = np.asarray((member.T @ dealt).todense())
    sizes: Indices = np.asarray(member.sum(axis=0), dtype=np.int64).ravel()
    shares: Indices = np.asarray(dealt.sum(axis=0), dtype=np.int64).ravel()
    large = np.flatnonzero((sizes >= FEWEST) & (sizes <= count / 2))
    p_values = np.asarray(
        hypergeom.sf(table[large] - 1, count, sizes[large, None], shares[None, :])
    )
    best = p_values.argmin(axis=1)
    tests = p_values.size
    listed = [
        Hold(
            int(item), int(codes[source]), int(table[item, source]), int(sizes[item]),
            float(shares[source] / count), min(1.0, float(p_values[at, source] * tests)),
        )
        for at, (item, source) in enumerate(zip(large, best, strict=True))
    ]  # fmt: skip
    return sorted(listed, key=lambda hold: (hold.p_value, -hold.excess))
