"""The one pass over all pictures: decode, set the unreadable aside, encode the rest."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from vlaudit.core.dataset import Dataset, Pictures, Unreadable
from vlaudit.core.target import EmbedsImages, Matrix, Target
from vlaudit.features.store import Store

CHUNK = 512


@dataclass(frozen=True)
class Encoded:
    """Embeddings of a whole dataset; rows of zeros where a picture is unreadable.

    Attributes:
        matrix: float32 of shape (rows, dimensions), L2-normalised; no columns for a target that
            does not embed pictures.
        rows: the row of the whole dataset that each row of the matrix belongs to, ascending.
        unreadable: row -> why its picture cannot be decoded.
        reused: number of rows that were read back from the store.
    """

    matrix: Matrix
    rows: NDArray[np.intp]
    unreadable: dict[int, str]
    reused: int = 0

    @classmethod
    def empty(cls, data: Dataset) -> "Encoded":
        """Return what encoding gives where there are no pictures."""
        return cls(np.zeros((len(data), 0), dtype=np.float32), np.asarray(data.rows), {})


def encode(
    target: Target,
    data: Pictures,
    *,
    store: Store | None = None,
    batch_size: int = 64,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Encoded:
    """Decode every picture of `data` once and encode those that can be decoded.

    Chunks that the store knows are neither decoded nor encoded again. A store that cannot be
    written to is no longer used.
    """
    matrices: list[Matrix] = []
    unreadable: dict[int, str] = {}
    reused = 0
    for start in range(0, len(data), CHUNK):
        positions = range(start, min(start + CHUNK, len(data)))
        key = store.key(target.fingerprint, _bytes(data, positions)) if store else ""
        known = store.read(key) if store else None
        matrix, bad = known or _encode_chunk(target, data, positions, batch_size)
        if store and not known:
            store = store if store.write(key, matrix, bad) else None
        reused += len(positions) if known else 0
        matrices.append(matrix)
        unreadable.update({data.rows[start + at]: reason for at, reason in bad.items()})
        progress((start + len(positions)) / len(data))
    return Encoded(_stack(matrices, len(data)), np.asarray(data.rows), unreadable, reused)


def _bytes(data: Pictures, positions: Sequence[int]) -> Iterator[bytes]:
    """Yield encoded pictures one at a time: a chunk of large photographs fills the memory."""
    for position in positions:
        yield from data.picture_bytes([position])


def _encode_chunk(
    target: Target, data: Pictures, positions: Sequence[int], batch_size: int
) -> tuple[Matrix, dict[int, str]]:
    """Return embeddings and the unreadable by place in the chunk; decodes a batch at a time."""
    unreadable: dict[int, str] = {}
    good: list[int] = []
    parts: list[Matrix] = []
    for start in range(0, len(positions), batch_size):
        decoded = data.decode(positions[start : start + batch_size])
        batch: list[Image] = []
        for at, item in enumerate(decoded, start):
            if isinstance(item, Unreadable):
                unreadable[at] = item.reason
            else:
                good.append(at)
                batch.append(item)
        if batch and isinstance(target, EmbedsImages):
            parts.append(target.embed_images(batch))
    matrix = np.zeros((len(positions), parts[0].shape[1] if parts else 0), dtype=np.float32)
    if parts:
        matrix[good] = np.concatenate(parts)
    return matrix, unreadable


def _stack(matrices: list[Matrix], rows: int) -> Matrix:
    """Join chunks; one without a single readable picture has no columns and becomes zeros."""
    width = max((matrix.shape[1] for matrix in matrices), default=0)
    stacked = np.zeros((rows, width), dtype=np.float32)
    start = 0
    for matrix in matrices:
        stacked[start : start + len(matrix), : matrix.shape[1]] = matrix
        start += len(matrix)
    return stacked
