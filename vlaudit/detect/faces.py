"""Finds faces in pictures; never whose they are."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vlaudit.core.errors import MissingExtraError

Box = tuple[int, int, int, int]
SIDE = 320
SMALLEST = 24
STEP, GROWTH = 1.2, 1.15
SAME = 0.4


@dataclass(frozen=True)
class Finder:
    """A detector of faces and its name, which is printed beside the numbers that depend on it."""

    label: str
    propose: Callable[[NDArray[np.uint8]], list[Box]]

    def find(self, picture: Image.Image) -> list[Box]:
        """Return the boxes (left, top, right, bottom) of faces in an RGB picture.

        A face is seen in the mirror too: what is proposed in the picture or its mirror image only
        is left out.
        """
        scale = min(1.0, SIDE / max(picture.size))
        sides = max(round(picture.width * scale), 1), max(round(picture.height * scale), 1)
        pixels = np.asarray(picture.resize(sides, Image.Resampling.BILINEAR))
        proposed = self.propose(pixels)
        if not proposed:
            return []
        mirrored = [
            (sides[0] - right, top, sides[0] - left, bottom)
            for left, top, right, bottom in self.propose(np.ascontiguousarray(pixels[:, ::-1]))
        ]
        kept: list[Box] = []
        for box in sorted(proposed, key=lambda box: box[0] - box[2]):
            seen = any(overlap(box, other) >= SAME for other in mirrored)
            if seen and all(overlap(box, other) < 0.1 for other in kept):
                kept.append(box)
        return [_scaled(box, 1 / scale) for box in kept]


def load() -> Finder:
    """Return scikit-image's cascade of local binary patterns for frontal faces.

    It was trained by the OpenCV project and comes with the package.

    Raises:
        MissingExtraError: scikit-image is not installed.
    """
    try:
        feature: Any = importlib.import_module("skimage.feature")
        data: Any = importlib.import_module("skimage.data")
    except ImportError as error:
        raise MissingExtraError(extra="faces", purpose="finding faces") from error
    cascade = feature.Cascade(data.lbp_frontal_face_cascade_filename())

    def propose(pixels: NDArray[np.uint8]) -> list[Box]:
        height, width = pixels.shape[:2]
        if min(height, width) <= SMALLEST:
            return []
        found = cascade.detect_multi_scale(
            img=pixels,
            scale_factor=GROWTH,
            step_ratio=STEP,
            min_size=(SMALLEST, SMALLEST),
            max_size=(height, width),
        )
        return [
            (one["c"], one["r"], one["c"] + one["width"], one["r"] + one["height"]) for one in found
        ]

    version = importlib.import_module("importlib.metadata").version("scikit-image")
    return Finder(f"frontal-face cascade of scikit-image {version}", propose)


def example() -> Image.Image:
    """Return a public-domain photograph of one frontal face, cut out with a margin (NASA)."""
    data: Any = importlib.import_module("skimage.data")
    return Image.fromarray(data.astronaut()[0:200, 120:330])


def examples() -> list[Image.Image]:
    """Return grey photographs of a hundred faces, 25 pixels tall (Labeled Faces in the Wild).

    They come with scikit-image, with nobody's name.
    """
    data: Any = importlib.import_module("skimage.data")
    faces = (255 * data.lfw_subset()[:100]).round().astype(np.uint8)
    return [Image.fromarray(face).convert("RGB") for face in faces]


def pasted(
    picture: Image.Image, face: Image.Image, height: int, rng: np.random.Generator
) -> Image.Image:
    """Return a picture with a photograph of a face pasted in, `height` pixels tall.

    A picture that is too small is enlarged.
    """
    tall = face.resize((max(1, round(face.width * height / face.height)), height))
    grown = max(1.0, 1.2 * tall.width / picture.width, 1.2 * tall.height / picture.height)
    whole = picture.resize((round(picture.width * grown), round(picture.height * grown)))
    x, y = (
        int(rng.integers(0, room + 1)) for room in (whole.width - tall.width, whole.height - height)
    )
    whole.paste(tall, (x, y))
    return whole


def overlap(one: Box, other: Box) -> float:
    """Return intersection over union of two boxes."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    tall = min(one[3], other[3]) - max(one[1], other[1])
    if wide <= 0 or tall <= 0:
        return 0.0
    shared = wide * tall
    return shared / (_area(one) + _area(other) - shared)


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _scaled(box: Sequence[int], scale: float) -> Box:
    left, top, right, bottom = (round(edge * scale) for edge in box)
    return left, top, right, bottom
