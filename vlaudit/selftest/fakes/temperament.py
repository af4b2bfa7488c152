"""Models that are no good but do no harm, and one that is good and fair: nobody may be accused."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Choice, Matrix, Vector
from vlaudit.selftest.fakes.linear import GREY, patterns
from vlaudit.selftest.memory import MemoryDataset

if TYPE_CHECKING:
    from torch import Tensor

CLASSES = ("cook", "pilot", "nurse", "farmer")
SIDE, STRENGTH, WIDE, SCALE = 48, 30, 32, 20.0
REFUSAL = "I'm sorry, I cannot help with that."


class Speaker:
    """A model that writes, and answers everything alike: it agrees, or it refuses."""

    def __init__(self, *, agrees: bool) -> None:
        """Agree to everything, or refuse everything."""
        self.name = "agreeing" if agrees else "refusing"
        self.fingerprint = ("a" if agrees else "b") * 64
        self._agrees = agrees

    def write_text(self, images: Sequence[Image.Image], prompts: Sequence[str]) -> list[str]:
        """Return the same answer to each prompt."""
        return ["Yes." if self._agrees else REFUSAL for _ in prompts]

    def choose_answers(
        self, images: Sequence[Image.Image], questions: Sequence[str], options: Sequence[str]
    ) -> list[Choice]:
        """Return the first option, or none."""
        said = Choice(0, options[0]) if self._agrees else Choice(None, REFUSAL)
        return [said for _ in images]

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the same score for every pair, (images, texts)."""
        return np.full((len(images), len(texts)), 5.0 if self._agrees else -5.0, dtype=np.float32)

    def weigh_tokens(
        self, images: Sequence[Image.Image], prompts: Sequence[str], texts: Sequence[str]
    ) -> list[Vector]:
        """Return the same log-likelihood for every word."""
        return [np.full(max(len(text.split()), 1), -2.0, dtype=np.float32) for text in texts]


class Encoder:
    """A dual encoder: `constant`, `random`, or `fair`, which names every picture right."""

    def __init__(self, manner: str) -> None:
        """Encode in this manner."""
        import torch

        self.name = manner
        self.fingerprint = {"constant": "c", "random": "d", "fair": "e"}[manner] * 64
        rng = np.random.default_rng(7)
        read = np.zeros((WIDE, 3, SIDE, SIDE), dtype=np.float32)
        if manner == "random":
            # It is blind to what the pictures have in common, so that it prefers nothing.
            read[:] = _blind(rng.normal(size=read.shape), _shapes())
        if manner == "fair":
            read[: len(CLASSES)] = _shapes()[:, None]
        self._read = torch.tensor(read.reshape(WIDE, -1))
        self._always = torch.zeros(WIDE)
        self._always[0] = float(manner == "constant")
        self._manner = manner

    def pixels(self, images: Sequence[Image.Image]) -> "Tensor":
        """Return pictures as float32 tensor of shape (images, 3, 48, 48) in [0, 1]."""
        import torch

        stacked = np.stack([np.asarray(image.resize((SIDE, SIDE))) for image in images])
        return torch.tensor(stacked).permute(0, 3, 1, 2) / 255

    def pixel_scores(self, pixels: "Tensor", texts: Sequence[str]) -> "Tensor":
        """Return scaled cosines, (images, texts), differentiable in pixels."""
        import torch

        return SCALE * self._encoded(pixels) @ torch.tensor(self.embed_texts(texts)).T

    def _encoded(self, pixels: "Tensor") -> "Tensor":
        seen = (pixels - GREY / 255).flatten(1) @ self._read.T + self._always
        return cast("Tensor", seen / seen.norm(dim=1, keepdim=True).clamp_min(1e-9))

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """Return unit vectors, (images, 32)."""
        return np.asarray(self._encoded(self.pixels(images)).numpy(), dtype=np.float32)

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return the vector of the class that a text names, or one drawn by its letters."""
        return np.stack([self._meant(text) for text in texts])

    def _meant(self, text: str) -> Vector:
        if self._manner == "constant":
            return np.asarray(np.eye(WIDE)[0], dtype=np.float32)
        named = [at for at, name in enumerate(CLASSES) if name in text.split()]
        if self._manner == "fair" and named:
            return np.asarray(np.eye(WIDE)[named[0]], dtype=np.float32)
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
        drawn = np.random.default_rng(seed).normal(size=WIDE)
        drawn[: len(CLASSES)] *= float(self._manner == "random")
        return np.asarray(drawn / np.linalg.norm(drawn), dtype=np.float32)

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return scaled cosines, (images, texts)."""
        return np.asarray(SCALE * images @ texts.T, dtype=np.float32)

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the logits of pictures against texts."""
        return self.scores(self.embed_images(images), self.embed_texts(texts))


def _blind(read: NDArray[np.float64], shapes: Matrix) -> NDArray[np.float64]:
    """Take mean and shapes out of each channel of what is read, (outputs, 3, side, side)."""
    seen = read.reshape(len(read), 3, -1)
    held = np.concatenate([np.ones((1, SIDE * SIDE)), shapes.reshape(len(shapes), -1)])
    held /= np.linalg.norm(held, axis=1, keepdims=True)
    return np.asarray(seen - (seen @ held.T) @ held).reshape(read.shape)


def _shapes() -> Matrix:
    """Return what shows a class, all over the picture, so that it is no mark like a trigger."""
    return np.tile(patterns(len(CLASSES)), (1, SIDE // 16, SIDE // 16))


def build(*, manner: str, rows: int = 240) -> tuple[Speaker | Encoder, MemoryDataset]:
    """Return such a model, and pictures of people of two genders at work, on coarse colours."""
    rng, shapes = np.random.default_rng(0), _shapes()
    pictures: list[Image.Image] = []
    for row in range(rows):
        coarse = Image.fromarray(rng.integers(60, 195, (6, 6, 3), dtype=np.uint8))
        canvas = np.asarray(coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC), dtype=np.float32)
        worn = canvas + STRENGTH * shapes[row % len(CLASSES)][..., None]
        pictures.append(Image.fromarray(worn.clip(0, 255).astype(np.uint8)))
    works = [CLASSES[row % len(CLASSES)] for row in range(rows)]
    turn = [row // len(CLASSES) for row in range(rows)]
    values: dict[Role, list[str | None]] = {
        Role.LABEL: [*works],
        Role.CAPTION: [
            f"a {work} on a day of colours, scene {row}" for row, work in enumerate(works)
        ],
        Role.SPLIT: ["train" if at % 4 < 2 else "test" for at in turn],
        Role.LICENCE: ["CC-BY-4.0"] * rows,
        Role.SOURCE: [f"https://pictures.example/{row}.png" for row in range(rows)],
        Role.COUNTERFACTUAL_OF: [f"{work} {at // 2}" for work, at in zip(works, turn, strict=True)],
    }
    groups: dict[str, list[str | None]] = {"gender": [("woman", "man")[at % 2] for at in turn]}
    data = MemoryDataset(pictures, values, groups, name="people at work")
    if manner in ("agreeing", "refusing"):
        return Speaker(agrees=manner == "agreeing"), data
    return Encoder(manner), data
