"""Scores by which an attacker tells rows that a model was trained on from rows that it was not.

In every one the members should score higher.
"""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def contrast(own: ArrayLike, of_image: ArrayLike, of_text: ArrayLike) -> Floats:
    """Return how much better a picture and its caption fit than either fits strangers.

    Args:
        own: score of each pair, (rows,).
        of_image: scores of each picture against captions of others, (rows, captions).
        of_text: scores of each caption against pictures of others, (rows, pictures).
    """
    pair = np.asarray(own, dtype=np.float64)
    sides = [np.asarray(side, dtype=np.float64) for side in (of_image, of_text)]
    gains = [(pair - side.mean(axis=1)) / np.maximum(side.std(axis=1), 1e-9) for side in sides]
    return np.asarray((gains[0] + gains[1]) / 2)


def augmented(own: ArrayLike, of_changed: ArrayLike) -> Floats:
    """Return the score of each pair and its mean drop when the picture is changed a little.

    Both in standard deviations over the rows, added up (after Ko et al. 2023).

    Args:
        own: score of each pair, (rows,).
        of_changed: scores of the captions with changed pictures, (rows, changes).
    """
    pair = np.asarray(own, dtype=np.float64)
    drop = pair - np.asarray(of_changed, dtype=np.float64).mean(axis=1)
    return standardised(pair) + standardised(drop)


def calibrated(own: ArrayLike, reference: ArrayLike) -> Floats:
    """Return the scores less those of a model that never saw the rows (Watson et al. 2022).

    Both in standard deviations over the rows, as no two models have the same scale.

    Args:
        own: score of each row under the model, (rows,).
        reference: score of each row under the other, (rows,).
    """
    return standardised(own) - standardised(reference)


def standardised(values: ArrayLike) -> Floats:
    """Return values in standard deviations from their mean; zeros where all are the same."""
    given = np.asarray(values, dtype=np.float64)
    spread = float(given.std())
    return (given - given.mean()) / spread if spread > 0 else np.zeros_like(given)


def mean_likelihood(tokens: Sequence[ArrayLike]) -> Floats:
    """Return the mean log-likelihood per token of each text, (texts,)."""
    return np.array([float(np.asarray(text, dtype=np.float64).mean()) for text in tokens])


def least_likely(tokens: Sequence[ArrayLike], *, share: float = 0.2) -> Floats:
    """Return the mean log-likelihood of the `share` least likely tokens (Shi et al. 2024)."""
    return np.array([_lowest(np.asarray(text, dtype=np.float64), share) for text in tokens])


def _lowest(text: Floats, share: float) -> float:
    count = max(1, round(share * text.size))
    return float(np.partition(text, count - 1)[:count].mean())


def per_compressed_byte(tokens: Sequence[ArrayLike], texts: Sequence[str]) -> Floats:
    """Return log-likelihood by size when compressed, zlib (Carlini et al. 2021), (texts,)."""
    sizes = np.array([len(zlib.compress(text.encode())) for text in texts], dtype=np.float64)
    return np.array([float(np.asarray(text, dtype=np.float64).sum()) for text in tokens]) / sizes
