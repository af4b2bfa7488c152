"""What can be got back from a stored embedding: the picture it was made of, or its words."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
FOLDS = 5
RIDGE = 1e-2


def rebuilt(seen: ArrayLike, pictures: ArrayLike, rng: np.random.Generator) -> Floats:
    """Return each picture as a linear map that never saw it rebuilds it from its embedding.

    Ridge regression with a penalty in proportion to the variance of the embeddings, fitted on
    four fifths of the rows at a time.

    Args:
        seen: embeddings, (rows, dimensions).
        pictures: the pictures as vectors, (rows, values).
        rng: draws the folds.
    """
    given, wanted = (np.asarray(part, dtype=np.float64) for part in (seen, pictures))
    fold = rng.permutation(len(given)) % FOLDS
    made = np.empty_like(wanted)
    for held in range(FOLDS):
        kept = fold != held
        centre, middle = given[kept].mean(axis=0), wanted[kept].mean(axis=0)
        inner, outer = given[kept] - centre, wanted[kept] - middle
        gram = inner.T @ inner
        penalty = RIDGE * max(float(np.trace(gram)), 1e-12) / len(gram)
        weights = np.linalg.solve(gram + penalty * np.eye(len(gram)), inner.T @ outer)
        made[~kept] = middle + (given[~kept] - centre) @ weights
    return made


def picked_out(made: ArrayLike, true: ArrayLike, rng: np.random.Generator, *, among: int) -> Bools:
    """Tell whether each rebuilt picture is nearest to its own among some drawn at random.

    By correlation over pixels, after the mean picture is taken off.

    Args:
        made: rebuilt pictures, (rows, values).
        true: the pictures themselves, (rows, values).
        rng: draws the others.
        among: number of pictures, the own one included; rows or fewer.
    """
    real = np.asarray(true, dtype=np.float64)
    centre = real.mean(axis=0)
    rows, wanted = _unit(np.asarray(made) - centre), _unit(real - centre)
    return own_first(rows @ wanted.T, rng, among=among)


def own_first(scores: ArrayLike, rng: np.random.Generator, *, among: int) -> Bools:
    """Tell whether the own column of each row scores above others drawn at random.

    Ties are no success: equal columns tell nothing of the row.

    Args:
        scores: of row and column, (rows, rows).
        rng: draws the other columns.
        among: number of columns, the own one included.
    """
    given = np.asarray(scores, dtype=np.float64)
    count = len(given)
    right = np.empty(count, dtype=np.bool_)
    for row in range(count):
        others = rng.permutation(count - 1)[: among - 1]
        others += others >= row
        right[row] = given[row, row] > given[row, others].max()
    return right


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12))
