"""All corruptions by name, and pictures under them."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vlaudit.perturb.corruption import blur, digital, everyday, noise, splashes, weather

Plane = NDArray[np.float64]
Corruption: TypeAlias = Callable[[Plane, int, float, np.random.Generator], Plane]

SIDE = 224
SEVERITIES = (1, 2, 3, 4, 5)
STANDARD: Mapping[str, Corruption] = {
    "gaussian_noise": noise.gaussian_noise,
    "shot_noise": noise.shot_noise,
    "impulse_noise": noise.impulse_noise,
    "defocus_blur": blur.defocus_blur,
    "glass_blur": blur.glass_blur,
    "motion_blur": blur.motion_blur,
    "zoom_blur": blur.zoom_blur,
    "snow": weather.snow,
    "frost": weather.frost,
    "fog": weather.fog,
    "brightness": weather.brightness,
    "contrast": digital.contrast,
    "elastic_transform": digital.elastic_transform,
    "pixelate": digital.pixelate,
    "jpeg_compression": digital.jpeg_compression,
}
EXTRA: Mapping[str, Corruption] = {
    "speckle_noise": noise.speckle_noise,
    "gaussian_blur": blur.gaussian_blur,
    "spatter": splashes.spatter,
    "saturate": digital.saturate,
}
EVERYDAY: Mapping[str, Corruption] = {
    "low_light": everyday.low_light,
    "occlusion": everyday.occlusion,
    "rotation": everyday.rotation,
    "resolution": everyday.resolution,
    "colour_cast": everyday.colour_cast,
}
ALL: Mapping[str, Corruption] = {**STANDARD, **EXTRA, **EVERYDAY}


def prepared(picture: Image.Image, *, side: int = SIDE) -> Image.Image:
    """Return a picture whose shorter side has at most `side` pixels, as those of ImageNet-C."""
    ratio = side / min(picture.size)
    if ratio >= 1:
        return picture
    width, height = (max(1, round(length * ratio)) for length in picture.size)
    return picture.resize((width, height), Image.Resampling.BICUBIC)


def corrupt(
    picture: Image.Image, name: str, severity: int, rng: np.random.Generator, *, scale: float = 1.0
) -> Image.Image:
    """Return a picture under a corruption, with values cut down to whole levels.

    Args:
        picture: an RGB picture.
        name: one of `ALL`.
        severity: 1 to 5.
        rng: source of what is random.
        scale: what lengths in pixels are multiplied by; 1 gives the published ones, made for 224.
    """
    pixels = np.asarray(picture, dtype=np.float64) / 255
    changed = np.clip(ALL[name](pixels, severity, scale, rng), 0, 1) * 255
    # Whole levels as rounding noise leaves them: 3.9999999 is 4.
    return Image.fromarray(np.asarray(changed + 1e-6, dtype=np.uint8))


def scale_of(picture: Image.Image) -> float:
    """Return how large the shorter side is against that of ImageNet-C."""
    return min(picture.size) / SIDE
