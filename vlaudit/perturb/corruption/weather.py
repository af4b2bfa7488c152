"""Weather of ImageNet-C: snow, frost, fog, and too much sun."""

import numpy as np
from numpy.typing import NDArray

from vlaudit.perturb.corruption.blur import zoomed
from vlaudit.perturb.corruption.motion import streaked
from vlaudit.perturb.corruption.plasma import plasma, power_of_two

Plane = NDArray[np.float64]
GREY = np.array([0.299, 0.587, 0.114])
# Mean and spread of the photographs of ImageNet-C, as drawn there, red, green and blue.
FROST, SPREAD = np.array([146.0, 167.0, 179.0]) / 255, 28.0 / 255


def snow(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Let flakes fall, and make the picture paler."""
    mean, spread, flake, least, radius, sigma, kept = (
        (0.1, 0.3, 3, 0.5, 10, 4, 0.8),
        (0.2, 0.3, 2, 0.5, 12, 4, 0.7),
        (0.55, 0.3, 4, 0.9, 12, 8, 0.7),
        (0.55, 0.3, 4.5, 0.85, 12, 8, 0.65),
        (0.55, 0.3, 2.5, 0.85, 12, 12, 0.55),
    )[severity - 1]
    drawn = rng.normal(size=picture.shape[:2], loc=mean, scale=spread).astype(np.float32)
    flakes = zoomed(drawn, max(1.0, flake * scale)).astype(np.float64)
    flakes = np.clip(np.where(flakes < least, 0.0, flakes), 0, 1)
    streaks = streaked(
        flakes, radius=max(1, round(radius * scale)), sigma=sigma * scale,
        angle=float(rng.uniform(-135, -45)),
    )  # fmt: skip
    streaks = np.round(streaks * 255)[..., None] / 255
    paler = np.maximum(picture, (picture @ GREY)[..., None] * 1.5 + 0.5)
    return np.asarray(
        kept * picture + (1 - kept) * paler + streaks + np.rot90(streaks, 2), dtype=np.float64
    )


def frost(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Lay drawn crystals of ice over the picture.

    ImageNet-C lays photographs of frost; these crystals have their mean colour and contrast.
    """
    kept, ice = ((1, 0.4), (0.8, 0.6), (0.7, 0.7), (0.65, 0.7), (0.6, 0.75))[severity - 1]
    height, width = picture.shape[:2]
    side = power_of_two(max(height, width))
    clouds, veins = plasma(side, 1.5, rng), plasma(side, 1.4, rng)
    crystals = clouds - 2 * np.abs(veins - veins.mean())
    layer = crystals[:height, :width]
    layer = (layer - layer.mean()) / max(float(layer.std()), 1e-9)
    return np.asarray(kept * picture + ice * np.clip(FROST + SPREAD * layer[..., None], 0, 1))


def fog(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Mix in clouds, and take the contrast that they cost."""
    thickness, decay = ((1.5, 2), (2.0, 2), (2.5, 1.7), (2.5, 1.5), (3.0, 1.4))[severity - 1]
    height, width = picture.shape[:2]
    clouds = plasma(power_of_two(max(height, width)), decay, rng)[:height, :width, None]
    brightest = float(picture.max())
    return np.asarray((picture + thickness * clouds) * brightest / (brightest + thickness))


def brightness(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Raise the value of every colour, at the same hue and saturation."""
    value = picture.max(axis=2, keepdims=True)
    raised = np.clip(value + (0.1, 0.2, 0.3, 0.4, 0.5)[severity - 1], 0, 1)
    lit = picture * raised / np.where(value > 0, value, 1.0)
    return np.asarray(np.where(value > 0, lit, raised))
