"""Noise of ImageNet-C (Hendrycks and Dietterich 2019): of the sensor, of photons, of transport."""

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float64]


def gaussian_noise(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Add noise that is the same in the dark and in the light."""
    spread = (0.08, 0.12, 0.18, 0.26, 0.38)[severity - 1]
    return picture + rng.normal(size=picture.shape, scale=spread)


def shot_noise(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Count photons, of which there are few."""
    photons = (60, 25, 12, 5, 3)[severity - 1]
    return np.asarray(rng.poisson(picture * photons) / photons)


def impulse_noise(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Set some values to the lowest or the highest."""
    share = (0.03, 0.06, 0.09, 0.17, 0.27)[severity - 1]
    hit = rng.random(picture.shape) <= share
    high = rng.random(picture.shape) <= 0.5
    return np.where(hit, high.astype(np.float64), picture)


def speckle_noise(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Add noise that grows with the light."""
    spread = (0.15, 0.2, 0.35, 0.45, 0.6)[severity - 1]
    return picture + picture * rng.normal(size=picture.shape, scale=spread)
