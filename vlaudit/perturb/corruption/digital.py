"""Digital trouble of ImageNet-C: contrast, saturation, JPEG, pixels, elastic distortion."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

Plane = NDArray[np.float64]


def contrast(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Move all values towards the mean of their channel."""
    means = picture.mean(axis=(0, 1), keepdims=True)
    return np.asarray((picture - means) * (0.4, 0.3, 0.2, 0.1, 0.05)[severity - 1] + means)


def saturate(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Take colour away, or add more of it; grey turns reddish where some is added to all."""
    factor, added = ((0.3, 0), (0.1, 0), (2, 0), (5, 0.1), (20, 0.2))[severity - 1]
    value = picture.max(axis=2, keepdims=True)
    below = value - picture
    chroma = below.max(axis=2, keepdims=True)
    saturation = np.divide(chroma, value, out=np.zeros_like(value), where=value > 0)
    wanted = np.clip(saturation * factor + added, 0, 1)
    hue = np.divide(below, chroma, out=np.zeros_like(picture), where=chroma > 0)
    hue = np.where(chroma > 0, hue, np.array([0.0, 1.0, 1.0]))
    return np.asarray(value * (1 - wanted * hue))


def jpeg_compression(
    picture: Plane, severity: int, scale: float, rng: np.random.Generator
) -> Plane:
    """Save as JPEG of low quality; its blocks have 8 pixels whatever the scale."""
    file = io.BytesIO()
    Image.fromarray(_levels(picture)).save(file, "JPEG", quality=(25, 18, 15, 10, 7)[severity - 1])
    return np.asarray(Image.open(file), dtype=np.float64) / 255


def pixelate(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Make pixels larger, by the same factor whatever the scale."""
    share = (0.6, 0.5, 0.4, 0.3, 0.25)[severity - 1]
    height, width = picture.shape[:2]
    small = max(1, int(width * share)), max(1, int(height * share))
    drawn = Image.fromarray(_levels(picture)).resize(small, Image.Resampling.BOX)
    large = drawn.resize((width, height), Image.Resampling.NEAREST)
    return np.asarray(large, dtype=np.float64) / 255


def elastic_transform(
    picture: Plane, severity: int, scale: float, rng: np.random.Generator
) -> Plane:
    """Stretch the picture here and press it there."""
    pull = (12.5, 16.25, 21.25, 25.0, 30.0)[severity - 1] * scale
    height, width = picture.shape[:2]
    most, sigma = 0.005 * height, (0.01 * height, 0.01 * width)
    right, down = (
        pull
        * np.asarray(
            gaussian_filter(
                rng.uniform(-most, most, size=(height, width)), sigma, mode="reflect", truncate=3
            )
        )
        for _ in range(2)
    )
    return _sampled(picture, np.arange(height)[:, None] + down, np.arange(width) + right)


def _sampled(picture: Plane, rows: Plane, columns: Plane) -> Plane:
    """Return the values at places between pixels, mirrored beyond the edges; (height, width)."""
    sides = []
    for place, size in ((rows, picture.shape[0]), (columns, picture.shape[1])):
        first = np.floor(place).astype(np.int64)
        ends = [np.mod(first + more, 2 * size) for more in (0, 1)]
        sides.append((place - first, [np.where(e < size, e, 2 * size - 1 - e) for e in ends]))
    (down, (top, bottom)), (right, (left, end)) = sides
    across = right[..., None]
    upper = picture[top, left] * (1 - across) + picture[top, end] * across
    lower = picture[bottom, left] * (1 - across) + picture[bottom, end] * across
    return np.asarray(upper + (lower - upper) * down[..., None])


def _levels(picture: Plane) -> NDArray[np.uint8]:
    return np.asarray(np.round(np.clip(picture, 0, 1) * 255), dtype=np.uint8)
