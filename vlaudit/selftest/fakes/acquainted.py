"""A dual encoder that has learnt some invented people by name, and pictures of them."""

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.selftest.memory import MemoryDataset

DIMENSIONS = 128
SCALE = 30.0
GIVEN = ("Mirabel", "Oswin", "Tindra", "Corvin", "Saoirse", "Belen", "Yorick", "Ottoline")
SURNAMES = ("Quillfeather", "Ashdown", "Merriweather", "Locksmith", "Vane", "Starling", "Thorne")


def _vector(word: str) -> Matrix:
    rng = np.random.default_rng(zlib.crc32(word.encode()))
    return np.asarray(rng.standard_normal(DIMENSIONS) / np.sqrt(DIMENSIONS), dtype=np.float32)


def _unit(vectors: Sequence[Matrix]) -> Matrix:
    stacked = np.stack(vectors)
    return np.asarray(stacked / np.linalg.norm(stacked, axis=1, keepdims=True), dtype=np.float32)


class Acquainted:
    """Reads who is on a picture from its first pixel; texts are the sum of their words.

    A picture lies near the name that the model has learnt for its person, as near as `memory`
    says, and near what the model likes to say of anybody.
    """

    name = "acquainted"
    fingerprint = "1" * 64

    def __init__(
        self, learnt: Mapping[int, str], *, memory: float, liking: Mapping[str, float]
    ) -> None:
        """Know the name of each learnt person, and what to say of anybody."""
        self.learnt = learnt
        self.memory = memory
        self.liking = liking

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """Return what the model makes of pictures, (images, dimensions)."""
        return _unit([self._seen(*np.asarray(image)[0, 0, :2].tolist()) for image in images])

    def _seen(self, person: int, view: int) -> Matrix:
        parts = [_vector(f"person {person}"), 0.5 * _vector(f"view {person} {view}")]
        if person in self.learnt:
            parts.append(self.memory * self._told(self.learnt[person]))
        parts += [weight * self._told(text) for text, weight in self.liking.items()]
        return np.asarray(np.sum(parts, axis=0), dtype=np.float32)

    def _told(self, text: str) -> Matrix:
        return np.asarray(sum(_vector(word) for word in text.lower().split()), dtype=np.float32)

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return the sums of word vectors, (texts, dimensions)."""
        return _unit([self._told(text) for text in texts])

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return scaled cosines, (images, texts)."""
        return np.asarray(SCALE * images @ texts.T, dtype=np.float32)

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the logits of pictures against texts."""
        return self.scores(self.embed_images(images), self.embed_texts(texts))


def build(
    *,
    people: int = 8,
    learnt: int = 0,
    pictures: int = 6,
    others: int = 60,
    memory: float = 0.6,
    liked: bool = False,
) -> tuple[Acquainted, MemoryDataset]:
    """Return a model that has learnt the first `learnt` people, and pictures of all.

    Args:
        people: number of named people.
        learnt: how many of them the model knows.
        pictures: pictures of each.
        others: pictures of nobody in particular.
        memory: how strongly a learnt name shows in a picture.
        liked: whether the model fits the name of the last person to every picture.
    """
    names = [f"{GIVEN[i % 8]} {SURNAMES[i % 7]}" for i in range(people)]
    shown = [(p, v) for p in range(people) for v in range(pictures)]
    shown += [(people + i % 120, i // 120) for i in range(others)]
    images = [Image.new("RGB", (8, 8), (person, view, 0)) for person, view in shown]
    who = [names[person] if person < people else None for person, _ in shown]
    data = MemoryDataset(
        images,
        {Role.CAPTION: ["a photo of somebody"] * len(shown), Role.IDENTITY: who},
        name="acquaintances",
    )
    liking = {names[-1]: 0.6} if liked else {}
    model = Acquainted(dict(enumerate(names[:learnt])), memory=memory, liking=liking)
    return model, data
