"""Pictures with personal data or innocent words written on them, in letters of a given height."""

import numpy as np
from PIL import Image, ImageFilter

from vlaudit.core.dataset import Role
from vlaudit.detect.ocr import inscribe
from vlaudit.detect.pii.planted import decoys, plant
from vlaudit.selftest.fakes.seer import Seer
from vlaudit.selftest.memory import MemoryDataset

WORDS = ("EXIT", "fresh bread", "OPEN 9-17", "bus 42", "SALE -50%", "No parking", "Platform 3")


def build(
    *,
    rows: int = 20,
    planted: int = 0,
    words: int = 0,
    decoyed: int = 0,
    height: int = 16,
    blur: float = 0.0,
    seed: int = 0,
) -> tuple[Seer, MemoryDataset]:
    """Return a trivial model and `rows` pictures of 128 pixels.

    Args:
        rows: number of pictures.
        planted: how many of them show personal data.
        words: how many others show a harmless sign.
        decoyed: how many others show an innocent number, date, code or brand.
        height: height of the letters in pixels.
        blur: radius of a Gaussian blur over everything, in pixels.
        seed: seed of the draws.
    """
    rng = np.random.default_rng(seed)
    texts = [p.text[p.start : p.end] for p in plant(["x"], rng, planted)]
    texts += [WORDS[i % len(WORDS)] for i in range(words)]
    texts += [p.text[p.start : p.end] for p in decoys(["x"], rng, decoyed)]
    pictures: list[Image.Image] = []
    for text in [*texts, *[""] * (rows - len(texts))]:
        coarse = Image.fromarray(rng.integers(60, 200, (3, 3, 3), dtype=np.uint8))
        picture = coarse.resize((128, 128), Image.Resampling.BICUBIC)
        if text:
            picture = inscribe(picture, text, height, rng)
        pictures.append(picture.filter(ImageFilter.GaussianBlur(blur)))
    names: list[str | None] = [str(i) for i in range(rows)]
    data = MemoryDataset(pictures, {Role.ID: names}, name="inscribed")
    return Seer([str(level) for level in range(256)]), data
