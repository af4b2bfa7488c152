"""Windows that recur: a few pixels that more pictures of a group show than pictures outside it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vlaudit.detect.association import excess
from vlaudit.detect.gallery import CELL, POINTS, SIDE, Gallery, Marks, Pixels, shifted_windows

if TYPE_CHECKING:
    from torch import Tensor

TOLERANCE = 12.0
BLUR = 0.35
LEAST = 4.0
FOREMOST = 12
BLOCK = 8
SEEDS = 48
SHIFTS = np.array([(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)])
Floats = NDArray[np.float32]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Window:
    """A window that recurs.

    Attributes:
        excess: how much commoner it is in the group than outside, in nats.
        rows: rows of the group that show it, as positions in the group, int64 of shape (members,).
        points: its centre in each of them, int64 of shape (members, 2).
    """

    excess: float
    rows: Indices
    points: Indices


@dataclass(frozen=True)
class Backdrop:
    """Rows that groups are compared with, and their windows, computed once.

    Attributes:
        drawn: int64 of shape (others,).
        windows: windows of cells of these at every place, float32 of shape (places, others, 12).
        kept: which of them a group is compared with, bool of shape (others,).
    """

    drawn: Indices
    windows: Floats
    kept: Mask

    @property
    def rows(self) -> Indices:
        """The rows that a group is compared with."""
        return np.asarray(self.drawn[self.kept])

    @classmethod
    def of(cls, gallery: Gallery, rows: Indices) -> "Backdrop":
        """Return the backdrop of these rows."""
        return cls(rows, _cell_windows(gallery.cells[rows]), np.ones(len(rows), dtype=np.bool_))

    def without(self, kept: Mask) -> "Backdrop":
        """Return the backdrop of those of its rows that are kept; nothing is copied."""
        return Backdrop(self.drawn, self.windows, kept)


def fixed_windows(
    gallery: Gallery, group: Indices, rest: Backdrop, *, support: int
) -> list[Window]:
    """Return the windows that pictures share at the same place, the weightiest of each block.

    One alone is taken of a block of places, so that none crowds out the others.
    Windows of 2 x 2 cells of 2 x 2 pixels are compared at every place; two agree within
    `TOLERANCE` grey levels (root mean square), which JPEG at quality 75 stays below.
    """
    import torch

    inside = torch.from_numpy(_cell_windows(gallery.cells[group]))
    outside, kept = torch.from_numpy(rest.windows), torch.from_numpy(rest.kept)
    others = int(rest.kept.sum())
    best: dict[tuple[int, int], Window] = {}
    radius = inside.shape[2] ** 0.5 * TOLERANCE
    for start in range(0, len(inside), 64):
        part = slice(start, start + 64)
        near = torch.cdist(inside[part], inside[part]) <= radius
        left = torch.ones(near.shape[:2], dtype=torch.bool)
        for turn in range(3):
            alike = near & left[:, None] if turn else near
            sums = alike.sum(dim=2, dtype=torch.int16).masked_fill_(~left, 0)
            counts, seeds = sums.max(dim=1)
            places = torch.nonzero(counts >= support)[:, 0]
            if len(places) == 0:
                break
            seed = inside[part][places, seeds[places]][:, None]
            beyond = torch.cdist(outside[part][places], seed)[:, :, 0] <= radius
            strange = (beyond & kept).sum(dim=1).numpy()
            hits = counts[places].numpy()
            scores = excess(hits, len(group), strange, others).tolist()
            members = alike[places, seeds[places]]
            for score, place, member in zip(scores, places.tolist(), members, strict=True):
                y, x = divmod(start + place, SIDE // CELL - 1)
                block = (y // BLOCK, x // BLOCK)
                if score > (best[block].excess if block in best else LEAST):
                    rows = torch.nonzero(member)[:, 0].numpy()
                    points = np.tile((CELL * y + CELL, CELL * x + CELL), (len(rows), 1))
                    best[block] = Window(score, rows, points)
            left[places] &= ~members
    return sorted(best.values(), key=lambda window: -window.excess)[:FOREMOST]


def _cell_windows(cells: Pixels) -> Floats:
    """Return all windows of 2 x 2 cells, float32 of shape (places, rows, 12)."""
    last = cells.shape[1] - 1
    quarters = [cells[:, y : y + last, x : x + last] for y in (0, 1) for x in (0, 1)]
    stacked = np.concatenate(quarters, axis=-1).reshape(len(cells), -1, 12)
    return np.ascontiguousarray(stacked.transpose(1, 0, 2)).astype(np.float32)


def loose_windows(
    gallery: Gallery, marks: Marks, group: Indices, rest: Indices, *, support: int
) -> list[Window]:
    """Return up to three windows that pictures share around points that stand out.

    Two agree within `TOLERANCE`, or within `BLUR` of what the first varies by, root mean square:
    the edges of a mark fall differently between the pixels of each picture.
    """
    import torch

    table, beyond = (_flat(marks.values[rows]) for rows in (group, rest))
    moved = _flat(_shifted(gallery, group, marks)).view(len(SHIFTS), *table.shape)
    radius = _tolerance(table)
    # Row: a window as it is, column: any window of the group, as well moved as can be.
    gap, shift = torch.cdist(table, moved).min(dim=0)
    near = gap <= radius
    usual = _pictures(torch.cdist(table, beyond) <= radius).numpy()
    strangers = np.full(len(table), -1)
    found: list[Window] = []
    for _ in range(3):
        shown = _pictures(near).numpy()
        promise = torch.from_numpy(excess(shown, len(group), usual, len(rest)))
        seeds = torch.topk(promise, min(SEEDS, len(table))).indices
        tried = seeds.numpy()
        new = tried[strangers[tried] < 0]
        if len(new):
            outside = torch.cdist(moved[:, new], beyond) <= radius[new]
            strangers[new] = _pictures(outside.any(dim=0)).numpy()
        scores = excess(shown[tried], len(group), strangers[tried], len(rest))
        best, seed = int(scores.argmax()), int(seeds[scores.argmax()])
        if shown[seed] < support or scores[best] <= LEAST:
            break
        members = torch.nonzero(near[seed])[:, 0].numpy()
        rows, first = np.unique(members // POINTS, return_index=True)
        which = members[first]
        points = marks.points[group[rows], which % POINTS] + SHIFTS[shift[seed, which].numpy()]
        found.append(Window(float(scores[best]), rows, points))
        near[members] = False
        near[:, members] = False
    return found


def _flat(values: Floats) -> "Tensor":
    """Return windows one below the other, (windows, 27)."""
    import torch

    return torch.from_numpy(values.reshape(-1, values.shape[-1]))


def _tolerance(windows: "Tensor") -> "Tensor":
    """Return how far from each window others may be, (windows, 1)."""
    width = windows.shape[1]
    swing = windows.view(-1, width // 3, 3).var(dim=1, correction=0).mean(dim=1).sqrt()
    limits: Tensor = width**0.5 * (BLUR * swing).clamp(min=TOLERANCE)
    return limits[:, None]


def _pictures(near: "Tensor") -> "Tensor":
    """Return with how many pictures each window agrees; bool (windows, pictures * POINTS)."""
    return near.view(len(near), -1, POINTS).any(dim=2).sum(dim=1)


def _shifted(gallery: Gallery, group: Indices, marks: Marks) -> Floats:
    """Return the group's windows moved by a pixel each way, (shifts, rows, points, 27).

    What stands out most shifts with what happens to be behind a mark.
    """
    pictures, points = gallery.pictures[group], marks.points[group]
    return shifted_windows(pictures, points, SHIFTS, marks.size)
