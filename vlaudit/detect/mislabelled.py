"""Labels that do not fit their pictures, and how far the features could tell.

Confident learning (Northcutt, Jiang and Chuang 2021) names the doubtful labels. How many there are
is read off where the features are surest: there a right label is hardly ever contradicted, however
weak they are elsewhere, so that a weak model does not accuse the data.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from vlaudit.core.target import Matrix

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]
FOLDS = 5
SHRINKAGE = 0.1


@dataclass(frozen=True)
class Doubts:
    """What features say of each label, learnt without its row.

    Attributes:
        flagged: labels that confident learning doubts, (rows,).
        named: likeliest class, (rows,).
        sureness: its probability, (rows,).
        trust: probability of the given label, (rows,); the lower, the more doubtful.
        agrees: whether the likeliest class is the label, (rows,).
    """

    flagged: Flags
    named: Indices
    sureness: Floats
    trust: Floats
    agrees: Flags

    def among_surest(self, share: float) -> tuple[int, int]:
        """Return contradicted labels and rows among the surest `share` of each class named."""
        order = np.argsort(self.named, kind="stable")
        groups = np.split(order, np.flatnonzero(np.diff(self.named[order])) + 1)
        kept = [
            rows[
                np.argsort(-self.sureness[rows], kind="stable")[: max(round(share * len(rows)), 1)]
            ]
            for rows in groups
        ]
        agrees = self.agrees[np.concatenate(kept)]
        return int((~agrees).sum()), len(agrees)

    def ranked(self) -> list[int]:
        """Return the flagged rows, the most doubtful first."""
        order: list[int] = np.argsort(self.trust, kind="stable").tolist()
        return [row for row in order if self.flagged[row]]


def doubts(probabilities: Floats, labels: Indices) -> Doubts:
    """Return what out-of-sample probabilities (rows, classes) say of labels (rows,).

    A label is doubted when another class reaches its own threshold, the mean probability of that
    class over the rows labelled so, and is the likeliest of those that do.
    """
    rows = np.arange(len(labels))
    classes = probabilities.shape[1]
    counts = np.bincount(labels, minlength=classes)
    own = probabilities[rows, labels]
    threshold = np.bincount(labels, weights=own, minlength=classes) / np.maximum(counts, 1)
    reached = np.where((probabilities >= threshold - 1e-6) & (counts > 0), probabilities, -np.inf)
    confident = reached.argmax(axis=1)
    flagged = np.isfinite(reached.max(axis=1)) & (confident != labels)
    named = probabilities.argmax(axis=1)
    sureness = probabilities[rows, named]
    return Doubts(
        flagged & (named != labels), named.astype(np.int64), sureness, own, named == labels
    )


def crossfitted(
    features: Matrix, labels: Indices, rng: np.random.Generator, *, folds: int = FOLDS
) -> Floats:
    """Return the probability of each class, (rows, classes), learnt from the other folds.

    A linear discriminant on shrunk pooled covariance: it is fitted in closed form, so that a
    million rows take seconds. Probabilities are sharpened or flattened by one temperature, that
    under which they fit the labels best.

    Args:
        features: unit vectors, (rows, dimensions).
        labels: class of each row, (rows,), every class with at least `folds` rows.
        rng: deals the folds, each with its share of every class.
        folds: number of folds.
    """
    classes = int(labels.max()) + 1
    fold = _dealt(labels, folds, rng)
    scores = np.zeros((len(labels), classes))
    for held in range(folds):
        inside = fold != held
        weights, offsets = _discriminant(features[inside], labels[inside], classes)
        scores[~inside] = features[~inside] @ weights + offsets
    return np.asarray(softmax(_temperature(scores, labels) * scores, axis=1))


def _dealt(labels: Indices, folds: int, rng: np.random.Generator) -> Indices:
    """Deal the rows of each class to the folds in turn, in random order."""
    shuffled = rng.permutation(len(labels))
    order = shuffled[np.argsort(labels[shuffled], kind="stable")]
    fold = np.empty(len(labels), dtype=np.int64)
    fold[order] = np.arange(len(labels)) % folds
    return fold


def _discriminant(features: Matrix, labels: Indices, classes: int) -> tuple[Floats, Floats]:
    counts = np.bincount(labels, minlength=classes).astype(np.float64)
    sums = np.zeros((classes, features.shape[1]))
    np.add.at(sums, labels, features)
    means = sums / np.maximum(counts, 1)[:, None]
    wide = features.astype(np.float64)
    within = (wide.T @ wide - (means * counts[:, None]).T @ means) / max(len(labels) - classes, 1)
    level = float(np.trace(within)) / len(within)
    within = (1 - SHRINKAGE) * within + (SHRINKAGE * level + 1e-9) * np.eye(len(within))
    weights = np.linalg.solve(within, means.T)
    prior = np.log(np.maximum(counts, 1e-9) / counts.sum())
    offsets = prior - 0.5 * np.einsum("kd,dk->k", means, weights)
    return np.asarray(weights, np.float64), np.asarray(offsets, np.float64)


def _temperature(scores: Floats, labels: Indices) -> float:
    """Return the factor on scores under which the labels are likeliest."""
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    some = scores[:: max(len(scores) // 5000, 1)]
    told = labels[:: max(len(scores) // 5000, 1)]
    rows = np.arange(len(some))

    def loss(log_factor: float) -> float:
        return -float(log_softmax(np.exp(log_factor) * some, axis=1)[rows, told].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-6, 3), method="bounded").x))


def relabelled(
    labels: Indices, rng: np.random.Generator, *, share: float
) -> tuple[Indices, Indices]:
    """Return labels of which a share was changed to that of another row, and the changed rows."""
    chosen = np.sort(rng.choice(len(labels), max(round(share * len(labels)), 1), replace=False))
    changed = labels.copy()
    for row in chosen.tolist():
        others = labels[labels != labels[row]]
        changed[row] = others[int(rng.integers(len(others)))]
    return changed, chosen


def public(label: str) -> str:
    """Return a label in quotation marks if it is in small letters alone, and may not be a name."""
    words = label.replace("_", " ").replace("-", " ").split()
    plain = all(word.isalpha() and word == word.lower() for word in words)
    return f"'{label}'" if plain else "something else"
