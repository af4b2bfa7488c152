"""Faint regular patterns laid over pictures: waves that stand out at one frequency, all in step.

Pictures have textures of their own, some of them of one frequency in many pictures, such as a weave
or a scaled font; but where these begin differs. What was laid over a picture by a watermark, a
carrier of hidden data or a trigger begins at its edge: the phases agree (test of Rayleigh).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import uniform_filter

Indices = NDArray[np.int64]
SIDE = 64
GRID = 8
PEAK = 14.0
SLOWEST = 3
FAINT = 10.0
CHANCE = 1e-5
IN_STEP = 0.6
WIDE = SIDE // 2 + 1


@dataclass(frozen=True)
class Peaks:
    """Waves that stand out in pictures; a picture has few.

    Attributes:
        row: picture of each wave.
        place: its frequency, as a place in the flattened spectrum of SIDE x (SIDE / 2 + 1).
        amplitude: in levels.
        turn: phase as a complex number of length 1.
    """

    row: Indices
    place: Indices
    amplitude: NDArray[np.float32]
    turn: NDArray[np.complex64]


@dataclass(frozen=True)
class Recurring:
    """A wave that pictures share.

    Attributes:
        down: cycles from top to bottom.
        right: cycles from left to right.
        rows: pictures that bear it in step.
        amplitude: median amplitude, in levels.
    """

    down: int
    right: int
    rows: Indices
    amplitude: float


def peaks(pictures: Sequence[Image.Image], first: int = 0) -> Peaks:
    """Return the faint waves that stand out in RGB pictures, the first of which is row `first`."""
    greys = np.stack(
        [
            np.asarray(p.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float32)
            for p in pictures
        ]
    )
    window = np.hanning(SIDE + 1)[:SIDE].astype(np.float32)
    weight = window[:, None] * window
    flat = (greys - greys.mean(axis=(1, 2), keepdims=True)) * weight
    waves = (2 / weight.sum() * np.fft.rfft2(flat)).astype(np.complex64)
    height = np.abs(waves)
    stands_out = (np.square(height) > PEAK * _around(np.square(height))) & (height < FAINT)
    row, down, right = np.nonzero(stands_out & _searched())
    found = waves[row, down, right]
    size = np.abs(found)
    return Peaks(row + first, down * WIDE + right, size, found / size)


def joined(parts: Sequence[Peaks]) -> Peaks:
    """Return the waves of several batches as one."""
    return Peaks(
        np.concatenate([part.row for part in parts]),
        np.concatenate([part.place for part in parts]),
        np.concatenate([part.amplitude for part in parts]),
        np.concatenate([part.turn for part in parts]),
    )


def recurring(found: Peaks) -> list[Recurring]:
    """Return the waves that pictures share in step, the commonest first."""
    order = np.argsort(found.place, kind="stable")
    ends = np.flatnonzero(np.diff(found.place[order])) + 1
    least = float(np.log(SIDE * WIDE / CHANCE))
    shared: list[Recurring] = []
    for group in np.split(order, ends):
        total = found.turn[group].sum()
        if len(group) and abs(total) ** 2 / len(group) > least:
            aligned = (found.turn[group] * np.conj(total / abs(total))).real > IN_STEP
            down, right = divmod(int(found.place[group[0]]), WIDE)
            rows = found.row[group[aligned]]
            size = float(np.median(found.amplitude[group[aligned]]))
            shared.append(Recurring(down if down <= SIDE // 2 else down - SIDE, right, rows, size))
    return sorted(shared, key=lambda one: (-len(one.rows), one.down, one.right))


def _searched() -> NDArray[np.bool_]:
    """Return the frequencies that are neither slow nor multiples of the grid of JPEG."""
    down, right = np.meshgrid(np.fft.fftfreq(SIDE, 1 / SIDE), np.arange(WIDE), indexing="ij")
    grid = (down % GRID == 0) & (right % GRID == 0)
    # At the highest frequencies every phase is 0 or half a turn, so that agreement says nothing.
    real = ((down % (SIDE // 2) == 0) & (right % (SIDE // 2) == 0)) | (right == SIDE // 2)
    return np.asarray((np.hypot(down, right) >= SLOWEST) & ~grid & ~real)


def _around(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean power of the frequencies around each one, without the nearest."""
    modes: Any = ("constant", "wrap", "reflect")
    wide = uniform_filter(power, size=(1, 9, 9), mode=modes)
    near = uniform_filter(power, size=(1, 3, 3), mode=modes)
    return np.asarray((81 * wide - 9 * near) / 72).clip(1e-5)
