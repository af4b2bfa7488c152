"""Pictures of which some show a photographed face, with and without a recorded basis."""

import numpy as np
from PIL import Image

from vlaudit.detect.faces import example, pasted
from vlaudit.selftest.fakes.seer import Seer
from vlaudit.selftest.memory import MemoryDataset


def build(
    *,
    rows: int = 40,
    faces: int = 0,
    based: int = 0,
    height: int = 90,
    blobs: int = 2,
    seed: int = 0,
) -> tuple[Seer, MemoryDataset]:
    """Return a trivial model and `rows` pictures of blurred colours.

    Without scikit-image, which brings the face along, no picture shows one.

    Args:
        rows: number of pictures.
        faces: how many of them show a face.
        based: how many of those record consent; the group `basis` holds it.
        height: height of the pasted head in pixels.
        blobs: patches of colour along a side; many of them look a little like faces.
        seed: seed of the draws.
    """
    rng = np.random.default_rng(seed)
    pictures: list[Image.Image] = []
    for row in range(rows):
        coarse = Image.fromarray(rng.integers(0, 255, (blobs, blobs, 3), dtype=np.uint8))
        picture = coarse.resize((160, 160), Image.Resampling.BICUBIC)
        pictures.append(_peopled(picture, height, rng) if row < faces else picture)
    basis = ["consent" if row < based else None for row in range(rows)]
    data = MemoryDataset(pictures, attributes={"basis": basis}, name="portraits")
    return Seer([str(level) for level in range(256)]), data


def _peopled(picture: Image.Image, height: int, rng: np.random.Generator) -> Image.Image:
    try:
        return pasted(picture, example(), height, rng)
    except ImportError:
        return picture
