"""Coherent slices of pictures on which a classifier fails, found without group labels.

After Domino (Eyuboglu et al. 2022): clusters of embeddings that know of errors. Here errors are
used in one half of the rows only, to find clusters; the other half is assigned by embedding
alone, so that a cluster found by chance shows no more errors there than elsewhere. Embeddings
lose what tells the classes apart beforehand: pictures that were taken for another class look
like it, which is what being wrong means and names no slice.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

AXES, ROWS_A_CLUSTER, MOST_CLUSTERS, WEIGHT = 16, 40, 20, 2.0


def beside_classes(images: ArrayLike, classes: ArrayLike, labels: Ints) -> Floats:
    """Return what the embeddings show besides their class, float64 of shape (rows, dimensions).

    The axes along which the class texts differ are taken out, the strongest half of all axes at
    most, and then the mean of each label.

    Args:
        images: embeddings of the rows, (rows, dimensions).
        classes: embeddings of the class texts, (classes, dimensions).
        labels: class of each row, (rows,).
    """
    rows, texts = np.asarray(images, np.float64), np.asarray(classes, np.float64)
    _, strength, axes = np.linalg.svd(texts - texts.mean(axis=0), full_matrices=False)
    kept = axes[strength > 1e-6 * max(strength[0], 1e-12)][: texts.shape[1] // 2]
    rest = rows - (rows @ kept.T) @ kept
    sums = np.zeros((texts.shape[0], texts.shape[1]))
    np.add.at(sums, labels, rest)
    counts = np.maximum(np.bincount(labels, minlength=len(texts)), 1)
    return np.asarray(rest - (sums / counts[:, None])[labels])


def halves(
    people: Ints, *, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the half of the rows to look in, and the rows of the other half to test on.

    All pictures of a person lie in one half, and one of each is tested on: several that share a
    cause would make one odd person a slice.

    Args:
        people: person of each row, (rows,).
        rng: source of the draws.
    """
    order = rng.permutation(people.size)
    names, first = np.unique(people[order], return_index=True)
    chosen = names[rng.permutation(names.size)[: names.size // 2]]
    half, tested = np.isin(people, chosen), np.zeros(people.size, dtype=np.bool_)
    tested[order[first]] = True
    return half, tested & ~half


def find_clusters(
    embeddings: Floats, wrong: NDArray[np.bool_], half: NDArray[np.bool_], *, seed: int
) -> Ints:
    """Return the cluster of each row, (rows,).

    Args:
        embeddings: one row a picture, (rows, dimensions).
        wrong: whether each is called wrong, (rows,); looked at within `half` only.
        half: the rows that clusters are found in, (rows,).
        seed: seed of the clustering.
    """
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA
    from threadpoolctl import threadpool_limits

    axes = min(AXES, embeddings.shape[1], int(half.sum()) - 1)
    count = int(np.clip(half.sum() // ROWS_A_CLUSTER, 2, MOST_CLUSTERS))
    # The order in which several threads add up would show in the last digits.
    with threadpool_limits(1):
        reduced = PCA(axes, svd_solver="full").fit(embeddings[half]).transform(embeddings)
        reduced /= max(float(reduced[half, 0].std()), 1e-12)
        told = np.column_stack([reduced[half], WEIGHT * wrong[half]])
        found = KMeans(count, n_init="auto", init="random", random_state=seed).fit(told)
        centres = found.cluster_centers_[:, :-1]
        distance = np.square(centres).sum(axis=1) - 2 * reduced @ centres.T
    return np.asarray(distance.argmin(axis=1))


@dataclass(frozen=True)
class Tallies:
    """A cluster against all other rows, by class, each int64 of shape (2, classes)."""

    right: NDArray[np.int64]
    rows: NDArray[np.int64]

    @property
    def mistakes(self) -> int:
        """Rows of the cluster that are called wrong."""
        return int((self.rows[0] - self.right[0]).sum())

    @property
    def excess(self) -> float:
        """Share called wrong in the cluster, less that of the others at the cluster's classes."""
        own, others = self.rows
        shared = (own > 0) & (others > 0)
        if not shared.any():
            return 0.0
        weights = own[shared]
        apart = self.right[1, shared] / others[shared] - self.right[0, shared] / own[shared]
        return float(np.average(apart, weights=weights))


def against_rest(
    inside: NDArray[np.bool_], right: NDArray[np.bool_], labels: Ints, *, classes: int
) -> Tallies:
    """Count rows and right answers within a cluster and outside of it, by class."""
    sides = (inside, ~inside)
    return Tallies(
        np.stack([np.bincount(labels[side & right], minlength=classes) for side in sides]),
        np.stack([np.bincount(labels[side], minlength=classes) for side in sides]),
    )


def nearest_words(direction: Floats, words: ArrayLike, *, count: int) -> list[int]:
    """Return the indices of the words that lie farthest along a direction.

    Args:
        direction: mean embedding of a slice less that of other rows, (dimensions,).
        words: embeddings of the words, (words, dimensions).
        count: number of words.
    """
    texts = np.asarray(words, dtype=np.float64)
    along = (texts - texts.mean(axis=0)) @ direction
    return [int(index) for index in np.argsort(-along, kind="stable")[:count]]
