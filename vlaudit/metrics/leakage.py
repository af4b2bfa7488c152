"""How well words tell the group of the person shown, beside groups dealt at random.

A ridge classifier that is trained on all other people names the group of each row. Its errors
without a person follow from one fit to all rows, so that a thousand random exchanges of the groups
cost a matrix product.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int16]
Strata = NDArray[np.intp]

PENALTY, AT_ONCE = 1.0, 20_000_000


def smoother(features: ArrayLike, clusters: Strata) -> tuple[Floats, list[NDArray[np.intp]]]:
    """Return the ridge smoother of rows, (rows, rows), and the rows of every cluster.

    Args:
        features: one row a text, (rows, words).
        clusters: cluster of each row, (rows,).
    """
    rows = np.asarray(features, dtype=np.float64)
    rows = rows - rows.mean(axis=0)
    kernel = rows @ rows.T
    scale = max(float(np.trace(kernel)) / len(rows), 1e-12)
    kernel = kernel / scale + 1.0
    hat = np.linalg.solve(kernel + PENALTY * np.eye(len(rows)), kernel)
    order = np.argsort(clusters, kind="stable")
    begins = np.flatnonzero(np.diff(clusters[order])) + 1
    return np.asarray((hat + hat.T) / 2), np.split(order, begins)


def told(
    hat: Floats, clusters: list[NDArray[np.intp]], codes: Codes, *, groups: int
) -> NDArray[np.intp]:
    """Return the group that each row is named by a classifier trained without its cluster.

    Groups weigh the same, however many rows they have.

    Args:
        hat: the smoother, (rows, rows).
        clusters: rows of every cluster.
        codes: group of each row, (draws, rows).
        groups: number of groups.

    Returns:
        Groups of shape (draws, rows).
    """
    member = (codes[:, :, None] == np.arange(groups)).astype(np.float64)
    share = np.maximum(member.mean(axis=1, keepdims=True), 1e-12)
    wanted = (member / share).transpose(1, 0, 2).reshape(codes.shape[1], -1)
    off = wanted - hat @ wanted
    alone = np.array([rows[0] for rows in clusters if rows.size == 1], dtype=np.intp)
    off[alone] /= 1 - hat[alone, alone][:, None]
    for rows in clusters:
        if rows.size > 1:
            off[rows] = np.linalg.solve(np.eye(rows.size) - hat[np.ix_(rows, rows)], off[rows])
    scores = (wanted - off).reshape(codes.shape[1], codes.shape[0], groups)
    return np.asarray(scores.argmax(axis=2).T)


def balanced_accuracy(
    features: ArrayLike, codes: Codes, clusters: Strata, *, groups: int
) -> Floats:
    """Return the mean over groups of the share of their rows that is named right, (draws,).

    Args:
        features: one row a text, (rows, words).
        codes: group of each row, the true one or a random exchange, (draws, rows).
        clusters: person of each row, (rows,).
        groups: number of groups.
    """
    hat, blocks = smoother(features, clusters)
    at_once = max(1, AT_ONCE // (codes.shape[1] * groups))
    found: list[Floats] = []
    for start in range(0, len(codes), at_once):
        part = codes[start : start + at_once]
        right = told(hat, blocks, part, groups=groups) == part
        member = part[:, :, None] == np.arange(groups)
        of_group = (right[:, :, None] & member).sum(axis=1) / np.maximum(member.sum(axis=1), 1)
        found.append(of_group.mean(axis=1))
    return np.concatenate(found)


@dataclass(frozen=True)
class Reader:
    """Works out how well words tell groups, for the true groups and random exchanges of them.

    Attributes:
        features: which words each text uses, (rows, words).
        clusters: person of each row, (rows,).
    """

    features: NDArray[np.bool_]
    clusters: Strata

    def __call__(self, rows: Strata, dealt: Codes) -> Floats:
        """Return the balanced accuracy of `rows` whose groups are `dealt`, (draws, rows)."""
        groups, words = int(dealt.max()) + 1, self.features[rows]
        if words.shape[1] == 0:
            return np.full(len(dealt), 1 / groups)
        return balanced_accuracy(words, dealt, self.clusters[rows], groups=groups)
