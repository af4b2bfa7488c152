"""Whether two pictures are one shot: what of one the other does not explain, place by place.

The second picture is fitted by the first one in other brightness and contrast, a little moved,
stretched or cropped. A copy leaves noise; another thing of the same kind leaves whole places.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
SIDE = 64
BLOCKS = 8
LEVELS = (16, 32, 64)
NOISE = 5.0
FARTHEST = 0.25
GAINS = (0.55, 1.8)
BRIGHTER = 60.0
WHITE = 250.0
AT_ONCE = 64


@dataclass(frozen=True)
class Likeness:
    """How unlike pairs of pictures are after one was fitted to the other.

    Attributes:
        unexplained: share of the second picture's variance that the first does not explain.
        worst: the same for that of 8 x 8 places where it is largest, 1 where nothing is.
        possible: whether the fit is a plausible change of one shot.
    """

    unexplained: Floats
    worst: Floats
    possible: NDArray[np.bool_]


def likeness(first: Pixels, second: Pixels) -> Likeness:
    """Compare pictures pair by pair, uint8 of shape (pairs, side, side, 3) each.

    `side` is one of LEVELS; each level down to 16 is fitted before (Lucas and Kanade 1981).
    """
    parts = [
        _compared(first[at : at + AT_ONCE], second[at : at + AT_ONCE])
        for at in range(0, len(first), AT_ONCE)
    ]
    if not parts:
        empty = np.zeros(0, dtype=np.float32)
        return Likeness(empty, empty, np.zeros(0, dtype=np.bool_))
    return Likeness(
        np.concatenate([part.unexplained for part in parts]),
        np.concatenate([part.worst for part in parts]),
        np.concatenate([part.possible for part in parts]),
    )


def _compared(first: Pixels, second: Pixels) -> Likeness:
    first, second = _darker_first(first, second)
    moved = np.zeros((len(first), 4), dtype=np.float32)
    levels = [level for level in LEVELS if level <= first.shape[1]]
    fits = []
    for level in levels:
        target = _reduced(second, level)
        fits.append(_fitted(_warped(_reduced(first, level), moved), target))
        moved = np.clip(moved + fits[-1].step, -2 * FARTHEST, 2 * FARTHEST)
    gain, left = fits[-1].gain, fits[-1].left
    brighter = np.abs(first.mean(axis=(1, 2)) - second.mean(axis=(1, 2))).max(axis=1)
    possible = (gain > GAINS[0]) & (gain < GAINS[1]) & (brighter < BRIGHTER)
    possible &= np.abs(moved).max(axis=1) < FARTHEST
    return Likeness(*_shares(left, _reduced(second, levels[-1])), possible)


def _darker_first(first: Pixels, second: Pixels) -> tuple[Pixels, Pixels]:
    """Put the darker picture first: what is white in the brighter one can be told from it."""
    swap = (first.mean(axis=(1, 2, 3)) > second.mean(axis=(1, 2, 3)))[:, None, None, None]
    return np.where(swap, second, first), np.where(swap, first, second)


def _shares(left: Floats, target: Floats) -> tuple[Floats, Floats]:
    """Return the unexplained share of the variance, and the largest one of any place."""
    margin = target.shape[1] // 16
    inner = slice(margin, target.shape[1] - margin)
    inside, shown = left[:, inner, inner], target[:, inner, inner]
    around = shown - shown.mean(axis=(1, 2), keepdims=True)
    spread, rest = (np.square(part).mean(axis=(1, 2, 3)) for part in (around, inside))
    whole = rest / (spread + NOISE**2)
    # What is left is smoothed over, as the noise of compression is no difference of content.
    places = np.square(_places(inside)).mean(axis=-1)
    local = (_places(np.square(shown)) - np.square(_places(shown))).mean(axis=-1)
    local = np.maximum(local, 0) + spread[:, None, None] / 4
    worst = (places / (local + NOISE**2)).max(axis=(1, 2))
    return np.asarray(whole, dtype=np.float32), np.asarray(worst, dtype=np.float32)


def _places(values: Floats) -> Floats:
    """Return the means over BLOCKS x BLOCKS places."""
    side = values.shape[1] // BLOCKS * BLOCKS
    edge = (values.shape[1] - side) // 2
    inner = values[:, edge : edge + side, edge : edge + side]
    step = side // BLOCKS
    return np.asarray(inner.reshape(-1, BLOCKS, step, BLOCKS, step, 3).mean(axis=(2, 4)))


def _reduced(pictures: Pixels, level: int) -> Floats:
    step = pictures.shape[1] // level
    tiled = pictures.reshape(-1, level, step, level, step, 3)
    return np.asarray(tiled.mean(axis=(2, 4), dtype=np.float32))


@dataclass(frozen=True)
class _Fit:
    """Contrast (pairs,), movement (pairs, 4) and what is left of the fitted pictures."""

    gain: Floats
    step: Floats
    left: Floats


def _fitted(source: Floats, target: Floats) -> _Fit:
    """Fit `target` by least squares where it is not white, in colours that stay within range."""
    count, side = source.shape[:2]
    across = np.linspace(-1, 1, side, dtype=np.float32)
    down, right = np.gradient(source, 2 / side, axis=(1, 2))
    x, y = across[None, None, :, None], across[None, :, None, None]
    terms = [np.ones_like(source), source, right, down, x * right, y * down]
    design = np.stack(terms, axis=-1)
    margin = max(side // 16, 1)
    inner = slice(margin, side - margin)
    dark = (target[:, inner, inner] < WHITE).reshape(count, -1, 1)
    seen = design[:, inner, inner].reshape(count, -1, len(terms)) * dark.astype(np.float64)
    wanted = target[:, inner, inner].reshape(count, -1) * dark[..., 0].astype(np.float64)
    gram = np.einsum("pni,pnj->pij", seen, seen, optimize=True)
    scale = np.sqrt(np.einsum("pii->pi", gram)) + 1e-6
    gram = gram / scale[:, :, None] / scale[:, None, :] + 1e-6 * np.eye(len(terms))
    sides = np.einsum("pni,pn->pi", seen, wanted) / scale
    found = np.linalg.solve(gram, sides[..., None])[..., 0] / scale
    told = np.einsum("pyxci,pi->pyxc", design, found.astype(np.float32), optimize=True)
    gain = found[:, 1]
    step = found[:, 2:] / np.where(np.abs(gain) < 0.1, 0.1, gain)[:, None]
    left = target - told.clip(0, 255)
    return _Fit(gain.astype(np.float32), step.astype(np.float32), left)


def _warped(pictures: Floats, moved: Floats) -> Floats:
    """Return pictures sampled at places that are moved and stretched, bilinearly."""
    if not moved.any():
        return pictures
    count, side = pictures.shape[:2]
    across = np.linspace(-1, 1, side, dtype=np.float32)
    shift_x, shift_y, wider, higher = (part[:, None] for part in moved.T)
    x = ((across + shift_x + wider * across + 1) / 2 * (side - 1)).clip(0, side - 1)
    y = ((across + shift_y + higher * across + 1) / 2 * (side - 1)).clip(0, side - 1)
    x0, y0 = (np.minimum(part.astype(np.intp), side - 2) for part in (x, y))
    fx, fy = (x - x0)[:, None, :, None], (y - y0)[:, :, None, None]
    rows = np.arange(count)[:, None, None]
    y0, x0 = y0[:, :, None], x0[:, None, :]
    top = pictures[rows, y0, x0] * (1 - fx) + pictures[rows, y0, x0 + 1] * fx
    bottom = pictures[rows, y0 + 1, x0] * (1 - fx) + pictures[rows, y0 + 1, x0 + 1] * fx
    return np.asarray(top * (1 - fy) + bottom * fy, dtype=np.float32)
