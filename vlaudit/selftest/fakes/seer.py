"""A dual encoder that names what it sees at a planted accuracy for each group."""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.selftest.memory import MemoryDataset

SCALE = np.float32(20.0)


class Seer:
    """Reads the answer that it is to give from the first pixel of each picture.

    The first channel is the index of the class that the seer will name; texts are embedded as
    the class whose name they contain, so that zero-shot classification works as usual.
    """

    name = "seer"
    fingerprint = "0" * 64

    def __init__(self, classes: Sequence[str]) -> None:
        """Know the classes by name."""
        self.classes = tuple(classes)

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """Return the unit vector of the class to be named, (images, classes + 1)."""
        named = [int(np.asarray(image)[0, 0, 0]) for image in images]
        return np.asarray(np.eye(len(self.classes) + 1)[named], dtype=np.float32)

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return the unit vector of the class a text contains, the last one where none."""
        unknown = len(self.classes)
        named = [
            next((i for i, name in enumerate(self.classes) if name in text.split()), unknown)
            for text in texts
        ]
        return np.asarray(np.eye(unknown + 1)[named], dtype=np.float32)

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return scaled cosines, (images, texts)."""
        return np.asarray(SCALE * images @ texts.T, dtype=np.float32)

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the logits of pictures against texts."""
        return self.scores(self.embed_images(images), self.embed_texts(texts))


def build(
    *,
    accuracy: Mapping[str, float],
    rows: int | Mapping[str, int] = 1000,
    classes: int = 4,
    attribute: str = "gender",
) -> tuple[Seer, MemoryDataset]:
    """Return a seer and `rows` pictures of each group, of which the planted share is named right.

    Right and wrong answers are dealt by quota within each class, so that the planted accuracy is
    met as exactly as the number of rows allows.
    """
    names = [f"thing{index}" for index in range(classes)]
    pictures: list[Image.Image] = []
    labels: list[str] = []
    groups: list[str] = []
    for group, share in accuracy.items():
        count = rows if isinstance(rows, int) else rows[group]
        right = round(count * share)
        by_class = sorted(range(count), key=lambda row: (row % classes, row))
        hits = {
            row: (at + 1) * right // count > at * right // count for at, row in enumerate(by_class)
        }
        for row in range(count):
            label = row % classes
            named = (
                label if hits[row] else (label + 1 + row // classes % max(classes - 1, 1)) % classes
            )
            pictures.append(Image.new("RGB", (8, 8), (named, label, 0)))
            labels.append(names[label])
            groups.append(group)
    data = MemoryDataset(pictures, {Role.LABEL: labels}, {attribute: groups}, name="seer's world")
    return Seer(names), data
