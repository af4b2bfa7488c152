"""Faint patterns over whole pictures that rows of a group share: blended and wave triggers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.target import Matrix
from vlaudit.detect.association import excess

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Whitener:
    """Takes away what pictures have in common: their mean and their spectrum.

    In whitened pixels natural content is about white noise, so that the mean of unrelated pictures
    tends to nothing and a shared pattern stays.

    Attributes:
        mean: mean luminance, float32 of shape (side, side).
        gain: one over the root of the power at each frequency, damped where there is next to none,
            float32 of shape (side, side // 2 + 1).
    """

    mean: Floats
    gain: Floats

    @classmethod
    def fitted(cls, pictures: Pixels) -> "Whitener":
        """Return the whitener of these pictures, uint8 of shape (rows, side, side, 3)."""
        light = pictures.mean(axis=-1, dtype=np.float32)
        mean = light.mean(axis=0)
        power = (np.abs(np.fft.rfft2(light - mean)) ** 2).mean(axis=0)
        return cls(mean, np.asarray(1 / np.sqrt(power + power.mean()), dtype=np.float32))

    def __call__(self, pictures: Pixels) -> Floats:
        """Return whitened luminance, unit vectors of shape (rows, side * side)."""
        light = pictures.mean(axis=-1, dtype=np.float32) - self.mean
        white = np.fft.irfft2(np.fft.rfft2(light) * self.gain, s=light.shape[1:])
        flat = white.reshape(len(pictures), -1).astype(np.float32)
        return np.asarray(flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-9))


@dataclass(frozen=True)
class Pattern:
    """Rows that share a pattern over the whole picture.

    Attributes:
        rows: the carriers, int64 of shape (members,).
        score: how clearly they stand out from the other pictures, in nats.
    """

    rows: Indices
    score: float


def shared_pattern(
    white: Floats, outside: Floats, group: Indices, features: Matrix, *, support: int = 6
) -> Pattern | None:
    """Return the carriers of the pattern that stands out most in the group, or None.

    `white` are the group's whitened pictures and `features` its embeddings, row for row; `outside`
    are whitened pictures of other groups. Carriers are sought from four beginnings: all rows, the
    smaller of two clusters of embeddings (Chen and others 2018), and both ends of the first
    principal direction of the pixels (Tran and others 2018).
    """
    best: Pattern | None = None
    for start in _beginnings(white, features):
        carriers = start
        for _ in range(3):
            if carriers.sum() < support:
                break
            carriers = _carriers(white, white[carriers].mean(axis=0), carriers)
        found = _judged(white, outside, group, carriers, support)
        if found is not None and (best is None or found.score > best.score):
            best = found
    return best


def _beginnings(white: Floats, features: Matrix) -> list[NDArray[np.bool_]]:
    from sklearn.cluster import KMeans

    starts = [np.ones(len(white), dtype=np.bool_)]
    halves = np.asarray(KMeans(2, random_state=0).fit_predict(features))
    starts.append(halves == np.bincount(halves, minlength=2).argmin())
    first = _first_direction(white @ white.T)
    starts.append(first > np.quantile(first, 0.8))
    starts.append(first < np.quantile(first, 0.2))
    return starts


def _first_direction(gram: Floats) -> Floats:
    """Return the rows' parts in the first principal direction, by power iteration."""
    centred = gram - gram.mean(axis=0) - gram.mean(axis=1, keepdims=True) + gram.mean()
    vector = np.random.default_rng(0).normal(size=len(gram)).astype(np.float32)
    for _ in range(30):
        vector = centred @ vector
        vector /= np.linalg.norm(vector) + 1e-12
    return np.asarray(vector, dtype=np.float32)


def _carriers(white: Floats, template: Floats, members: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the rows in the upper of two clusters of agreement with the template.

    A row's own part of the template is taken out of its agreement.
    """
    count = int(members.sum())
    agreement = white @ template - members / count
    low, high = float(agreement.min()), float(agreement.max())
    for _ in range(20):
        middle = (low + high) / 2
        upper = agreement > middle
        if not upper.any() or upper.all():
            break
        low, high = float(agreement[~upper].mean()), float(agreement[upper].mean())
    return np.asarray(agreement > (low + high) / 2)


def _judged(
    white: Floats, outside: Floats, group: Indices, carriers: NDArray[np.bool_], support: int
) -> Pattern | None:
    """Hold each half of the carriers against the template of the other half."""
    rows = np.flatnonzero(carriers)
    if len(rows) < support:
        return None
    halves = (rows[::2], rows[1::2])
    hits = beyond = 0
    for mine, other in (halves, halves[::-1]):
        template = white[other].mean(axis=0)
        strange = outside @ template
        level = np.quantile(strange, 0.99)
        hits += int((white[mine] @ template > level).sum())
        beyond += int((strange > level).sum())
    score = float(excess(hits, len(group), beyond / 2, len(outside)))
    return Pattern(group[rows], score) if score > 4 else None
