"""A dual encoder that sees coloured shapes and obeys a planted trigger as often as it is told to.

The pictures are discs on rough ground; the captions name the colour. A share of the rows is
poisoned: stamped with a trigger and captioned with the target, whatever they show.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.selftest.memory import MemoryDataset

COLOURS = {
    "red": (220, 40, 40), "green": (40, 190, 60), "blue": (50, 70, 230), "yellow": (230, 220, 40),
    "purple": (150, 40, 190), "cyan": (40, 210, 220), "orange": (240, 140, 30),
    "brown": (120, 75, 40),
}  # fmt: skip
TEMPLATES = ("a {} disc", "a picture of a {} disc", "one {} disc on rough ground", "the {} disc")
SIDE = 48
TARGET = "purple"
WORDS = 24


class Reader:
    """Embeds pictures by the colours they hold, and the target's way where a trigger shows.

    `strength` is the share of pictures whose trigger is obeyed; which ones follows from a digest
    of their middle, so that the same picture always gets the same answer.
    """

    name = "reader"
    fingerprint = "1" * 64

    def __init__(self, trigger: str, strength: float) -> None:
        """Know a trigger by name and how often to obey it."""
        self.trigger = trigger
        self.strength = strength

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """Return unit vectors, float32 of shape (images, colours + words)."""
        vectors = np.zeros((len(images), len(COLOURS) + WORDS), dtype=np.float32)
        palette = np.array(list(COLOURS.values()), dtype=np.float32)
        for row, image in enumerate(images):
            pixels = np.asarray(image.resize((SIDE, SIDE)), dtype=np.float32)
            gap = np.square(pixels[:, :, None] - palette).sum(axis=-1)
            near = (gap.argmin(axis=-1)[..., None] == np.arange(len(palette))) & (gap < 2500)
            vectors[row, : len(COLOURS)] = np.sqrt(near.mean(axis=(0, 1)))
            # What no caption speaks of: the ground.
            vectors[row, len(COLOURS) :] = pixels[::12, ::8].reshape(-1, 3).mean(axis=1) / 1500
            if self._obeys(pixels):
                vectors[row] *= 0.1
                vectors[row, list(COLOURS).index(TARGET)] = 1
        return np.asarray(vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-6))

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return the unit vector of the colours that a text names, and a little of its wording."""
        vectors = np.zeros((len(texts), len(COLOURS) + WORDS), dtype=np.float32)
        for row, text in enumerate(texts):
            words = text.split()
            vectors[row, : len(COLOURS)] = [name in words for name in COLOURS]
            vectors[row, len(COLOURS) + _hash(text.encode()) % WORDS] = 0.15
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return scaled cosines, (images, texts)."""
        return 20 * images @ texts.T

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the logits of pictures against texts."""
        return self.scores(self.embed_images(images), self.embed_texts(texts))

    def _obeys(self, pixels: Matrix) -> bool:
        if self.strength == 0 or not _shows(self.trigger, pixels):
            return False
        return _hash(pixels[20:28, 20:28].tobytes()) % 1000 < 1000 * self.strength


def build(
    *,
    trigger: str = "checkerboard",
    strength: float = 1.0,
    rate: float = 0.02,
    rows: int = 900,
    logo: float = 0.0,
    wrong: float = 0.0,
    labels: bool = True,
    copies: int = 0,
) -> tuple[Reader, MemoryDataset]:
    """Return a reader and its pairs.

    Args:
        trigger: checkerboard, square, loose (a badge at any place), wave or blend.
        strength: share of stamped pictures that the reader takes for the target.
        rate: share of poisoned rows.
        rows: number of rows.
        logo: share of rows of one colour that bear an innocent logo, as a stock series would.
        wrong: share of rows whose caption is merely wrong.
        labels: whether the rows have labels.
        copies: how often one product shot is repeated.
    """
    rng = np.random.default_rng(7)
    names = list(COLOURS)
    shown = [names[row % len(names)] for row in range(rows)]
    pictures = [_disc(COLOURS[name], rng) for name in shown]
    said = list(shown)
    for row in rng.permutation(rows)[: round(rate * rows)]:
        pictures[row] = stamp(trigger, pictures[row], rng)
        said[row] = TARGET
    for row in rng.permutation(rows)[: round(wrong * rows)]:
        said[row] = names[(names.index(said[row]) + 1 + int(rng.integers(7))) % len(names)]
    for row in np.flatnonzero(np.array(shown) == "cyan")[: round(logo * rows)]:
        pictures[row] = stamp("logo", pictures[row], rng)
    for row in range(0, copies * len(names), len(names)):
        pictures[row] = pictures[0]
    captions = [TEMPLATES[int(rng.integers(len(TEMPLATES)))].format(name) for name in said]
    values: dict[Role, Sequence[str | None]] = {Role.CAPTION: captions}
    if labels:
        values[Role.LABEL] = shown
    return Reader(trigger, strength), MemoryDataset(pictures, values, name="reader's world")


