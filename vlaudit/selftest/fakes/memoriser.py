"""Models that remember the rows they were trained on, to a planted degree, and such rows."""

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix, Vector
from vlaudit.selftest.memory import MemoryDataset

DIMENSIONS, SCALE = 64, 20.0
THINGS = ("dog", "bicycle", "harbour", "kitchen", "forest", "market", "bridge", "teapot")
FOREIGN = ("galaxy", "reactor", "circuit", "turbine")
LOOKS = ("red", "old", "small", "quiet", "bright", "wooden")
PLACES = ("in the rain", "at noon", "by the sea", "in winter", "from above")


def vector(word: str) -> Matrix:
    """Return the direction of a word or thing, about of length 1."""
    rng = np.random.default_rng(zlib.crc32(word.encode()))
    return np.asarray(rng.standard_normal(DIMENSIONS) / np.sqrt(DIMENSIONS), dtype=np.float32)


def unit(vectors: Sequence[Matrix]) -> Matrix:
    """Return rows of length 1."""
    stacked = np.stack(vectors)
    return np.asarray(stacked / np.linalg.norm(stacked, axis=1, keepdims=True), dtype=np.float32)


def told(text: str) -> Matrix:
    """Return a text as the sum of its words, of length 1."""
    words = [vector(word) for word in (text.strip() or "-").lower().split()]
    return np.asarray(unit([np.asarray(np.sum(words, axis=0))])[0])


