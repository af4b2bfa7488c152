"""Clouds drawn by midpoint displacement (the diamond-square algorithm)."""

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float64]


def plasma(side: int, decay: float, rng: np.random.Generator) -> Plane:
    """Return a height map from 0 to 1 that repeats at its edges, (side, side).

    Args:
        side: a power of two.
        decay: by how much displacements fall from one octave to the next; more is smoother.
        rng: source of the displacements.
    """
    map_ = np.zeros((side, side))
    step, reach = side, 100.0
    while step >= 2:
        half = step // 2

        def displaced(total: Plane, reach: float = reach) -> Plane:
            return total / 4 + reach * rng.uniform(-reach, reach, total.shape)

        corners = map_[::step, ::step]
        rows = corners + np.roll(corners, -1, axis=0)
        map_[half::step, half::step] = displaced(rows + np.roll(rows, -1, axis=1))
        centres = map_[half::step, half::step]
        beside = corners + np.roll(corners, -1, axis=1)
        map_[::step, half::step] = displaced(centres + np.roll(centres, 1, axis=0) + beside)
        above = corners + np.roll(corners, -1, axis=0)
        map_[half::step, ::step] = displaced(centres + np.roll(centres, 1, axis=1) + above)
        step, reach = half, reach / decay
    lifted = map_ - map_.min()
    return np.asarray(lifted / max(float(lifted.max()), 1e-12))


def power_of_two(size: int) -> int:
    """Return the smallest power of two that is no smaller."""
    return 1 << max(size - 1, 0).bit_length()
