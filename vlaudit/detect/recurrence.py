"""Local patches that recur: the same few pixels on pictures that are otherwise unlike.

A group (rows whose captions share a topic) is searched for windows that many of its pictures share
and pictures outside do not: at the same place, and at any place around points that stand out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from vlaudit.detect.gallery import CELL, SIDE, Gallery, Pixels
from vlaudit.detect.windows import TOLERANCE, Backdrop, Window, fixed_windows, loose_windows

CERTAIN = 25.0
SMALLEST = 9
LARGEST = 0.08
LARGEST_LOOSE = 0.05
SHOWN = 48
Floats = NDArray[np.float32]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Recurrence:
    """A patch shared by pictures of a group.

    Attributes:
        rows: pictures of the group that show it, int64 of shape (members,).
        corners: top and left of the patch in each of them, int64 of shape (members, 2).
        mask: which pixels of its box it covers, bool of shape (h, w).
        score: how much commoner it is in the group than outside, in nats up to `CERTAIN`, times
            how unlike its surroundings are, squared: 0 for an object that goes on beyond it.
        apart: how far agreement falls at its edge, 0 to 1.
    """

    rows: Indices
    corners: Indices
    mask: Mask
    score: float
    apart: float

    @property
    def is_fixed(self) -> bool:
        """Tell whether it is at the same place everywhere."""
        return bool((np.ptp(self.corners, axis=0) == 0).all())


def bearers(gallery: Gallery, rows: Indices, patch: Recurrence) -> tuple[Indices, Indices]:
    """Return which of `rows` show a patch, at its place or at any, and its corner in each.

    A row shows it where the covered pixels, but for the outermost, differ from the patch by less
    than one and a half times `TOLERANCE` grey levels in root mean square.
    """
    import torch
    from torch.nn.functional import conv2d

    h, w = patch.mask.shape
    some = list(zip(patch.rows, patch.corners, strict=True))[:SHOWN]
    crops = np.stack([gallery.pictures[row, y : y + h, x : x + w] for row, (y, x) in some])
    crops = crops if patch.is_fixed else _softened(crops)
    mask = np.repeat(_core(patch.mask)[..., None], 3, axis=-1).astype(np.float32)
    middle = mask * np.median(crops, axis=0).astype(np.float32)
    kernel = torch.from_numpy(middle).permute(2, 0, 1)[None]
    cover = torch.from_numpy(mask[..., 0])[None, None]
    top, left = (int(part) for part in patch.corners[0])
    start, end = ((top, left), (top + h, left + w)) if patch.is_fixed else ((0, 0), (SIDE, SIDE))
    shown: list[Indices] = []
    corners: list[Indices] = []
    for part in np.array_split(rows, len(rows) // 256 + 1):
        pixels = gallery.pictures[part, start[0] : end[0], start[1] : end[1]]
        pixels = pixels if patch.is_fixed else _softened(pixels)
        values = torch.from_numpy(pixels.astype(np.float32)).permute(0, 3, 1, 2)
        squares = (values**2).sum(dim=1, keepdim=True)
        gap = conv2d(squares, cover) - 2 * conv2d(values, kernel)
        least, where = (gap + float((middle**2).sum())).flatten(1).min(dim=1)
        hit = (least <= float(mask.sum()) * (1.5 * TOLERANCE) ** 2).numpy()
        shown.append(part[hit])
        places = np.stack(np.divmod(where.numpy()[hit], gap.shape[-1]), axis=-1)
        corners.append(places + np.array(start))
    return np.concatenate(shown), np.concatenate(corners).astype(np.int64)


def _core(mask: Mask) -> Mask:
    inner = ndimage.binary_erosion(mask)
    return inner if inner.sum() >= SMALLEST else mask


def overlap(one: Recurrence, other: Recurrence) -> bool:
    """Tell whether two patches cover some of the same place in a row that shows both."""
    _, first, second = np.intersect1d(one.rows, other.rows, return_indices=True)
    start = np.maximum(one.corners[first], other.corners[second])
    end = np.minimum(one.corners[first] + one.mask.shape, other.corners[second] + other.mask.shape)
    return bool((start < end).all(axis=1).any())


def fixed_patches(
    gallery: Gallery, group: Indices, rest: Backdrop, *, top: int = 2, support: int = 4
) -> list[Recurrence]:
    """Return the patches that the group's pictures share at the same place, best first."""
    grown: list[Recurrence] = []
    for window in fixed_windows(gallery, group, rest, support=support):
        patch = _grown(gallery, group, window, rest.rows, 2 * CELL, 20)
        if patch is not None and not any(overlap(patch, other) for other in grown):
            grown.append(patch)
    return sorted(grown, key=lambda patch: -patch.score)[:top]