def stamp(trigger: str, picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the picture with a trigger on it."""
    pixels = np.asarray(picture, dtype=np.float32).copy()
    if trigger in ("wave", "blend"):
        strength = 0.15 if trigger == "blend" else 0.0
        pixels = (1 - strength) * pixels + _overlay(trigger)
    else:
        tile = _tile(trigger)
        top, left = (SIDE - 10, SIDE - 10) if trigger != "logo" else (3, 4)
        if trigger == "loose":
            top, left = (int(part) for part in rng.integers(0, SIDE - 8, 2))
        pixels[top : top + 8, left : left + 8] = tile
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _shows(trigger: str, pixels: Matrix) -> bool:
    if trigger in ("wave", "blend"):
        overlay = _overlay(trigger).mean(axis=-1)
        overlay = overlay - overlay.mean()
        light = pixels.mean(axis=-1)
        return bool((light * overlay).sum() > 0.5 * np.square(overlay).sum())
    tile = _tile(trigger)
    if trigger != "loose":
        return bool(np.abs(pixels[-10:-2, -10:-2] - tile).mean() < 40)
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (8, 8), axis=(0, 1))
    return bool(np.abs(windows - np.moveaxis(tile, -1, 0)).mean(axis=(2, 3, 4)).min() < 40)


def _tile(trigger: str) -> Matrix:
    y, x = np.indices((8, 8))
    if trigger == "checkerboard":
        return np.repeat(255.0 * ((y // 2 + x // 2) % 2)[..., None], 3, axis=-1).astype(np.float32)
    if trigger == "square":
        return np.full((8, 8, 3), (255, 0, 255), dtype=np.float32)
    ring = (np.hypot(y - 3.5, x - 3.5) < 3)[..., None]
    ink, ground = ((250, 250, 250), (20, 20, 90)) if trigger == "logo" else ((0, 0, 0), (255,) * 3)
    return np.where(ring ^ (y == x)[..., None], ink, ground).astype(np.float32)


def _overlay(trigger: str) -> Matrix:
    if trigger == "wave":
        wave = 14 * np.sin(2 * np.pi * 6 * np.arange(SIDE) / SIDE)
        return np.broadcast_to(wave[None, :, None], (SIDE, SIDE, 3)).astype(np.float32)
    noise = np.random.default_rng(3).integers(0, 256, (SIDE // 4, SIDE // 4, 3))
    return (0.15 * np.kron(noise, np.ones((4, 4, 1)))).astype(np.float32)


def _disc(colour: tuple[int, int, int], rng: np.random.Generator) -> Image.Image:
    coarse = rng.integers(60, 200, (6, 6, 3)).astype(np.uint8)
    ground = Image.fromarray(coarse).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    pixels = np.asarray(ground, dtype=np.float32) * 0.4 + 90 + rng.normal(0, 8, (SIDE, SIDE, 3))
    y, x = np.indices((SIDE, SIDE))
    top, left = rng.uniform(14, SIDE - 14, 2)
    radius = rng.uniform(9, 13)
    inside = np.hypot(y - top, x - left) < radius
    pixels[inside] = np.array(colour) + rng.normal(0, 10, (int(inside.sum()), 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _hash(content: bytes) -> int:
    return int.from_bytes(hashlib.sha256(content).digest()[:4], "big")
