"""Streaks of something that moved while the shutter was open."""

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float64]


def streaked(picture: Plane, *, radius: int, sigma: float, angle: float) -> Plane:
    """Return a picture smeared along one direction, edges carried on; (height, width[, 3]).

    Weights fall off along the streak as half of a Gaussian of `sigma` pixels over `2 radius + 1`
    steps; steps beyond the picture's own size are left out, as in imagecorruptions.

    Args:
        picture: what is smeared.
        radius: half the length of the streak in pixels.
        sigma: width of the fall-off in pixels.
        angle: direction in degrees.
    """
    steps = np.arange(2 * radius + 1)
    weights = np.exp(-np.square(steps) / (2 * sigma**2))
    weights /= weights.sum()
    turn = np.deg2rad(angle)
    down = np.ceil(steps * np.sin(turn) - 0.5).astype(np.int64)
    right = np.ceil(steps * np.cos(turn) - 0.5).astype(np.int64)
    height, width = picture.shape[:2]
    outside = (np.abs(down) >= height) | (np.abs(right) >= width)
    last = int(outside.argmax()) if outside.any() else steps.size
    reach = max(int(np.abs(down[:last]).max()), int(np.abs(right[:last]).max()))
    frame = [(reach, reach), (reach, reach)] + [(0, 0)] * (picture.ndim - 2)
    padded = np.pad(picture.astype(np.float32), frame, mode="edge")
    smeared = np.zeros(picture.shape, dtype=np.float32)
    for weight, y, x in zip(weights[:last].astype(np.float32), down, right, strict=False):
        top, left = reach + int(y), reach + int(x)
        smeared += weight * padded[top : top + height, left : left + width]
    return smeared.astype(np.float64)
