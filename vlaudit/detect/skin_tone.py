"""How light the skin in a picture of a face looks, on the Monk scale, and how far light changes it.

This is a property of the picture, not of the person: light, camera and make-up move it by steps.
"""

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset, Role
from vlaudit.core.errors import MissingExtraError
from vlaudit.detect import faces
from vlaudit.detect.faces import Box

MONK = ("f6ede4", "f3e7db", "f7ead0", "eadaba", "d7bd96",
        "a07e56", "825c43", "604134", "3a312a", "292420")  # fmt: skip
LIGHTS = ((0.75, 0.75, 0.75), (1.33, 1.33, 1.33), (1.15, 1.0, 0.85), (0.85, 1.0, 1.15))
MIDDLE = 0.3

Colours = NDArray[np.float64]


def survey(
    data: Dataset, most: int, *, rng: np.random.Generator
) -> tuple[list[tuple[int, float]], str]:
    """Return what the largest face of pictures looks like, as `looks` does, and what found it.

    Args:
        data: the pictures; none is looked at without a column of pictures.
        most: number of pictures, drawn at random, that faces are looked for in.
        rng: source of the draw.

    Raises:
        MissingExtraError: scikit-image is not installed.
    """
    finder = faces.load()
    found: list[tuple[int, float]] = []
    chosen = rng.permutation(len(data))[:most].tolist() if data.columns.has(Role.IMAGE) else []
    for row in chosen:
        (picture,) = data.images([row])
        found += [looks(np.asarray(picture), box) for box in finder.find(picture)[:1]]
    return found, finder.label


def looks(pixels: NDArray[np.uint8], box: Box) -> tuple[int, float]:
    """Return the nearest tone, 1 to 10, and by how many it changes on average in other light.

    The tone is that whose colour is nearest to the median of the middle of the face (CIEDE2000).
    Light is made darker, brighter, warmer and colder by a quarter or a sixth.

    Args:
        pixels: the picture, uint8 of shape (height, width, 3).
        box: left, top, right and bottom of the face.

    Raises:
        MissingExtraError: scikit-image is not installed.
    """
    left, top, right, bottom = box
    across, down = round((right - left) * MIDDLE), round((bottom - top) * MIDDLE)
    part = pixels[top + down : bottom - down, left + across : right - across].reshape(-1, 3)
    colour = np.median(part, axis=0) / 255.0
    tones = nearest(np.stack([colour, *(in_light(colour, gains) for gains in LIGHTS)]))
    return int(tones[0]), float(np.abs(tones[1:] - tones[0]).mean())


def in_light(colour: Colours, gains: tuple[float, float, float]) -> Colours:
    """Return an sRGB colour within 0 and 1 as it looks with each channel's light changed."""
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    changed = np.clip(linear * np.array(gains), 0.0, 1.0)
    bent = 1.055 * changed ** (1 / 2.4) - 0.055
    return np.asarray(np.where(changed <= 0.0031308, changed * 12.92, bent))


def nearest(colours: Colours) -> NDArray[np.int64]:
    """Return the tone, 1 to 10, that is nearest to each sRGB colour, (colours, 3)."""
    try:
        colour: Any = importlib.import_module("skimage.color")
    except ImportError as error:
        raise MissingExtraError(extra="faces", purpose="estimating skin tones") from error
    scale = np.array([[int(tone[at : at + 2], 16) / 255 for at in (0, 2, 4)] for tone in MONK])
    seen, known = colour.rgb2lab(colours)[:, None], colour.rgb2lab(scale)[None]
    return np.asarray(colour.deltaE_ciede2000(seen, known).argmin(axis=1) + 1, dtype=np.int64)
