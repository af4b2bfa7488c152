"""Embeddings of many rows in shards; those on disk are mapped into memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.target import Matrix


@dataclass(frozen=True)
class Embeddings:
    """A matrix of rows and dimensions, of which only the rows that are asked for are in memory.

    Attributes:
        shards: float32 of shape (rows, dimensions) each, in order; a shard without a single
            readable picture may have no columns, and stands for zeros.
    """

    shards: Sequence[Matrix]

    @cached_property
    def _starts(self) -> NDArray[np.intp]:
        return np.cumsum([0, *map(len, self.shards)], dtype=np.intp)

    @property
    def dimensions(self) -> int:
        """Number of columns; 0 for a target that does not embed pictures."""
        return max((shard.shape[1] for shard in self.shards), default=0)

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self._starts[-1])

    def take(self, rows: NDArray[np.intp]) -> Matrix:
        """Return these rows, float32 of shape (rows, dimensions), in memory."""
        taken = np.zeros((len(rows), self.dimensions), dtype=np.float32)
        of = np.searchsorted(self._starts, rows, side="right") - 1
        for number in np.unique(of):
            shard, there = self.shards[number], np.flatnonzero(of == number)
            if shard.shape[1]:
                taken[there] = shard[rows[there] - self._starts[number]]
        return taken

    def blocks(self, size: int) -> Iterator[tuple[int, Matrix]]:
        """Yield first row and rows of each block of at most `size` rows."""
        for start in range(0, len(self), size):
            stop = min(start + size, len(self))
            yield start, self.take(np.arange(start, stop, dtype=np.intp))
