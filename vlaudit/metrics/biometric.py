"""How well a model tells people apart: by attributes that it can name or that can be read out."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import rankdata

from vlaudit.core.dataset import Dataset
from vlaudit.core.target import Matrix

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]
FOLDS = 5
SIDE, BATCH = 8, 128


def read_out(
    seen: Matrix, codes: Ints, rng: np.random.Generator, *, people: Sequence[str] | None = None
) -> Ints:
    """Return the group of each row as a linear classifier that never saw it reads it.

    Where people are told, it never saw the person either: who is known needs no reading.

    Args:
        seen: embeddings, (rows, dimensions).
        codes: index of each row's group, (rows,); each group has five rows or more.
        rng: draws the folds.
        people: whose picture each is; that of nobody in particular is told by a name of its own.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold

    said = np.empty_like(codes)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=int(rng.integers(2**31)))
    scale = max(float(seen.std()), 1e-9)
    whose = np.arange(len(codes)) if people is None else np.unique(people, return_inverse=True)[1]
    for kept, held in folds.split(seen, codes, whose):
        fitted = LogisticRegression(C=0.1, max_iter=200, class_weight="balanced")
        said[held] = fitted.fit(seen[kept] / scale, codes[kept]).predict(seen[held] / scale)
    return said


def coded(
    values: Sequence[str | None], *, fewest: int, most: int
) -> tuple[list[str], Ints, Ints] | None:
    """Return the groups that have enough rows, their rows, and the index of the group of each.

    None where fewer than two groups, or more than `most`, have `fewest` rows; five at least, as
    many as there are folds.
    """
    counts = Counter(filter(None, values))
    names = sorted(name for name, count in counts.items() if count >= max(fewest, FOLDS))
    if not 2 <= len(names) <= most:
        return None
    index = {name: code for code, name in enumerate(names)}
    kept = [(row, index[value]) for row, value in enumerate(values) if value and value in index]
    rows, codes = np.array(kept, dtype=np.intp).T
    return names, rows, codes


def thumbnails(pictures: Sequence[Image.Image], side: int = SIDE) -> Floats:
    """Return RGB pictures as copies of few pixels in [0, 1], (pictures, 3 side^2)."""
    small = [one.resize((side, side), Image.Resampling.BOX) for one in pictures]
    return np.stack([np.asarray(one, dtype=np.float64).ravel() / 255 for one in small])


def small_copies(data: Dataset, *, side: int = SIDE) -> Floats:
    """Return the pictures of a dataset as copies of few pixels around 0, (rows, values)."""
    starts = range(0, len(data), BATCH)
    whole = np.concatenate(
        [thumbnails(data.images(range(at, min(at + BATCH, len(data)))), side) for at in starts]
    )
    return np.asarray(whole - whole.mean(axis=0))


def recognised(seen: Matrix | Floats, people: Sequence[str]) -> Floats:
    """Return for each person the chance that two of their pictures are closer than one of another.

    Over the pictures of people with at least two; distances between picture and picture.

    Args:
        seen: one vector a picture, (pictures, dimensions).
        people: whose picture each is.
    """
    unit = np.asarray(seen, dtype=np.float64)
    unit = unit / np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-12)
    near = unit @ unit.T
    _, codes = np.unique(np.asarray(people), return_inverse=True)
    same = codes[:, None] == codes[None]
    np.fill_diagonal(same, False)
    chances: list[float] = []
    for person in range(int(codes.max()) + 1):
        mine = np.flatnonzero(codes == person)
        pairs, strange = near[mine][same[mine]], near[mine][:, codes != person].ravel()
        if pairs.size and strange.size:
            ranks = rankdata(np.concatenate([pairs, strange]))[: pairs.size]
            below = float(ranks.sum()) - pairs.size * (pairs.size + 1) / 2
            chances.append(below / (pairs.size * strange.size))
    return np.array(chances)
