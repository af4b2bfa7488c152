"""Trouble that ImageNet-C leaves out: little light, covered parts, tilt, few pixels, odd light."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.float64]
WELL, READ = 4000.0, 3.0  # electrons of a small pixel at full exposure, and noise of its readout
OCCLUDED = (0.05, 0.10, 0.25, 0.35, 0.50)
DEGREES = (5, 10, 20, 45, 90)
SHRUNK = (2, 3, 4, 6, 8)


def low_light(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Expose by as many stops too little as the severity says, with noise of photons and sensor.

    A severity of 3 is -3 EV: an eighth of the light.
    """
    light = _linear(picture) * 2.0**-severity
    electrons = rng.poisson(light * WELL) + rng.normal(size=picture.shape, scale=READ)
    return _encoded(np.clip(electrons / WELL, 0, 1))


def occlusion(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Cover 5, 10, 25, 35 or 50 % of the area by a rectangle of the mean colour."""
    height, width = picture.shape[:2]
    area = OCCLUDED[severity - 1]
    tall = np.exp(rng.uniform(-1, 1) * min(np.log(2), -np.log(area)))
    rows = min(height, max(1, round(height * np.sqrt(area * tall))))
    columns = min(width, max(1, round(height * width * area / rows)))
    top, left = rng.integers(height - rows + 1), rng.integers(width - columns + 1)
    covered = picture.copy()
    covered[top : top + rows, left : left + columns] = picture.mean(axis=(0, 1))
    return covered


def rotation(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Tilt by 5, 10, 20, 45 or 90 degrees either way; corners take the mean colour."""
    fill = tuple(int(value) for value in picture.mean(axis=(0, 1)) * 255)
    turned = _drawn(picture).rotate(
        float(rng.choice((-1, 1))) * DEGREES[severity - 1],
        Image.Resampling.BICUBIC,
        fillcolor=fill,
    )
    return np.asarray(turned, dtype=np.float64) / 255


def resolution(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Keep a half, third, quarter, sixth or eighth of each side, and enlarge it smoothly."""
    height, width = picture.shape[:2]
    part = SHRUNK[severity - 1]
    small = max(1, round(width / part)), max(1, round(height / part))
    drawn = _drawn(picture).resize(small, Image.Resampling.BICUBIC)
    large = drawn.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(large, dtype=np.float64) / 255


def colour_cast(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Light the scene warmer or cooler than the camera thought."""
    gain = (1.1, 1.25, 1.45, 1.7, 2.0)[severity - 1] ** float(rng.choice((-1, 1)))
    return _encoded(np.clip(_linear(picture) * np.array([gain, 1.0, 1 / gain]), 0, 1))


def _linear(picture: Plane) -> Plane:
    """Return the light behind sRGB values (IEC 61966-2-1)."""
    return np.where(picture <= 0.04045, picture / 12.92, ((picture + 0.055) / 1.055) ** 2.4)


def _encoded(light: Plane) -> Plane:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def _drawn(picture: Plane) -> Image.Image:
    return Image.fromarray(np.asarray(np.round(np.clip(picture, 0, 1) * 255), dtype=np.uint8))
