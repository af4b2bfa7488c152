"""A judge of whom or what a picture shows, by its likeness to pictures of each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Judge:
    """Knows some vectors of each class, and takes a picture for the class it is most like.

    Attributes:
        sums: sum of the unit vectors of each class, (classes, dimensions).
        centre: mean of all vectors, which is taken off each.
        vectors: the unit vectors, (pictures, dimensions).
        codes: class of each.
    """

    sums: Floats
    centre: Floats
    vectors: Floats
    codes: Ints

    def says(self, seen: ArrayLike) -> Ints:
        """Return the class of each vector, (vectors, dimensions) to (vectors,)."""
        rows = _unit(np.asarray(seen, dtype=np.float64) - self.centre)
        return np.asarray((rows @ _unit(self.sums).T).argmax(axis=1), dtype=np.intp)

    def left_out(self) -> Ints:
        """Return the class of each vector that is known, as said without it."""
        said = np.empty_like(self.codes)
        for row, (vector, code) in enumerate(zip(self.vectors, self.codes, strict=True)):
            sums = self.sums.copy()
            sums[code] -= vector
            said[row] = (_unit(sums) @ vector).argmax()
        return said


def judge(seen: ArrayLike, codes: Ints) -> Judge:
    """Return the judge that knows these vectors, (pictures, dimensions), by their classes."""
    given = np.asarray(seen, dtype=np.float64)
    centre = given.mean(axis=0)
    vectors = _unit(given - centre)
    sums = np.zeros((int(codes.max()) + 1, given.shape[1]))
    np.add.at(sums, codes, vectors)
    return Judge(sums, centre, vectors, codes)


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12))
