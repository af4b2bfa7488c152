"""A model that sees colours and shapes, and listens to words as closely as it is told to."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Choice, Matrix
from vlaudit.perturb.wording import COLOURS, SHAPES
from vlaudit.selftest.memory import MemoryDataset

NAMES = ("apple", "bridge", "candle", "dolphin", "engine", "forest")
KNOWN = "a photo of a {}"
SAME = {"isle": "island", "hound": "dolphin"}


@dataclass(frozen=True)
class Listener:
    """Scores a text by the words in it that are true of the picture.

    Attributes:
        deaf: share of texts in other templates than the first that are as good as noise to it.
        spells: whether it knows a misspelt word.
        negates: whether it understands `without`.
        binds: whether it knows which colour belongs to which shape, and which is on the left.
        sees: whether it sees anything.
    """

    deaf: float = 0.0
    spells: bool = True
    negates: bool = True
    binds: bool = True
    sees: bool = True
    name: str = field(default="listener", init=False)
    fingerprint: str = field(default="a" * 64, init=False)

    def fits(self, image: Image.Image, text: str) -> float:
        """Return how well a text fits a picture."""
        noise = zlib.crc32(image.tobytes() + text.encode()) % 1000 / 1e6
        if not self.sees:
            return noise
        if any(shape in text for shape in SHAPES):
            return self._scene(image, text) + noise
        if "photo of a" not in text and zlib.crc32(text.encode()) % 1000 / 1000 < self.deaf:
            return 1e6 * noise
        index = int(image.getpixel((0, 0))[0] // 40) % len(NAMES)  # type: ignore[index]
        heard = _name(text, spells=self.spells)
        true = heard == NAMES[index]
        return float(true != ("without" in text and self.negates)) + noise

    def _scene(self, image: Image.Image, text: str) -> float:
        seen = _seen(image)
        if not self.binds:
            words = [word for part in seen for word in part]
            return float(sum(word in text for word in words))
        told = [text.find(" ".join(part)) for part in seen]
        ordered = "left" not in text or told[0] < told[1]
        return float(min(told) >= 0 and ordered)


class Scorer(Listener):
    """A listener that gives scores."""

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return how well each text fits each picture, (images, texts)."""
        return np.array([[self.fits(i, t) for t in texts] for i in images], dtype=np.float32)


class Chooses(Listener):
    """A listener that answers in multiple choice."""

    def choose_answers(
        self, images: Sequence[Image.Image], questions: Sequence[str], options: Sequence[str]
    ) -> list[Choice]:
        """Return the option that fits each picture best."""
        best = [int(np.argmax([self.fits(i, text) for text in options])) for i in images]
        return [Choice(at, options[at]) for at in best]


def _name(text: str, *, spells: bool) -> str:
    """Return the class that a text names."""
    words = [SAME.get(word, word) for word in text.split()]
    if not spells:
        return next((word for word in words if word in NAMES), "")
    near = {name: max(_alike(word, name) for word in words) for name in NAMES}
    return max(near, key=lambda name: near[name])


def _alike(word: str, name: str) -> int:
    """Return how many letters of a name stand in a word, less those that differ in number."""
    shared = sum(min(word.count(letter), name.count(letter)) for letter in set(name))
    return shared - abs(len(word) - len(name)) if word[0] == name[0] else -1


def _seen(image: Image.Image) -> list[tuple[str, str]]:
    """Return colour and shape in the left and right half of a picture."""
    pixels = np.asarray(image, dtype=np.int64)
    half = pixels.shape[1] // 2
    found: list[tuple[str, str]] = []
    for part in (pixels[:, :half], pixels[:, half:]):
        inside = np.ptp(part, axis=2) > 60
        colour = np.median(part[inside], axis=0)
        name = min(COLOURS, key=lambda one: float(np.abs(colour - COLOURS[one]).sum()))
        rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
        filled = inside.sum() / ((np.ptp(rows) + 1) * (np.ptp(columns) + 1))
        found.append(
            (name, "square" if filled > 0.9 else "circle" if filled > 0.65 else "triangle")
        )
    return found


def build(
    *,
    images: int = 120,
    deaf: float = 0.0,
    spells: bool = True,
    negates: bool = True,
    binds: bool = True,
    sees: bool = True,
    chooses: bool = False,
) -> tuple[Listener, MemoryDataset]:
    """Return such a model and pictures of one colour for each class."""
    levels = [40 * (row % len(NAMES)) + 20 for row in range(images)]
    pictures = [
        Image.new("RGB", (16, 16), (level, row // 6 % 200, row % 251))
        for row, level in enumerate(levels)
    ]
    labels = [NAMES[row % len(NAMES)] for row in range(images)]
    data = MemoryDataset(pictures, {Role.LABEL: labels}, name="objects")
    kind = Chooses if chooses else Scorer
    model = kind(deaf=deaf, spells=spells, negates=negates, binds=binds, sees=sees)
    return model, data