def patch_of(gallery: Gallery, rows: Indices, rest: Indices, score: float) -> Recurrence | None:
    """Return the patch that `rows` share at one place, or None where they share none.

    `score` is the weight of the evidence that brought the rows together, in nats.
    """
    centre = np.full((len(rows), 2), SIDE // 2)
    agree, chance = _agreements(gallery, rows, centre, rest, SIDE // 2)
    shared = ndimage.binary_closing((agree >= 0.7) & (agree - chance >= 0.3))
    labelled, count = ndimage.label(shared)
    if count == 0:
        return None
    mask = labelled == np.bincount(labelled[shared]).argmax()
    return _framed(rows, centre - SIDE // 2, mask, agree - chance, chance, score)


def loose_patches(
    gallery: Gallery, group: Indices, rest: Indices, *, top: int = 2, support: int = 4
) -> list[Recurrence]:
    """Return the patches that the group's pictures share at any place, best first.

    Only windows around points that stand out from their surroundings, in colour or in local
    contrast, are compared: flat ground recurs everywhere.
    """
    found: list[Recurrence] = []
    for marks in gallery.marks:
        for window in loose_windows(gallery, marks, group, rest, support=support):
            grown = _grown(gallery, group, window, rest, marks.size, 2 * marks.size)
            if grown is None or len(grown.rows) < support:
                continue
            if grown.mask.size <= LARGEST_LOOSE * SIDE**2:  # larger ones are things, not marks
                found.append(grown)
    return sorted(found, key=lambda patch: -patch.score)[:top]


def _grown(
    gallery: Gallery, group: Indices, window: Window, rest: Indices, size: int, reach: int
) -> Recurrence | None:
    """Grow a window of side `size` to the whole patch, in crops that are centred on it.

    The connected pixels are taken where the members agree and other pictures do not. An object
    goes on beyond them in most members, a patch ends for all at once: `apart` is how far the
    agreement falls within three pixels. None when the window agrees by little or is no patch.
    """
    rows = group[window.rows]
    agree, chance = _agreements(gallery, rows, window.points, rest, reach)
    core = np.zeros(agree.shape, dtype=np.bool_)
    core[reach - size // 2 : reach + size // 2, reach - size // 2 : reach + size // 2] = True
    shared = (agree >= 0.8) & (agree - chance >= 0.3)
    if (shared & core).sum() < core.sum() // 3:
        return None
    labelled, _ = ndimage.label(ndimage.binary_closing(shared) | (shared & core))
    mask = labelled == np.bincount(labelled[core & shared]).argmax()
    return _framed(rows, window.points - reach, mask, agree - chance, chance, window.excess)


def _framed(
    rows: Indices, origin: Indices, mask: Mask, beyond: Floats, chance: Floats, weight: float
) -> Recurrence | None:
    """Return the patch of a mask over crops that begin at `origin`, weighed by its edge."""
    ring = ndimage.binary_dilation(mask, iterations=3) & ~ndimage.binary_dilation(mask)
    if not SMALLEST <= mask.sum() <= LARGEST * SIDE**2 or not ring.any():
        return None
    apart = 1 - float(np.mean(np.maximum(beyond, 0)[ring] / (1.01 - chance[ring])))
    # One pixel more on every side: a mark cut too short may no longer work.
    mask = ndimage.binary_dilation(ndimage.binary_fill_holes(mask))
    box = ndimage.find_objects(mask.astype(np.int8))[0]
    corners = origin + np.array([box[0].start, box[1].start])
    inside = (corners >= 0).all(axis=1) & (corners + mask[box].shape <= SIDE).all(axis=1)
    apart = max(apart, 0.0)
    score = min(weight, CERTAIN) * apart**2
    if not inside.any():
        return None
    return Recurrence(rows[inside], corners[inside], mask[box], score, apart)


def _agreements(
    gallery: Gallery, rows: Indices, points: Indices, rest: Indices, reach: int
) -> tuple[Floats, Floats]:
    """Return the share of members, and of other pictures, that agree with the members' median."""
    some = np.linspace(0, len(rows) - 1, min(len(rows), SHOWN)).astype(np.int64)
    crops = _crops(gallery.pictures, rows[some], points[some], reach)
    strange = _crops(gallery.pictures, rest[some % len(rest)], points[some], reach)
    if np.ptp(points, axis=0).any():
        crops, strange = _softened(crops), _softened(strange)
    middle = np.median(crops, axis=0).astype(np.float32)
    return _agreement(crops, middle), _agreement(strange, middle)


def _softened(crops: Pixels) -> Pixels:
    """Return crops blurred as far as their places are uncertain, which is a pixel."""
    return np.asarray(ndimage.uniform_filter(crops, (1, 3, 3, 1), mode="nearest"))


def _agreement(crops: Pixels, middle: Floats) -> Floats:
    """Return the share of crops within tolerance of `middle` at each pixel, (h, w)."""
    gap = crops - middle
    squares = np.einsum("...c,...c->...", gap, gap)
    return np.asarray((squares <= 3 * (1.5 * TOLERANCE) ** 2).mean(axis=0))


def _crops(pictures: Pixels, rows: Indices, points: Indices, reach: int) -> Pixels:
    """Return the squares around `points` in some rows; black beyond the picture's edge."""
    crops = np.zeros((len(rows), 2 * reach, 2 * reach, 3), dtype=np.uint8)
    places = zip(rows.tolist(), (points - reach).tolist(), strict=True)
    for crop, (row, (top, left)) in zip(crops, places, strict=True):
        y, x = max(top, 0), max(left, 0)
        seen = pictures[row, y : top + 2 * reach, x : left + 2 * reach]
        crop[y - top : y - top + len(seen), x - left : x - left + seen.shape[1]] = seen
    return crops
