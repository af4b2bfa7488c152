"""A model that sees colours and, to a planted degree, believes what is written instead."""

import colorsys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.selftest.memory import MemoryDataset

NAMES = ("apple", "bridge", "candle", "dolphin", "engine", "forest", "guitar", "hammer")
SHAPE = (48, 12)
SCALE = 20.0

Plane = NDArray[np.float64]


class Reader:
    """Names a picture by its hue, the surer the more saturated it is, from 0 to 1.

    Black letters on white are compared with a print of each class name; the name that matches
    weighs `reads`, so that the word wins on the share `reads` of evenly spread pictures. With
    `startled`, any letters at all make it name the first class.
    """

    name = "reader"
    fingerprint = "2" * 64

    def __init__(self, *, reads: float = 0.0, startled: bool = False) -> None:
        """Take how much a word weighs against what is seen."""
        self.reads = reads
        self.startled = startled
        self._prints = {name: _outline(_print(name)) for name in NAMES}

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the scores of pictures against texts, (images, texts)."""
        named = [next(i for i, name in enumerate(NAMES) if name in text) for text in texts]
        scores = np.stack([self._weigh(np.asarray(image, dtype=np.float64)) for image in images])
        return np.asarray(SCALE * scores[:, named], dtype=np.float32)

    def _weigh(self, pixels: Plane) -> Plane:
        weights = np.zeros(len(NAMES))
        hue, saturation = _colour(pixels)
        weights[round(hue * len(NAMES)) % len(NAMES)] = (saturation - 0.3) / 0.7
        ink = pixels.max(2) < 60
        if ink.any():
            seen = _outline(ink)
            likeness = [float((seen * outline).mean()) for outline in self._prints.values()]
            if max(likeness) > 0.6:
                weights[int(np.argmax(likeness))] += self.reads
            weights[0] += 2 * self.startled
        return weights


def _colour(pixels: Plane) -> tuple[float, float]:
    """Return the median hue and saturation of the pixels that are not white, black or grey."""
    coloured = pixels[np.ptp(pixels, axis=2) > 40]
    red, green, blue = np.median(coloured, axis=0) / 255
    hue, saturation, _ = colorsys.rgb_to_hsv(red, green, blue)
    return hue, saturation


def _print(word: str) -> NDArray[np.bool_]:
    page = Image.new("L", (60 * len(word), 120), "white")
    ImageDraw.Draw(page).text((10, 10), word, "black", ImageFont.load_default(60))
    return np.asarray(page) < 128


def _outline(ink: NDArray[np.bool_]) -> Plane:
    """Return the letters alone, stretched to one size, with mean 0 and variance 1."""
    page = Image.fromarray(ink.astype(np.uint8) * 255)
    cut = page.crop(page.getbbox()).resize(SHAPE, Image.Resampling.BILINEAR)
    plane = np.asarray(cut, dtype=np.float64)
    return np.asarray((plane - plane.mean()) / max(float(plane.std()), 1e-9))


def build(
    *, reads: float = 0.0, startled: bool = False, images: int = 128, side: int = 96
) -> tuple[Reader, MemoryDataset]:
    """Return a reader and plain pictures of each hue, their saturation evenly spread."""
    pictures: list[Image.Image] = []
    for row in range(images):
        sure = (row // len(NAMES) + 0.5) / (images // len(NAMES))
        colour = colorsys.hsv_to_rgb(row % len(NAMES) / len(NAMES), 0.3 + 0.7 * sure, 0.7)
        pictures.append(Image.new("RGB", (side, side), tuple(round(255 * c) for c in colour)))
    labels = [NAMES[row % len(NAMES)] for row in range(images)]
    return Reader(reads=reads, startled=startled), MemoryDataset(
        pictures, {Role.LABEL: labels}, name="colours"
    )
