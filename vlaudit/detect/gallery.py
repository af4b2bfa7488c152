"""Small copies of all pictures, and the windows of each that stand out, computed once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image, Resampling

SIDE = 64
CELL = 2
SIZES = (6, 12)
POINTS = 6
MARGIN = 3 * SIZES[-1] // 2
Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Marks:
    """The windows of one size that stand out most in each picture.

    Attributes:
        size: side of the windows in pixels.
        values: each window in 3 x 3 cells, float32 of shape (rows, POINTS, 27).
        points: centre of each window, int64 of shape (rows, POINTS, 2).
    """

    size: int
    values: Floats
    points: Indices


@dataclass(frozen=True)
class Gallery:
    """Pictures at SIDE x SIDE pixels, squashed to a square, and what is read off them.

    Attributes:
        pictures: uint8 of shape (rows, SIDE, SIDE, 3).
        cells: means of CELL x CELL pixels, uint8 of shape (rows, SIDE / CELL, SIDE / CELL, 3).
        marks: windows that stand out, for each of SIZES.
    """

    pictures: Pixels
    cells: Pixels
    marks: tuple[Marks, ...]

    @classmethod
    def of(cls, load: Callable[[Sequence[int]], list[Image]], rows: Indices) -> "Gallery":
        """Return the gallery of the pictures that `load` returns for `rows`, batch by batch."""
        pictures = np.empty((len(rows), SIDE, SIDE, 3), dtype=np.uint8)
        for start in range(0, len(rows), 256):
            for number, picture in enumerate(load(rows[start : start + 256].tolist())):
                small = picture.convert("RGB").resize((SIDE, SIDE), Resampling.BILINEAR)
                pictures[start + number] = np.asarray(small)
        parts = [_salient(pictures[i : i + 256]) for i in range(0, len(pictures), 256)]
        marks = tuple(
            Marks(
                size,
                np.concatenate([part[which][0] for part in parts]),
                np.concatenate([part[which][1] for part in parts]),
            )
            for which, size in enumerate(SIZES)
        )
        return cls(pictures, _halved(pictures), marks)

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.pictures)


def distinct_rows(gallery: Gallery, rows: Indices, *, tolerance: float = 12.0) -> Indices:
    """Return `rows` without (near) copies of an earlier row: copies share everything."""
    tiled = gallery.cells[rows].reshape(len(rows), 8, 4, 8, 4, 3)
    thumbs = tiled.mean(axis=(2, 4), dtype=np.float32).reshape(len(rows), -1)
    size = np.einsum("ij,ij->i", thumbs, thumbs)
    gap = size[:, None] + size[None] - 2 * thumbs @ thumbs.T
    alike = np.tril(gap <= thumbs.shape[1] * tolerance**2, k=-1)
    return np.asarray(rows[~alike.any(axis=1)])


def _halved(pictures: Pixels) -> Pixels:
    wide = pictures.astype(np.uint16)
    total = wide[:, ::2, ::2] + wide[:, 1::2, ::2] + wide[:, ::2, 1::2] + wide[:, 1::2, 1::2]
    return ((total + 2) // 4).astype(np.uint8)


def _salient(pictures: Pixels) -> list[tuple[Floats, Indices]]:
    """Return windows and their centres for each size: local maxima of a contrast to around."""
    values = pictures.astype(np.float32)
    light = values.mean(axis=-1, keepdims=True) - 128
    table = _integral(np.concatenate([light, light**2], axis=-1))
    mean, square = np.moveaxis(_box(table, 3), -1, 0)
    contrast = np.sqrt(np.maximum(square - mean**2, 0))
    table = _integral(np.concatenate([values, 2 * contrast[..., None]], axis=-1))
    return [_windows(values, _stands_out(table, size), size) for size in SIZES]


def _stands_out(table: Floats, size: int) -> Floats:
    gap = _box(table, size) - _box(table, 3 * size)
    return np.asarray(np.einsum("...c,...c->...", gap, gap))


def _windows(values: Floats, stands_out: Floats, size: int) -> tuple[Floats, Indices]:
    from scipy.ndimage import maximum_filter

    half = size // 2
    peak = maximum_filter(stands_out, size=(1, size, size)) == stands_out
    inner = np.zeros(peak.shape[1:], dtype=np.bool_)
    inner[half : SIDE - half + 1, half : SIDE - half + 1] = True
    ranked = np.where(peak & inner, stands_out, -1).reshape(len(values), -1)
    best = np.argpartition(-ranked, POINTS, axis=1)[:, :POINTS]
    points = np.stack(np.divmod(best, SIDE), axis=-1).astype(np.int64)
    return windows_at(values, points, size), points


def windows_at(values: Floats | Pixels, points: Indices, size: int) -> Floats:
    """Return the windows around points, (rows, points, 27), of pictures (rows, SIDE, SIDE, 3)."""
    offset, step = np.arange(-(size // 2), size // 2), size // 3
    rows = np.arange(len(values))[:, None, None, None]
    y = np.clip(points[..., 0, None, None] + offset[:, None], 0, SIDE - 1)
    x = np.clip(points[..., 1, None, None] + offset[None, :], 0, SIDE - 1)
    tiled = values[rows, y, x].reshape(*points.shape[:2], 3, step, 3, step, 3)
    return np.asarray(tiled.mean(axis=(3, 5), dtype=np.float32).reshape(*points.shape[:2], 27))


def shifted_windows(pictures: Pixels, points: Indices, shifts: Indices, size: int) -> Floats:
    """Return `windows_at` for points moved by each of `shifts`, (shifts, rows, points, 27).

    Shifts are of a pixel at most. All windows share their cells, which are worked out once.
    """
    step = size // 3
    margin = size // 2 + step
    cells = _cells(pictures, step, margin)
    at = step * np.arange(3) + margin - size // 2
    rows = np.arange(len(pictures))[:, None, None, None]
    moved = points + shifts[:, None, None]
    y, x = moved[..., 0, None, None] + at[:, None], moved[..., 1, None, None] + at[None, :]
    return np.asarray(cells[rows, y, x].reshape(*moved.shape[:3], 27))


def _cells(pictures: Pixels, step: int, margin: int) -> Floats:
    """Return the mean of the `step` x `step` pixels below and right of each, edges continued."""
    edges = ((0, 0), (margin, margin), (margin, margin), (0, 0))
    pixels = np.pad(pictures, edges, mode="edge").astype(np.uint16)
    last = pixels.shape[1] - step + 1
    strips = pixels[:, :last].copy()
    for top in range(1, step):
        strips += pixels[:, top : top + last]
    total = strips[:, :, :last].copy()
    for left in range(1, step):
        total += strips[:, :, left : left + last]
    return np.asarray(total / step**2, dtype=np.float32)


def _integral(values: Floats) -> Floats:
    """Return the sums of all that lies above and left, with room for windows across the edges."""
    rows, height, width, channels = values.shape
    table = np.zeros((rows, height + 1, width + 1, channels), dtype=np.float32)
    table[:, 1:, 1:] = values
    np.cumsum(table, axis=1, out=table)
    np.cumsum(table, axis=2, out=table)
    return np.pad(table, ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)), mode="edge")


def _box(table: Floats, size: int) -> Floats:
    """Return the mean of each pixel's window from an integral image, cut at the edges."""
    start = MARGIN - size // 2
    low, high = slice(start, start + SIDE), slice(start + size, start + size + SIDE)
    strips = table[:, high] - table[:, low]
    sums = strips[:, :, high] - strips[:, :, low]
    ends = np.arange(SIDE) - size // 2
    length = np.clip(ends + size, 0, SIDE) - np.clip(ends, 0, SIDE)
    area = np.outer(length, length)[..., None].astype(np.float32)
    return np.asarray(sums / area, dtype=np.float32)
