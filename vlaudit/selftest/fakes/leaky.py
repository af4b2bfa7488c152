"""A dual encoder whose embeddings hold as much of the picture as they are told to."""

import zlib
from collections.abc import Sequence

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.selftest.memory import MemoryDataset

DIMENSIONS, SCALE, SIDE = 96, 20.0, 4
THINGS = ("dog", "bicycle", "harbour", "kitchen")


class Leaky:
    """Embeds a random projection of the pixels, what is shown, and noise.

    What is shown stands in the first pixel, and a number of the picture in the one beside it.
    """

    name = "leaky"
    fingerprint = "6" * 64

    def __init__(self, *, pixels: float, words: float) -> None:
        """Hold pixels and the words of the caption as strongly as told."""
        self.pixels = pixels
        self.words = words
        projection = np.random.default_rng(0).standard_normal((3 * SIDE * SIDE, DIMENSIONS))
        self._projection = np.asarray(projection / np.sqrt(3 * SIDE * SIDE), dtype=np.float32)

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """Return what the model makes of pictures, (images, dimensions)."""
        return _unit([self._seen(image) for image in images])

    def _seen(self, image: Image.Image) -> Matrix:
        whole = np.asarray(image)
        thing, number = int(whole[0, 0, 0]), int(whole[0, 1, 0]) * 256 + int(whole[0, 1, 1])
        small = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float32)
        held = (small.ravel() / 128 - 1) @ self._projection
        told = sum(map(_vector, caption(thing, number).split()))
        noise = _vector(f"noise {number}")
        return np.asarray(noise + self.pixels * held + self.words * told, dtype=np.float32)

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return the sums of word vectors, (texts, dimensions)."""
        return _unit([np.asarray(sum(map(_vector, (t or "-").split())), np.float32) for t in texts])

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return scaled cosines, (images, texts)."""
        return np.asarray(SCALE * images @ texts.T, dtype=np.float32)

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the logits of pictures against texts."""
        return self.scores(self.embed_images(images), self.embed_texts(texts))


def caption(thing: int, number: int) -> str:
    """Return what is said of a picture."""
    return f"a {THINGS[thing]} number {number}"


def _vector(word: str) -> Matrix:
    rng = np.random.default_rng(zlib.crc32(word.encode()))
    return np.asarray(rng.standard_normal(DIMENSIONS) / np.sqrt(DIMENSIONS), dtype=np.float32)


def _unit(vectors: Sequence[Matrix]) -> Matrix:
    stacked = np.stack(vectors)
    return np.asarray(stacked / np.linalg.norm(stacked, axis=1, keepdims=True), dtype=np.float32)


def build(
    *, rows: int = 400, pixels: float = 0.0, words: float = 0.0, seed: int = 0
) -> tuple[Leaky, MemoryDataset]:
    """Return such a model and pictures of blurred colours with captions and labels."""
    rng = np.random.default_rng(seed)
    pictures: list[Image.Image] = []
    shown = rng.integers(0, len(THINGS), rows).tolist()
    for row, thing in enumerate(shown):
        coarse = Image.fromarray(rng.integers(0, 256, (3, 3, 3), dtype=np.uint8))
        whole = np.array(coarse.resize((32, 32), Image.Resampling.BICUBIC))
        whole[0, 0], whole[0, 1] = (thing, 0, 0), (row // 256, row % 256, 0)
        pictures.append(Image.fromarray(whole))
    captions = [caption(thing, row) for row, thing in enumerate(shown)]
    labels = [THINGS[thing] for thing in shown]
    values = {Role.CAPTION: captions, Role.LABEL: labels}
    return Leaky(pixels=pixels, words=words), MemoryDataset(pictures, values, name="stored")