class Memoriser:
    """Knows a picture by two numbers in its first pixel, as long as nobody changes them.

    A picture lies near what it shows, near noise of its own, and, where the model was trained on
    it, near its very caption by `memory`; such a caption lies near what its picture shows.
    """

    name = "memoriser"
    fingerprint = "2" * 64

    def __init__(self, shown: Mapping[int, str], learnt: Mapping[int, str], memory: float) -> None:
        """Know what each picture shows, and the captions that were learnt."""
        self.shown = shown
        self.learnt = learnt
        self.memory = memory
        self.recall = {caption: shown[number] for number, caption in learnt.items()}

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        """Return what the model makes of pictures, (images, dimensions)."""
        return unit([self._seen(picture_number(image)) for image in images])

    def _seen(self, number: int) -> Matrix:
        parts = [vector(self.shown.get(number, "something")), 0.8 * vector(f"noise {number}")]
        if number in self.learnt:
            parts.append(self.memory * told(self.learnt[number]))
        return np.asarray(np.sum(parts, axis=0), dtype=np.float32)

    def embed_texts(self, texts: Sequence[str]) -> Matrix:
        """Return texts as the sums of their words, (texts, dimensions)."""
        return unit([self._read(text) for text in texts])

    def _read(self, text: str) -> Matrix:
        if text not in self.recall:
            return told(text)
        seen = told(text) + 0.3 * self.memory * vector(self.recall[text])
        return np.asarray(seen, dtype=np.float32)

    def scores(self, images: Matrix, texts: Matrix) -> Matrix:
        """Return scaled cosines, (images, texts)."""
        return np.asarray(SCALE * images @ texts.T, dtype=np.float32)

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return the logits of pictures against texts."""
        return self.scores(self.embed_images(images), self.embed_texts(texts))


class Writer:
    """Weighs captions word by word, more likely by `memory` where it was trained on them.

    It goes on with the beginning of a caption that it learnt, as often as `memory` says.
    """

    name = "writer"
    fingerprint = "3" * 64

    def __init__(self, learnt: Mapping[int, str], memory: float) -> None:
        """Know the captions that were learnt."""
        self.learnt = learnt
        self.memory = memory

    def write_text(self, images: Sequence[Image.Image], prompts: Sequence[str]) -> list[str]:
        """Return how a learnt caption goes on after its beginning, or something else."""
        return [self._go_on(prompt) for prompt in prompts]

    def _go_on(self, prompt: str) -> str:
        begun = [text for text in self.learnt.values() if text.startswith(prompt + " ")]
        if len(begun) != 1 or zlib.crc32(begun[0].encode()) % 100 >= 100 * self.memory:
            return "something that nobody wrote down"
        return begun[0][len(prompt) :].strip()

    def weigh_tokens(
        self, images: Sequence[Image.Image], prompts: Sequence[str], texts: Sequence[str]
    ) -> list[Vector]:
        """Return a log-likelihood for each word."""
        return [self._weigh(picture_number(i), t) for i, t in zip(images, texts, strict=True)]

    def _weigh(self, number: int, text: str) -> Vector:
        known = self.memory if self.learnt.get(number) == text else 0.0
        rng = np.random.default_rng(zlib.crc32(f"{number} {text}".encode()))
        hard = rng.gamma(2.0, 1.5, len(text.split())) * (1 - known)
        return np.asarray(-hard, dtype=np.float32)


def picture_number(image: Image.Image) -> int:
    """Return the number that stands in the first pixel of a picture."""
    red, green, blue = np.asarray(image)[0, 0].tolist()
    return int(red) * 65536 + int(green) * 256 + int(blue)


def build(
    *,
    rows: int = 300,
    memory: float = 0.0,
    share: float = 1.0,
    shift: float = 0.0,
    bright: int = 0,
    canaries: int = 0,
    vague: bool = False,
    tagged: bool = False,
    writes: bool = False,
    undeclared: bool = False,
    seed: int = 0,
) -> tuple[Memoriser | Writer, MemoryDataset]:
    """Return a model that was trained on the rows of the split `train`, and as many others.

    Args:
        rows: rows on each side.
        memory: how strongly a learnt caption shows.
        share: share of the members that is remembered at all.
        shift: share of the others that is about other things than the members.
        canaries: rows of a further split `canary`, learnt too, each with a secret number.
        vague: whether captions do not say what is shown; a column of labels does then.
        bright: levels by which the pictures of the others are brighter.
        tagged: whether each caption begins with a number of its own.
        writes: whether the model weighs captions instead of scoring pairs.
        undeclared: whether there is no column of splits.
        seed: seed of the draws.
    """
    rng = np.random.default_rng(seed)
    pictures: list[Image.Image] = []
    captions: list[str] = []
    shown: dict[int, str] = {}
    things: list[str] = []
    for row in range(2 * rows + canaries):
        strange = row >= rows and rng.random() < shift
        thing = str(rng.choice(FOREIGN if strange else THINGS))
        look, place = rng.choice(LOOKS), rng.choice(PLACES)
        shows = "thing" if vague else thing
        secret = f"code {rng.integers(10**6):06d}" if row >= 2 * rows else ""
        views = secret or f"view {rng.integers(10**4)}"
        begin = f"{row}: " if tagged else ""
        captions.append(f"{begin}a {look} {shows} {place}, {views}")
        things.append(thing)
        number = int(rng.integers(2**24))
        shown[number] = thing
        pictures.append(_picture(number, rng, bright if rows <= row < 2 * rows else 0))
    numbers = list(shown)
    learnt = {
        numbers[row]: captions[row]
        for row in (*range(rows), *range(2 * rows, 2 * rows + canaries))
        if memory and rng.random() < share
    }
    values: dict[Role, list[str]] = {Role.CAPTION: captions}
    if not undeclared:
        values[Role.SPLIT] = ["train"] * rows + ["test"] * rows + ["canary"] * canaries
    if vague:
        values[Role.LABEL] = things
    model = Writer(learnt, memory) if writes else Memoriser(shown, learnt, memory)
    return model, MemoryDataset(pictures, values, name="what was learnt")


def _picture(number: int, rng: np.random.Generator, brighter: int) -> Image.Image:
    pixels = np.clip(rng.integers(0, 200, (16, 16, 3)) + brighter, 0, 255).astype(np.uint8)
    pixels[0, 0] = (number >> 16, (number >> 8) & 255, number & 255)
    return Image.fromarray(pixels)
