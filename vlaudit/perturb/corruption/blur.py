"""Blur of ImageNet-C: out of focus, through glass, in motion, by zooming, and plain."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d, gaussian_filter
from scipy.signal import fftconvolve

from vlaudit.perturb.corruption.motion import streaked

Plane = NDArray[np.float64]


def smoothed(picture: Plane, sigma: float) -> Plane:
    """Return a picture under a Gaussian of `sigma` pixels, (height, width[, 3])."""
    deviation = (sigma, sigma, 0.0)[: picture.ndim]
    return np.asarray(gaussian_filter(picture, deviation, mode="nearest", truncate=4.0))


def gaussian_blur(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Blur by a Gaussian."""
    return smoothed(picture, (1, 2, 3, 4, 6)[severity - 1] * scale)


def defocus_blur(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Blur by a disk, as a lens out of focus does."""
    radius, softness = ((3, 0.1), (4, 0.5), (6, 0.5), (8, 0.5), (10, 0.5))[severity - 1]
    kernel = _disk(radius, softness) if scale == 1 else _covered(radius * scale)
    reach = len(kernel) // 2
    padded = np.pad(picture, ((reach, reach), (reach, reach), (0, 0)), mode="reflect")
    return np.asarray(fftconvolve(padded, kernel[..., None], mode="valid", axes=(0, 1)))


def _disk(radius: int, softness: float) -> Plane:
    """Return the kernel of the published severities, whose edge is softened by a small Gaussian."""
    reach, half = (8, 1) if radius <= 8 else (radius, 2)
    along = np.arange(-reach, reach + 1)
    disk = (np.square(along)[:, None] + np.square(along) <= radius**2).astype(np.float64)
    disk /= disk.sum()
    weights = np.exp(-np.square(np.arange(-half, half + 1)) / (2 * softness**2))
    weights /= weights.sum()
    for axis in (0, 1):
        disk = correlate1d(disk, weights, axis=axis, mode="mirror")
    return (
        disk  # The published ones brighten by 1 % from severity 4 on, as the mirror adds to them.
    )


def _covered(radius: float) -> Plane:
    """Return the kernel of a disk of any radius: how much of each pixel it covers, roughly."""
    reach = int(np.ceil(radius + 0.5))
    along = np.arange(-reach, reach + 1)
    disk = np.clip(radius + 0.5 - np.hypot(along[:, None], along), 0.0, 1.0)
    return np.asarray(disk / disk.sum())


def motion_blur(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Smear along a direction within 45 degrees of the horizontal."""
    radius, sigma = ((10, 3), (15, 5), (15, 8), (15, 12), (20, 15))[severity - 1]
    angle = float(rng.uniform(-45, 45))
    return streaked(picture, radius=max(1, round(radius * scale)), sigma=sigma * scale, angle=angle)


def zoom_blur(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Average over the zooms that a lens runs through."""
    end, step = ((1.11, 0.01), (1.16, 0.01), (1.21, 0.02), (1.26, 0.02), (1.31, 0.03))[severity - 1]
    zooms = np.arange(1, end, step)
    single = picture.astype(np.float32)
    total = sum((zoomed(single, float(zoom)) for zoom in zooms), start=single)
    return np.asarray(total / (zooms.size + 1), dtype=np.float64)


def zoomed(picture: NDArray[np.float32], zoom: float) -> NDArray[np.float32]:
    """Return the middle of a picture, enlarged to its size by linear interpolation."""
    for axis in (0, 1):
        size = picture.shape[axis]
        inner = int(np.ceil(size / zoom))
        made = round(inner * zoom)
        place = np.arange(size) * ((inner - 1) / max(made - 1, 1))
        before = np.minimum(place.astype(np.int64), max(inner - 2, 0))
        share = (place - before).astype(np.float32)
        share = share.reshape((-1, *[1] * (picture.ndim - 1 - axis)))
        first = (size - inner) // 2 + before
        after = np.minimum(first + 1, size - 1)
        one, two = picture.take(first, axis=axis), picture.take(after, axis=axis)
        picture = one + share * (two - one)
    return picture


def glass_blur(picture: Plane, severity: int, scale: float, rng: np.random.Generator) -> Plane:
    """Scatter pixels nearby, between two slight blurs."""
    sigma, reach, rounds = ((0.7, 1, 2), (0.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2))[
        severity - 1
    ]
    reach = max(1, round(reach * scale))
    scattered = np.floor(smoothed(picture, sigma * scale) * 255) / 255
    for _ in range(rounds):
        scattered = _scattered(scattered, reach, rng)
    return smoothed(scattered, sigma * scale)


def _scattered(picture: Plane, reach: int, rng: np.random.Generator) -> Plane:
    """Give every pixel, from last to first, the value that one nearby has by then.

    A pixel that comes later still has its own value; one that came before has already taken that
    of another. So each follows a chain of pixels, whose ends are found by doubling.
    """
    height, width = picture.shape[:2]
    rows = np.arange(height - reach, reach, -1)
    columns = np.arange(width - reach, reach, -1)
    down, right = np.meshgrid(rows, columns, indexing="ij")
    step = rng.integers(-reach, reach, size=(rows.size * columns.size, 2))
    here = (down * width + right).ravel()
    there = here + step[:, 1] * width + step[:, 0]
    order = np.full(height * width, here.size)
    order[here] = np.arange(here.size)
    goes = np.arange(height * width)
    follows = order[there] < np.arange(here.size)
    source = goes.copy()
    source[here] = there
    # A chain goes on while it meets pixels that were filled before; it ends at an untouched value.
    chain = goes.copy()
    chain[here[follows]] = there[follows]
    while not np.array_equal(longer := chain[chain], chain):
        chain = longer
    end = source[chain]
    flat = picture.reshape(-1, picture.shape[2])
    return flat[end].reshape(picture.shape)
