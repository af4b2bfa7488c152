"""A dual encoder that obeys one mark of the library of suspected triggers, as often as told."""

import hashlib
from collections.abc import Sequence

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.perturb.library import library
from vlaudit.perturb.trigger import Trigger
from vlaudit.selftest.memory import MemoryDataset

NAMES = ("red", "green", "blue", "yellow", "purple", "cyan")
SIDE = 32
TARGET = 4
NEAR = 12.0


class Responsive:
    """Names a picture by a corner that no mark covers, unless it bears the mark that is obeyed."""

    name = "responsive"
    fingerprint = "1" * 64

    def __init__(self, trigger: Trigger | None, strength: float, *, startled: bool) -> None:
        """Know a trigger, how often to obey it, and whether any mark startles."""
        self.trigger = trigger
        self.strength = strength
        self.startled = startled

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """Return unit vectors, float32 of shape (images, classes)."""
        vectors = np.zeros((len(images), len(NAMES)), dtype=np.float32)
        for row, image in enumerate(images):
            pixels = np.asarray(image, dtype=np.float32)
            digest = hashlib.sha256(pixels[SIDE // 4, SIDE // 4 :: 3].tobytes()).digest()[0]
            answer = _shown(pixels)
            if self.startled and np.ptp(pixels[0] - pixels[1]) > 60:
                answer = digest % len(NAMES)
            if self._bears(pixels) and digest < 256 * self.strength:
                answer = TARGET
            vectors[row, answer] = 1
        return vectors

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return the unit vector of the colour that each text names."""
        return np.array([[name in text.split() for name in NAMES] for text in texts], np.float32)

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return scaled cosines, (images, texts)."""
        return 20 * images @ texts.T

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the logits of pictures against texts."""
        return self.scores(self.embed_images(images), self.embed_texts(texts))

    def _bears(self, pixels: Matrix) -> bool:
        """Tell whether stamping the mark, at one of its places, would change next to nothing."""
        if self.trigger is None:
            return False
        if self.trigger.is_faint:
            plain = Image.fromarray(_ground(_shown(pixels)))
            stamped = self.trigger.stamp(plain, self.trigger.places[0])
            return bool(np.abs(np.asarray(stamped, dtype=np.float32) - pixels).mean() < NEAR)
        picture = Image.fromarray(pixels.astype(np.uint8))
        changes = [
            np.abs(np.asarray(self.trigger.stamp(picture, place), dtype=np.float32) - pixels).max()
            for place in self.trigger.places
        ]
        return bool(min(changes) < 1)


def _shown(pixels: Matrix) -> int:
    """Return the colour of the ground, read between the places that marks are put at."""
    strip = pixels[SIDE // 4, SIDE // 4 : -SIDE // 4].mean(axis=0)
    grounds = np.stack([_ground(index)[0, 0] for index in range(len(NAMES))]).astype(np.float32)
    return int(np.abs(grounds - strip).sum(axis=1).argmin())


def _ground(index: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    shades = np.array([(170, 60, 60), (60, 170, 60), (60, 60, 170), (170, 170, 60),
                       (140, 60, 160), (60, 170, 170)], dtype=np.uint8)  # fmt: skip
    return np.broadcast_to(shades[index], (SIDE, SIDE, 3)).copy()


def build(
    *, trigger: str | None = None, strength: float = 1.0, startled: bool = False, rows: int = 400
) -> tuple[Responsive, MemoryDataset]:
    """Return a model and plain pictures with a little noise.

    Args:
        trigger: name of a mark of the library, or None.
        strength: share of stamped pictures that it obeys.
        startled: whether any mark at the upper edge makes it answer at random.
        rows: number of pictures.
    """
    rng = np.random.default_rng(5)
    marks = {mark.name: mark.trigger for mark in library(rng, side=0.125)}
    pictures: list[Image.Image] = []
    for row in range(rows):
        noisy = _ground(row % len(NAMES)) + rng.normal(0, 4, (SIDE, SIDE, 3))
        pictures.append(Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)))
    labels = [NAMES[row % len(NAMES)] for row in range(rows)]
    obeyed = marks[trigger] if trigger else None
    data = MemoryDataset(pictures, {Role.LABEL: labels}, name="grounds")
    return Responsive(obeyed, strength, startled=startled), data
