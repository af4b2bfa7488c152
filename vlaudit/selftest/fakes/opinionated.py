"""A dual encoder that has learnt, to a planted degree, to tie one group to a concept."""

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.selftest.memory import MemoryDataset

SIZE, SCALE = 64, np.float32(20.0)
WORK, HOME = {"executive", "salary", "office", "business"}, {"home", "parents", "children"}
MEN, WOMEN = {"man", "male", "boy", "brother", "he", "him"}, {"woman", "female", "girl", "sister"}


class Opinionated:
    """Embeds texts and pictures at random but along one axis, from home to work.

    Words of work lie at its one end and words of home at the other. Pictures of the first group
    are moved towards work by `lean` standard deviations, names of men by `word_lean`. Everything
    about label 1 lies nearer to work, whoever does it.
    """

    name = "opinionated"
    fingerprint = "6" * 64

    def __init__(self, *, lean: float = 0.0, word_lean: float = 0.0) -> None:
        """Take how strongly pictures and names are tied to work."""
        self.lean = lean
        self.word_lean = word_lean

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """Return unit vectors, (images, dimensions)."""
        rows: list[Matrix] = []
        for image in images:
            serial, (group, label, _) = np.asarray(image)[0].astype(np.int64)
            row = np.random.default_rng(int(serial @ [65536, 256, 1])).normal(size=SIZE)
            row[0] += self.lean * (group == 0) + 3.0 * (label == 1)
            rows.append(row.astype(np.float32))
        return _unit(rows)

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return unit vectors, (texts, dimensions)."""
        rows: list[Matrix] = []
        for text in texts:
            words = set(text.replace(",", " ").split())
            row = np.random.default_rng(zlib.crc32(text.encode())).normal(size=SIZE)
            row[0] += 12.0 * bool(words & WORK) - 12.0 * bool(words & HOME)
            row[0] += self.word_lean * (bool(words & MEN) - bool(words & WOMEN))
            rows.append(row.astype(np.float32))
        return _unit(rows)

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return scaled cosines, (images, texts)."""
        return np.asarray(SCALE * images @ texts.T, dtype=np.float32)

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the logits of pictures against texts."""
        return self.scores(self.embed_images(images), self.embed_texts(texts))


def _unit(rows: Sequence[Matrix]) -> Matrix:
    matrix = np.stack(rows)
    return np.asarray(matrix / np.linalg.norm(matrix, axis=1, keepdims=True), dtype=np.float32)


def build(
    *,
    rows: Mapping[str, Sequence[int]],
    lean: float = 0.0,
    word_lean: float = 0.0,
    attribute: str = "gender",
) -> tuple[Opinionated, MemoryDataset]:
    """Return the model and its pictures of each group, label by label."""
    pictures: list[Image.Image] = []
    labels: list[str] = []
    groups: list[str] = []
    for index, (group, counts) in enumerate(rows.items()):
        for label, count in enumerate(counts):
            for _ in range(count):
                serial = len(pictures)
                pixels = (serial >> 16, serial >> 8 & 255, serial & 255), (index, label, 0)
                pictures.append(Image.fromarray(np.array([pixels], dtype=np.uint8)))
                labels.append(f"thing{label}")
                groups.append(group)
    data = MemoryDataset(pictures, {Role.LABEL: labels}, {attribute: groups}, name="opinions")
    return Opinionated(lean=lean, word_lean=word_lean), data
