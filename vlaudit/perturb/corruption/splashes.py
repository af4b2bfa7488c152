"""Drops of water and mud on the lens."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import (
    binary_propagation,
    correlate,
    distance_transform_edt,
    sobel,
    uniform_filter,
)

from vlaudit.perturb.corruption.blur import smoothed

Plane = NDArray[np.float64]
WATER, MUD = np.array([175.0, 238.0, 238.0]) / 255, np.array([63.0, 42.0, 20.0]) / 255
RELIEF = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])


def spatter(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Splash water on the lens, or mud from severity 4 on."""
    mean, spread, size, least, strength = (
        (0.65, 0.3, 4, 0.69, 0.6),
        (0.65, 0.3, 3, 0.68, 0.6),
        (0.65, 0.3, 2, 0.68, 0.5),
        (0.65, 0.3, 1, 0.65, 1.5),
        (0.67, 0.4, 1, 0.65, 1.5),
    )[severity - 1]
    drawn = rng.normal(size=picture.shape[:2], loc=mean, scale=spread)
    liquid = smoothed(drawn, size * scale)
    liquid[liquid < least] = 0
    if severity < 4:
        drops = _drops(np.floor(liquid * 255), 20 * scale)
        return picture + strength * (drops / max(float(drops.max()), 1e-9))[..., None] * WATER
    mud = smoothed((liquid > least).astype(np.float64), strength * scale)
    mud = np.where(mud < 0.8, 0.0, mud)[..., None]
    return picture * (1 - mud) + mud * MUD


def _drops(liquid: Plane, reach: float) -> Plane:
    """Return how light falls on drops: shaded by the distance from their outline."""
    edges = _outlines(liquid)
    if not edges.any():
        return np.zeros_like(liquid)
    distance = np.minimum(np.asarray(distance_transform_edt(~edges)), reach)
    levels = np.round(uniform_filter(distance, 3, mode="mirror")).astype(np.int64)
    counts = np.bincount(levels.ravel(), minlength=256).cumsum()
    first = counts[counts > 0][0]
    even = np.round(255 * (counts - first) / max(int(counts[-1] - first), 1))
    relief = np.clip(correlate(even[levels], RELIEF, mode="mirror"), 0, 255)
    return np.asarray(liquid * np.round(uniform_filter(relief, 3, mode="mirror")))


def _outlines(liquid: Plane, low: float = 50, high: float = 150) -> NDArray[np.bool_]:
    """Return the edges of a picture of 256 levels after Canny (1986)."""
    across, along = sobel(liquid, axis=1, mode="nearest"), sobel(liquid, axis=0, mode="nearest")
    strength = np.abs(across) + np.abs(along)
    turn = np.round(np.arctan2(along, across) / (np.pi / 4)).astype(np.int64) % 4
    around = np.pad(strength, 1)
    height, width = strength.shape
    highest = np.zeros(strength.shape, dtype=np.bool_)
    for direction, (y, x) in enumerate(((0, 1), (1, 1), (1, 0), (1, -1))):
        ahead = around[1 + y : 1 + y + height, 1 + x : 1 + x + width]
        behind = around[1 - y : 1 - y + height, 1 - x : 1 - x + width]
        highest |= (turn == direction) & (strength > behind) & (strength >= ahead)
    ridge = highest & (strength > low)
    return np.asarray(
        binary_propagation(
            ridge & (strength > high), mask=ridge, structure=np.ones((3, 3), dtype=np.bool_)
        )
    )
