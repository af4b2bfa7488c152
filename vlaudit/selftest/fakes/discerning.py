"""A dual encoder that sees attributes and persons as clearly as it is told to."""

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.selftest.memory import MemoryDataset

DIMENSIONS, SCALE = 64, 20.0
ATTRIBUTES = {
    "emotion": ("happy", "angry", "sad"),
    "origin": ("northern", "southern"),
}


def _vector(word: str) -> Matrix:
    rng = np.random.default_rng(zlib.crc32(word.encode()))
    return np.asarray(rng.standard_normal(DIMENSIONS) / np.sqrt(DIMENSIONS), dtype=np.float32)


class Discerning:
    """Reads emotion, origin, person and view from a picture's first two pixels.

    What it makes of them has the strength it is given; the view is noise of its own.
    """

    name = "discerning"
    fingerprint = "4" * 64

    def __init__(self, sees: Mapping[str, float]) -> None:
        """See each attribute, and `person`, as clearly as told."""
        self.sees = sees

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """Return what the model makes of pictures, (images, dimensions)."""
        return _unit([self._seen(np.asarray(image)) for image in images])

    def _seen(self, pixels: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> Matrix:
        emotion, origin, person = (int(level) for level in pixels[0, 0])
        view = int(pixels[0, 1, 0]) * 256 + int(pixels[0, 1, 1])
        parts = [_vector(f"view {person} {view}")]
        for name, group in (("emotion", emotion), ("origin", origin)):
            parts.append(self.sees.get(name, 0.0) * _vector(ATTRIBUTES[name][group]))
        parts.append(self.sees.get("person", 0.0) * _vector(f"person {person}"))
        return np.asarray(np.sum(parts, axis=0), dtype=np.float32)

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return the sums of word vectors, (texts, dimensions)."""
        return _unit(
            [np.asarray(sum(map(_vector, text.split())), dtype=np.float32) for text in texts]
        )

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return scaled cosines, (images, texts)."""
        return np.asarray(SCALE * images @ texts.T, dtype=np.float32)

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the logits of pictures against texts."""
        return self.scores(self.embed_images(images), self.embed_texts(texts))


def _unit(vectors: Sequence[Matrix]) -> Matrix:
    stacked = np.stack(vectors)
    return np.asarray(stacked / np.linalg.norm(stacked, axis=1, keepdims=True), dtype=np.float32)


def build(
    *,
    sees: Mapping[str, float] | None = None,
    people: int = 30,
    views: int = 8,
    annotated: bool = True,
    scenes: bool = False,
    seed: int = 0,
) -> tuple[Discerning, MemoryDataset]:
    """Return a model and pictures of people with emotions and origins.

    Args:
        sees: strength of `emotion`, `origin` and `person` in what the model makes of a picture.
        people: number of people.
        views: pictures of each.
        annotated: whether attributes and people are told at all.
        scenes: whether all pictures of one person have the same background.
        seed: seed of the draws.
    """
    rng = np.random.default_rng(seed)
    pictures: list[Image.Image] = []
    emotions: list[str | None] = []
    origins: list[str | None] = []
    who: list[str] = []
    for person in range(people):
        origin = person % 2
        scene = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        for view in range(views):
            emotion = int(rng.integers(3))
            pixels = scene.copy() if scenes else rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
            pixels[0, 0] = (emotion, origin, person)
            pixels[0, 1] = (view // 256, view % 256, 0)
            pictures.append(Image.fromarray(pixels))
            emotions.append(ATTRIBUTES["emotion"][emotion])
            origins.append(ATTRIBUTES["origin"][origin])
            who.append(f"person {person}")
    groups = {"emotion": emotions, "origin": origins} if annotated else {}
    values = {Role.IDENTITY: who} if annotated else {Role.CAPTION: ["somebody"] * len(who)}
    return Discerning(sees or {}), MemoryDataset(pictures, values, groups, name="people")
