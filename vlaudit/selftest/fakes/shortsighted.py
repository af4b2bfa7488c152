"""A dual encoder that fails more often on one kind of picture, which nobody annotated."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.selftest.memory import MemoryDataset

SIZE, CLASSES, SCALE = 64, 4, np.float32(20.0)
KIND = CLASSES  # the axis along which pictures of the kind, and the word for it, lie


class Shortsighted:
    """Embeds a picture along the class it takes it for, and along the axis of its kind.

    The first row of pixels holds a serial number, then the class to be named and whether the
    picture is of the kind.
    """

    name = "shortsighted"
    fingerprint = "7" * 64

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """Return unit vectors, (images, dimensions)."""
        rows: list[Matrix] = []
        for image in images:
            serial, (named, kind, _) = np.asarray(image)[0].astype(np.int64)
            row = np.random.default_rng(int(serial @ [65536, 256, 1])).normal(0, 0.08, SIZE)
            row[named] += 1.0
            row[KIND] += 0.6 * kind
            rows.append(row.astype(np.float32))
        matrix = np.stack(rows)
        return np.asarray(matrix / np.linalg.norm(matrix, axis=1, keepdims=True))

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return the axis of the class that a text names, of `snow` for the kind, or another."""
        rows = np.zeros((len(texts), SIZE), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            words = text.split()
            named = [at for at in range(CLASSES) if f"thing{at}" in words]
            other = KIND + 1 + sum(map(ord, text)) % (SIZE - KIND - 1)
            row[named[0] if named else KIND if "snow" in words else other] = 1.0
        return rows

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return scaled cosines, (images, texts)."""
        return np.asarray(SCALE * images @ texts.T, dtype=np.float32)

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the logits of pictures against texts."""
        return self.scores(self.embed_images(images), self.embed_texts(texts))


def build(
    *,
    accuracy: float = 0.9,
    of_kind: float = 0.9,
    share: float = 0.1,
    rows: int = 1200,
    hard_label: float | None = None,
) -> tuple[Shortsighted, MemoryDataset]:
    """Return the model and its pictures, of which a share is of the kind.

    Args:
        accuracy: share of the ordinary pictures that is called right.
        of_kind: share of the pictures of the kind that is called right.
        share: share of the pictures that is of the kind, the same under every label.
        rows: number of pictures.
        hard_label: accuracy under the first label, whatever the kind; like others by default.
    """
    rng = np.random.default_rng(rows)
    pictures: list[Image.Image] = []
    labels: list[str] = []
    for serial in range(rows):
        label, kind = serial % CLASSES, bool(rng.random() < share)
        right = of_kind if kind else accuracy
        if hard_label is not None and label == 0:
            right = hard_label
        named = label if rng.random() < right else (label + rng.integers(1, CLASSES)) % CLASSES
        pixels = (serial >> 16, serial >> 8 & 255, serial & 255), (int(named), int(kind), 0)
        pictures.append(Image.fromarray(np.array([pixels], dtype=np.uint8)))
        labels.append(f"thing{label}")
    return Shortsighted(), MemoryDataset(pictures, {Role.LABEL: labels}, {}, "short-sighted world")
