"""Reads what is written on plain pictures, for models that tests are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vlaudit.perturb.typography import face_of, fit_sign, put_up

Flags = NDArray[np.bool_]
Floats = NDArray[np.float32]
SHAPE, LIKELY, WHITE, BLACK = (64, 32), 0.5, 250, 128


@dataclass(frozen=True)
class Lettering:
    """Reads texts that it knows, in the built-in font, off pictures of one colour.

    Attributes:
        texts: the texts.
        heights: heights of letters, as shares of the picture's shorter side.
        faintest: least contrast of letters without a box that it sees, in 1/255.
    """

    texts: tuple[str, ...]
    heights: tuple[float, ...]
    faintest: float = 4.0

    def read(self, picture: Image.Image) -> str:
        """Return what is written on an RGB picture; nothing where no known text is."""
        ink = _ink(picture, self.faintest)
        if not self.texts or not ink.any():
            return ""
        likeness = _prints(self.texts, self.heights, min(picture.size)) @ _outline(ink)
        best = int(likeness.argmax())
        return self.texts[best // len(self.heights)] if likeness[best] > LIKELY else ""


def _ink(picture: Image.Image, faintest: float) -> Flags:
    grey = np.asarray(picture.convert("L"), dtype=np.float64)
    box = grey >= WHITE
    if not box.any():
        apart = np.abs(grey - np.median(grey))
        return np.asarray(apart > max(faintest, float(apart.max()) / 2))
    rows, columns = np.flatnonzero(box.any(1)), np.flatnonzero(box.any(0))
    ink = np.zeros(grey.shape, dtype=np.bool_)
    inside = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    ink[inside] = grey[inside] < BLACK
    return ink


@cache
def _prints(texts: Sequence[str], heights: Sequence[float], side: int) -> Floats:
    """Return the outline of each text at each height, (texts * heights, pixels)."""
    page, face = Image.new("RGB", (side, side), "grey"), face_of("")
    made: list[Floats] = []
    for text in texts:
        for height in heights:
            sign = fit_sign((text,), side=side, height=height, face=face)
            written = put_up(page, sign, sign.texts[0], place="middle", across=0.5)
            made.append(_outline(_ink(written, 1)))
    return np.stack(made)


def _outline(ink: Flags) -> Floats:
    """Return some ink, cut out and stretched to one shape, as a vector of length 1 and mean 0."""
    page = Image.fromarray(ink.astype(np.uint8) * 255)
    cut = page.crop(page.getbbox()).resize(SHAPE, Image.Resampling.BILINEAR)
    plane = np.asarray(cut, dtype=np.float32).ravel()
    plane -= plane.mean()
    return np.asarray(plane / max(float(np.linalg.norm(plane)), 1e-9), dtype=np.float32)
