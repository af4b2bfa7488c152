"""Nearest neighbours: exact for few rows, approximate for many, with the recall measured."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.target import Matrix
from vlaudit.features.embeddings import Embeddings

EXACT_BELOW = 20_000
WANTED_RECALL = 0.95
TRIED = 256
BLOCK = 1024
TRAINED_ON = 64


@dataclass(frozen=True)
class Neighbours:
    """The rows nearest to each row by cosine, the nearest first, itself left out.

    Attributes:
        rows: int of shape (rows, count); -1 where an approximate search found fewer.
        similarity: cosine of each, float32 of the same shape.
        recall: share of the true neighbours that were found, over `tried` rows drawn by chance;
            1 where the search was exact.
        tried: number of rows that the recall was measured on; all where the search was exact.
        method: how neighbours were found.
    """

    rows: NDArray[np.intp]
    similarity: Matrix
    recall: float
    tried: int
    method: str


def nearest(
    embeddings: Embeddings,
    *,
    count: int,
    rng: np.random.Generator,
    exact_below: int = EXACT_BELOW,
    wanted_recall: float = WANTED_RECALL,
) -> Neighbours:
    """Return the `count` nearest neighbours of every row.

    From `exact_below` rows on an inverted file of faiss is searched, in ever more of its cells
    until `wanted_recall` is reached on rows that were searched exactly; the recall that was
    measured is said. Without faiss every search is exact, and takes time with the square of rows.

    Args:
        embeddings: L2-normalised rows.
        count: neighbours of each row; at most as many as there are other rows.
        rng: draws the rows that recall is measured on and cells are learnt from.
        exact_below: number of rows from which the search is approximate.
        wanted_recall: share of true neighbours to reach, unless every cell has been searched.
    """
    count = min(count, len(embeddings) - 1)
    everything = np.arange(len(embeddings), dtype=np.intp)
    faiss = _faiss() if len(embeddings) >= exact_below else None
    if count < 1 or faiss is None:
        rows, similarity = _exact(embeddings, everything, count)
        return Neighbours(rows, similarity, 1.0, len(embeddings), "exact")
    tried = np.sort(rng.choice(len(embeddings), min(TRIED, len(embeddings)), replace=False))
    truth, _ = _exact(embeddings, tried, count)
    index = _inverted_file(faiss, embeddings, rng)
    recall = 0.0
    while recall < wanted_recall and index.nprobe < index.nlist:
        index.nprobe = min(2 * index.nprobe, index.nlist)
        recall = _recall(_without_self(index, embeddings.take(tried), tried, count)[0], truth)
    found = [
        _without_self(index, block, np.arange(start, start + len(block), dtype=np.intp), count)
        for start, block in embeddings.blocks(BLOCK)
    ]
    rows, similarity = (np.concatenate(parts) for parts in zip(*found, strict=True))
    method = f"inverted file, {index.nprobe} of {index.nlist} cells searched"
    return Neighbours(rows, similarity, recall, len(tried), method)


def _faiss() -> Any:
    try:
        import faiss
    except ImportError:
        return None
    return faiss


def _exact(
    embeddings: Embeddings, queries: NDArray[np.intp], count: int
) -> tuple[NDArray[np.intp], Matrix]:
    """Compare queries with all rows, block by block."""
    rows = np.zeros((len(queries), count), dtype=np.intp)
    best = np.full((len(queries), count), -np.inf, dtype=np.float32)
    for at in range(0, len(queries), BLOCK) if count else ():
        part = slice(at, at + BLOCK)
        asked = embeddings.take(queries[part])
        for start, block in embeddings.blocks(8 * BLOCK):
            cosine = asked @ block.T
            own = queries[part] - start
            inside = np.flatnonzero((own >= 0) & (own < len(block)))
            cosine[inside, own[inside]] = -np.inf
            here = np.broadcast_to(np.arange(start, start + len(block)), cosine.shape)
            both = np.hstack([best[part], cosine])
            which = np.hstack([rows[part], here])
            top = np.argpartition(-both, count - 1, axis=1)[:, :count]
            best[part] = np.take_along_axis(both, top, axis=1)
            rows[part] = np.take_along_axis(which, top, axis=1)
    order = np.argsort(-best, axis=1, kind="stable")
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(best, order, axis=1)


def _inverted_file(faiss: Any, embeddings: Embeddings, rng: np.random.Generator) -> Any:
    """Return an index of 4 times the square root of rows cells, vectors in half precision."""
    cells = min(int(4 * np.sqrt(len(embeddings))), len(embeddings))
    wide = embeddings.dimensions
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(wide), wide, cells,
        faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT,
    )  # fmt: skip
    learnt = rng.choice(len(embeddings), min(TRAINED_ON * cells, len(embeddings)), replace=False)
    index.train(embeddings.take(np.sort(learnt)))
    for _, block in embeddings.blocks(8 * BLOCK):
        index.add(block)
    return index


def _without_self(
    index: Any, queries: Matrix, own: NDArray[np.intp], count: int
) -> tuple[NDArray[np.intp], Matrix]:
    """Return neighbours other than the row itself; rows too far to be found are -1."""
    similarity, rows = index.search(queries, count + 1)
    # A stable sort of "is it the row itself" moves it behind the others, or leaves the last there.
    order = np.argsort(rows == own[:, None], axis=1, kind="stable")[:, :count]
    return (
        np.take_along_axis(rows, order, axis=1).astype(np.intp),
        np.take_along_axis(similarity, order, axis=1).astype(np.float32),
    )


def _recall(found: NDArray[np.intp], truth: NDArray[np.intp]) -> float:
    hits = [len(np.intersect1d(a, b)) for a, b in zip(found, truth, strict=True)]
    return float(np.sum(hits) / truth.size)
