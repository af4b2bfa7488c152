"""Pictures with labels and captions of which a known share is wrong, and a model of known sight."""

import hashlib
from collections.abc import Sequence

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.selftest.memory import MemoryDataset

SIDE = 8
DIMENSIONS = SIDE * SIDE * 3
COLOURS = ("red", "blue", "green", "white")


class Viewer:
    """Embeds pictures by their pixels, and texts by the kind that they name."""

    name = "viewer"
    fingerprint = "2" * 64

    def __init__(self, kinds: int) -> None:
        """Know a pattern for each kind."""
        drawn = np.random.default_rng(17).normal(size=(kinds, DIMENSIONS))
        self.patterns = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """Return unit vectors of the pixels about their mean, (images, DIMENSIONS)."""
        pixels = np.stack([np.asarray(image, dtype=np.float32).ravel() for image in images]) - 128
        return np.asarray(pixels / np.linalg.norm(pixels, axis=1, keepdims=True))

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return the pattern of the kind that each text names, and a little of its wording."""
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in enumerate(texts):
            said = [int(word[4:]) for word in text.split() if word[:4] == "kind"]
            digest = hashlib.sha256(text.encode()).digest()
            wording = np.random.default_rng(list(digest[:4])).normal(size=DIMENSIONS)
            vectors[row] = 0.03 * wording
            vectors[row] += self.patterns[said].sum(axis=0)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return scaled cosines, (images, texts)."""
        return 20 * images @ texts.T

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the logits of pictures against texts."""
        return self.scores(self.embed_images(images), self.embed_texts(texts))


def build(
    *,
    rows: int = 600,
    kinds: int = 6,
    clarity: float = 1.0,
    wrong_labels: float = 0.0,
    wrong_captions: float = 0.0,
    labels: bool = True,
    captions: bool = True,
    seed: int = 0,
) -> tuple[Viewer, MemoryDataset]:
    """Return a viewer and its pictures.

    Args:
        rows: number of rows.
        kinds: number of kinds of things shown.
        clarity: how much of the pattern is in a picture; at 0 there is noise alone, so that the
            model is blind.
        wrong_labels: share of rows labelled as another kind.
        wrong_captions: share of rows with the caption of another kind.
        labels: whether there are labels.
        captions: whether there are captions.
        seed: seed of the draws.
    """
    rng = np.random.default_rng(seed)
    viewer = Viewer(kinds)
    shown = rng.integers(kinds, size=rows)
    noise = rng.normal(size=(rows, DIMENSIONS)) / np.sqrt(DIMENSIONS)
    pixels = 128 + 300 * (clarity * viewer.patterns[shown] + noise)
    pictures = [
        Image.fromarray(row.clip(0, 255).astype(np.uint8).reshape(SIDE, SIDE, 3)) for row in pixels
    ]
    values: dict[Role, Sequence[str | None]] = {}
    if labels:
        values[Role.LABEL] = [f"kind{kind}" for kind in mistaken(shown, wrong_labels, kinds, rng)]
    if captions:
        told = mistaken(shown, wrong_captions, kinds, rng)
        values[Role.CAPTION] = [
            f"a {COLOURS[int(rng.integers(4))]} kind{kind} in front of {turn % 50} stones"
            for turn, kind in enumerate(told)
        ]
    return viewer, MemoryDataset(pictures, values, name="annotated")


def mistaken(kinds: np.ndarray, share: float, count: int, rng: np.random.Generator) -> list[int]:
    """Return kinds of which a share was exchanged for another one."""
    told = kinds.copy()
    rows = rng.permutation(len(kinds))[: round(share * len(kinds))]
    told[rows] = (told[rows] + rng.integers(1, count, len(rows))) % count
    return [int(kind) for kind in told]
