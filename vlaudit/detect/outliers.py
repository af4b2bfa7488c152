"""How lonely, how crowded and how out of place each pair is among the others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.target import Matrix

Floats = NDArray[np.float64]
SCALES = (4, 16, 64)
CHUNK = 2048


@dataclass(frozen=True)
class Neighbours:
    """The nearest other rows of each row, nearest first.

    Attributes:
        index: int64 of shape (rows, k).
        distance: Euclidean distances, float32 of shape (rows, k).
    """

    index: NDArray[np.int64]
    distance: Matrix

    def reach(self, k: int) -> Floats:
        """Return the distance of the k-th neighbour of each row (of the last, where fewer)."""
        return self.distance[:, min(k, self.distance.shape[1]) - 1].astype(np.float64)


def neighbours(points: Matrix, k: int) -> Neighbours:
    """Return the exact `k` nearest other rows of unit vectors, in chunks that bound memory.

    A row never is its own neighbour, even among exact copies.

    Raises:
        ValueError: there are fewer than two rows.
    """
    import torch

    if len(points) < 2:
        raise ValueError("one row has no neighbours")
    table = torch.from_numpy(np.ascontiguousarray(points, dtype=np.float32))
    k = min(k, len(points) - 1)
    index = np.empty((len(points), k), dtype=np.int64)
    cosine = np.empty((len(points), k), dtype=np.float32)
    for start in range(0, len(points), CHUNK):
        scores = table[start : start + CHUNK] @ table.T
        here = torch.arange(scores.shape[0])
        scores[here, start + here] = -torch.inf
        best = torch.topk(scores, k, dim=1)
        index[start : start + CHUNK] = best.indices.numpy()
        cosine[start : start + CHUNK] = best.values.numpy()
    return Neighbours(index, np.sqrt(np.maximum(2 - 2 * cosine, 0)))


def log_reach(near: Neighbours, k: int) -> Floats:
    """Return the logarithm of each row's distance to its k-th neighbour (k-dist)."""
    return np.log(near.reach(k) + 1e-6)


def slof(near: Neighbours, k: int) -> Floats:
    """Return the simplified local outlier factor: k-dist over the neighbours' mean k-dist.

    Schubert, Zimek and Kriegel 2014; near 1 within a cluster, above 1 at its edge.
    """
    reach = near.reach(k) + 1e-6
    return np.asarray((reach[:, None] / reach[near.index[:, :k]]).mean(axis=1))


def crowding(near: Neighbours, radius: float = 0.1) -> Floats:
    """Return how many of its nearest rows lie within `radius`: the size of a flood of copies."""
    return np.asarray((near.distance <= radius).sum(axis=1), dtype=np.float64)


def disagreement(near: Neighbours, other: Matrix, k: int = 16) -> Floats:
    """Return how far each row's partner in `other` is from the partners of its neighbours.

    With neighbours among the pictures and `other` the captions' unit vectors, high values are
    captions unlike those of similar pictures: 1 minus the mean cosine.
    """
    near_index = near.index[:, :k]
    centre = np.zeros_like(other)
    for column in range(near_index.shape[1]):
        centre += other[near_index[:, column]]
    fit = np.einsum("ij,ij->i", centre, other) / near_index.shape[1]
    return np.asarray(1 - fit, dtype=np.float64)


def repeats(texts: Sequence[str]) -> Floats:
    """Return how often each text occurs among the texts, ignoring case and outer space."""
    _, inverse, counts = np.unique(
        [text.strip().casefold() for text in texts], return_inverse=True, return_counts=True
    )
    return counts[inverse].astype(np.float64)


def density_evidence(images: Matrix, captions: Matrix, texts: Sequence[str]) -> dict[str, Floats]:
    """Return every density and crowding statistic of the pairs by name, one value a row each.

    `images` and `captions` are unit vectors of equal shape. A detector changes its sign with
    neighbourhood and poison rate, so each is to be read in both tails and at several scales.
    """
    joint = (np.concatenate([images, captions], axis=1) / np.sqrt(2)).astype(np.float32)
    near_images = neighbours(images, SCALES[-1])
    near_joint = neighbours(joint, SCALES[-1])
    near_texts = _text_neighbours(captions)
    evidence = {"caption_disagreement": disagreement(near_images, captions)}
    evidence["picture_disagreement"] = disagreement(near_texts, images)
    for name, near in (("image", near_images), ("joint", near_joint)):
        for k in SCALES:
            evidence[f"{name}_reach_{k}"] = log_reach(near, k)
        evidence[f"{name}_slof"] = slof(near, SCALES[1])
    evidence["caption_flood"] = np.log(repeats(texts)) - log_reach(near_images, SCALES[1])
    evidence["copies"] = crowding(near_images)
    return evidence


def _text_neighbours(captions: Matrix) -> Neighbours:
    """Return the neighbours of captions, with ties among equal captions broken by a fixed jitter.

    Without it every copy of a caption would have the same first few rows for neighbours.
    """
    jitter = np.random.default_rng(0).normal(0, 1e-4, captions.shape).astype(np.float32)
    nudged = captions + jitter
    length = np.linalg.norm(nudged, axis=1, keepdims=True)
    return neighbours((nudged / length).astype(np.float32), SCALES[1])
