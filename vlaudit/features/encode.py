"""The one pass over all pictures: decode, set the unreadable aside, encode the rest."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from vlaudit.core.dataset import Dataset, Pictures, Unreadable
from vlaudit.core.target import EmbedsImages, Matrix, Target
from vlaudit.features.embeddings import Embeddings
from vlaudit.features.store import Store

CHUNK = 512


@dataclass(frozen=True)
class Encoded:
    """Embeddings of a whole dataset; rows of zeros where a picture is unreadable.

    Attributes:
        embeddings: L2-normalised rows; no columns for a target that does not embed pictures.
        rows: the row of the whole dataset that each row of embeddings belongs to, ascending.
        unreadable: row -> why its picture cannot be decoded.
        reused: number of rows that were read back from the store.
    """

    embeddings: Embeddings
    rows: NDArray[np.intp]
    unreadable: dict[int, str]
    reused: int = 0

    @classmethod
    def empty(cls, data: Dataset) -> "Encoded":
        """Return what encoding gives where there are no pictures."""
        nothing = Embeddings([np.zeros((len(data), 0), dtype=np.float32)])
        return cls(nothing, np.asarray(data.rows), {})

    @property
    def matrix(self) -> Matrix:
        """All embeddings in memory, float32 of shape (rows, dimensions)."""
        return self.embeddings.take(np.arange(len(self.embeddings), dtype=np.intp))


def encode(
    target: Target,
    data: Pictures,
    *,
    store: Store | None = None,
    batch_size: int = 64,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Encoded:
    """Decode every picture of `data` once and encode those that can be decoded.

    Chunks that the store knows are neither decoded nor encoded again; all it keeps are mapped into
    memory rather than held there. A store that cannot be written to is no longer used.
    """
    matrices: list[Matrix] = []
    keys: list[str] = []
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
        kept = store.map(key) if store else None
        matrices.append(matrix if kept is None else kept)
        keys.append(key)
        unreadable.update({data.rows[start + at]: reason for at, reason in bad.items()})
        progress((start + len(positions)) / len(data))
    if store and keys:
        name = hashlib.sha256("".join(keys).encode()).hexdigest()[:16]
        store.write_index(name, keys, [len(matrix) for matrix in matrices])
    return Encoded(Embeddings(matrices), np.asarray(data.rows), unreadable, reused)


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
