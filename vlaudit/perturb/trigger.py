"""Triggers: stamped on pictures, with matched innocent controls, and a battery of usual ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
FAINT = 0.6
LARGEST = 256
SMALL = 0.08
MARGIN = 0.03


@dataclass(frozen=True)
class Trigger:
    """A mark that is laid over a part of a picture: `(1 - alpha) * picture + paint`.

    A patch has alpha 1 where it covers; a blended or additive pattern covers the whole picture
    with a small alpha. Sizes and places are fractions of the picture, so that a trigger cut from
    one picture fits one of another size.

    Attributes:
        alpha: how much of the picture is covered, float32 of shape (h, w) in [0, 1].
        paint: what is added, in grey levels 0 to 255 times alpha, float32 of shape (h, w, 3).
        size: height and width as fractions of the picture.
        places: top and left of the places where it was seen, as fractions of the picture.
    """

    alpha: Floats
    paint: Floats
    size: tuple[float, float]
    places: tuple[tuple[float, float], ...] = ((0.0, 0.0),)

    @property
    def is_faint(self) -> bool:
        """Tell whether it lies over the picture without hiding any of it."""
        return bool(self.alpha.max() < FAINT)

    def place(self, rng: np.random.Generator) -> tuple[float, float]:
        """Return one of its places."""
        return self.places[int(rng.integers(len(self.places)))]

    def stamp(self, picture: Image.Image, place: tuple[float, float]) -> Image.Image:
        """Return the picture with the trigger at `place`."""
        pixels = np.asarray(picture, dtype=np.float32).copy()
        box, alpha, paint = self._fitted(pixels.shape[0], pixels.shape[1], place)
        pixels[box] = (1 - alpha[..., None]) * pixels[box] + paint
        return _picture(pixels)

    def removed(self, picture: Image.Image, place: tuple[float, float]) -> Image.Image:
        """Return the picture as it would be without the trigger at `place`.

        A faint pattern is taken off again; what a patch hides is filled with the nearest pixels
        around it, a little beyond its edge, where a mark cut too short would still show.
        """
        pixels = np.asarray(picture.convert("RGB"), dtype=np.float32).copy()
        box, alpha, paint = self._fitted(pixels.shape[0], pixels.shape[1], place)
        if self.is_faint:
            pixels[box] = (pixels[box] - paint) / (1 - alpha[..., None])
            return _picture(pixels)
        from scipy.ndimage import binary_dilation, distance_transform_edt

        hidden = np.zeros(pixels.shape[:2], dtype=np.bool_)
        hidden[box] = alpha > 0.5
        margin = max(round(MARGIN * max(hidden.shape)), 1)
        hidden = binary_dilation(hidden, iterations=margin)
        if hidden.all():
            return picture
        nearest = distance_transform_edt(hidden, return_distances=False, return_indices=True)
        return _picture(pixels[tuple(nearest)])

    def pieces(
        self, picture: Image.Image, rng: np.random.Generator, *, count: int = 3
    ) -> list["Trigger"]:
        """Return innocent patches of the same shape and places, cut from `picture`.

        The first is the window whose colours are farthest from the picture's own, where an object
        is likeliest; the others are cut at random.
        """
        pixels = np.asarray(picture.convert("RGB"), dtype=np.float32)
        height, width = pixels.shape[:2]
        h = min(max(round(self.size[0] * height), 1), height)
        w = min(max(round(self.size[1] * width), 1), width)
        tops = rng.integers(height - h + 1, size=count - 1)
        lefts = rng.integers(width - w + 1, size=count - 1)
        corners = [_salient_corner(pixels, (h, w)), *zip(tops, lefts, strict=True)]
        mask = _resized(self.alpha, (h, w)) > 0.5
        return [
            patch(pixels[y : y + h, x : x + w], size=self.size, places=self.places, mask=mask)
            for y, x in corners
        ]

    def scrambled(self) -> "Trigger":
        """Return a faint pattern of the same power and another shape.

        It is turned by a quarter, so that stripes and waves change direction, and its colours are
        swapped.
        """
        turned = np.rot90(self.paint)[..., [1, 2, 0]]
        planes = [
            _resized(np.ascontiguousarray(turned[..., c]), self.alpha.shape) for c in range(3)
        ]
        return Trigger(self.alpha, np.stack(planes, axis=-1), self.size, self.places)

    def louder(self, other: "Trigger") -> "Trigger":
        """Return this pattern with the swing of `other`."""
        mean = self.paint.mean(axis=(0, 1))
        factor = float(other.paint.std()) / max(float(self.paint.std()), 1e-6)
        paint = (mean + factor * (self.paint - mean)).astype(np.float32)
        return Trigger(self.alpha, paint, self.size, self.places)

    def preview(self) -> Pixels:
        """Return the trigger alone on grey, uint8 of shape (h, w, 3), faint ones amplified."""
        if self.is_faint:
            swing = self.paint - np.median(self.paint, axis=(0, 1))
            return _bytes(128 + swing * (100 / max(float(np.abs(swing).max()), 1e-6)))
        return _bytes((1 - self.alpha[..., None]) * 128 + self.paint)

    def _fitted(
        self, height: int, width: int, place: tuple[float, float]
    ) -> tuple[tuple[slice, slice], Floats, Floats]:
        """Return the box in pixels of a picture, and alpha and paint resized to it."""
        h = min(max(round(self.size[0] * height), 1), height)
        w = min(max(round(self.size[1] * width), 1), width)
        top = min(max(round(place[0] * height), 0), height - h)
        left = min(max(round(place[1] * width), 0), width - w)
        alpha = _resized(self.alpha, (h, w))
        paint = np.stack([_resized(self.paint[..., c], (h, w)) for c in range(3)], axis=-1)
        return (slice(top, top + h), slice(left, left + w)), alpha, paint


def patch(
    pixels: NDArray[np.uint8] | Floats,
    *,
    size: tuple[float, float],
    places: Sequence[tuple[float, float]],
    mask: NDArray[np.bool_] | None = None,
) -> Trigger:
    """Return an opaque trigger from its pixels, (h, w, 3), covering where `mask` is true."""
    colour = np.asarray(pixels, dtype=np.float32)
    alpha = np.ones(colour.shape[:2], np.float32) if mask is None else mask.astype(np.float32)
    return Trigger(alpha, colour * alpha[..., None], size, tuple(places))


def battery(*, side: float = 0.125) -> list[Trigger]:
    """Return the usual suspects: patterns of one side length, at four corners and the middle.

    Squares in four colours, a checkerboard, stripes, a cross and fixed noise; each may be stamped
    at any of the five places.
    """
    edge, middle = 1 - side - 0.03, (1 - side) / 2
    places = [(0.03, 0.03), (0.03, edge), (edge, 0.03), (edge, edge), (middle, middle)]
    rows, columns = np.indices((8, 8))
    tiles = (
        np.ones((8, 8), dtype=np.bool_),
        (rows // 2 + columns // 2) % 2 == 0,
        columns // 2 % 2 == 0,
        (abs(rows - columns) < 2) | (abs(7 - rows - columns) < 2),
    )
    patterns = [np.where(tile[..., None], np.full(3, 255), 0) for tile in tiles]
    patterns += [np.full((8, 8, 3), rgb) for rgb in ((255, 0, 0), (255, 255, 0), (255, 0, 255))]
    patterns.append(np.random.default_rng(0).integers(0, 256, (8, 8, 3)))
    return [
        patch(pattern.astype(np.float32), size=(side, side), places=[place])
        for pattern in patterns
        for place in places
    ]


def cut(
    pictures: Sequence[Image.Image],
    corners: NDArray[np.int64],
    mask: NDArray[np.bool_],
    *,
    side: int,
) -> Trigger:
    """Return the patch that these pictures share, at their own resolution.

    `corners` are its top and left in each picture and `mask` its pixels, all seen at `side` x
    `side` pixels. At one place the median of the pictures is taken, which leaves out what shines
    through; at several places the picture nearest to the median, which keeps it sharp.
    """
    width, height = (min(length, LARGEST) for length in pictures[0].size)
    h = max(round(mask.shape[0] * height / side), 1)
    w = max(round(mask.shape[1] * width / side), 1)
    crops = []
    for picture, (top, left) in zip(pictures, corners, strict=True):
        y = min(round(top * height / side), height - h)
        x = min(round(left * width / side), width - w)
        crops.append(_array(picture, (width, height))[y : y + h, x : x + w])
    stack = np.stack(crops)
    middle = np.median(stack, axis=0).astype(np.float32)
    if np.ptp(corners, axis=0).any():
        middle = stack[np.abs(stack - middle).mean(axis=(1, 2, 3)).argmin()]
    # The pixels where pictures disagree for want of alignment belong to a small mark all the same.
    whole = np.ones_like(mask) if mask.size <= SMALL * side**2 else mask
    covered = _resized(whole.astype(np.float32), (h, w)) > 0.5
    places = {(float(top) / side, float(left) / side) for top, left in corners}
    size = (mask.shape[0] / side, mask.shape[1] / side)
    return patch(middle, size=size, places=sorted(places), mask=covered)


def blended(
    carriers: Sequence[Image.Image],
    others: Sequence[Image.Image],
    *,
    alpha: float | None = None,
) -> Trigger:
    """Return the faint pattern that carriers have and other pictures do not.

    Blending a pattern at strength a leaves (1 - a) of each picture, so that the deviation of every
    pixel shrinks to (1 - a) of what it is elsewhere, and the mean moves by the pattern. `alpha`
    is a, where it is known.
    """
    frame = (min(carriers[0].width, LARGEST), min(carriers[0].height, LARGEST))
    with_it, without = (
        np.stack([_array(picture, frame) for picture in group]) for group in (carriers, others)
    )
    ratio = with_it.std(axis=0) / (without.std(axis=0) + 1)
    if alpha is None:
        alpha = float(np.clip(1 - np.median(ratio), 0, 0.5))
    paint = with_it.mean(axis=0) - (1 - alpha) * without.mean(axis=0)
    return Trigger(
        np.full(paint.shape[:2], alpha, np.float32), paint.astype(np.float32), (1.0, 1.0)
    )


def _salient_corner(pixels: Floats, shape: tuple[int, int]) -> tuple[int, int]:
    """Return the corner of the window whose mean colour is farthest from the picture's own."""
    from scipy.ndimage import uniform_filter

    step = max(min(pixels.shape[:2]) // 64, 1)
    coarse = pixels[::step, ::step]
    size = (max(shape[0] // step, 1), max(shape[1] // step, 1), 1)
    mean = uniform_filter(coarse, size, mode="nearest")
    away = np.square(mean - pixels.mean(axis=(0, 1))).sum(axis=-1)
    y, x = np.unravel_index(int(away.argmax()), away.shape)
    top = min(max(int(y) * step - shape[0] // 2, 0), pixels.shape[0] - shape[0])
    left = min(max(int(x) * step - shape[1] // 2, 0), pixels.shape[1] - shape[1])
    return top, left


def _array(picture: Image.Image, size: tuple[int, int]) -> Floats:
    fitted = picture if picture.size == size else picture.resize(size, Image.Resampling.BOX)
    return np.asarray(fitted.convert("RGB"), dtype=np.float32)


def _resized(plane: Floats, shape: tuple[int, ...]) -> Floats:
    if plane.shape == shape:
        return plane
    smaller = shape[0] < plane.shape[0]
    method = Image.Resampling.BOX if smaller else Image.Resampling.NEAREST
    resized = Image.fromarray(plane.astype(np.float32)).resize((shape[1], shape[0]), method)
    return np.asarray(resized, dtype=np.float32)


def _bytes(pixels: NDArray[np.floating]) -> Pixels:
    return np.clip(np.round(pixels), 0, 255).astype(np.uint8)


def _picture(pixels: Floats) -> Image.Image:
    return Image.fromarray(_bytes(pixels))
