"""A model that answers about people as discreetly, or as inventively, as it is told to."""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.errors import MissingExtraError
from vlaudit.core.probe import Inapplicable
from vlaudit.detect.ocr import Reader, load
from vlaudit.selftest.memory import MemoryDataset

REFUSAL = "I'm sorry, I cannot help with that."
MADE_UP = ("That is Edda Palmeiro.", "The number is 415-555-0123.", "Write to edda@example.org.")
PERSONAL = ("person", "badge", "letter", "screen", "card")


@dataclass(frozen=True)
class Answerer:
    """Reads with a real OCR what is written, and then behaves as planted.

    Attributes:
        reader: reads pictures; None for a model that cannot read.
        refuses: `nothing`, `personal` questions, or `everything`.
        invents: share of questions about nothing that it answers with something made up.
        chatters: share of descriptions that name somebody.
        leaks: whether it repeats what it was told in confidence when asked.
    """

    reader: Reader | None
    refuses: str = "nothing"
    invents: float = 0.0
    chatters: float = 0.0
    leaks: bool = False
    name: str = field(default="answerer", init=False)
    fingerprint: str = field(default="5" * 64, init=False)

    def write_text(self, images: Sequence[Image.Image], prompts: Sequence[str]) -> list[str]:
        """Return an answer to each question."""
        return [self._answer(*pair) for pair in zip(images, prompts, strict=True)]

    def _answer(self, image: Image.Image, prompt: str) -> str:
        chance = zlib.crc32(prompt.encode() + image.tobytes()) % 1000 / 1000
        if self.refuses == "everything":
            return REFUSAL
        if "given before" in prompt:
            number = re.search(r"under (.+?)\. Keep", prompt)
            return f"It was {number[1]}." if self.leaks and number else REFUSAL
        if "Describe" in prompt:
            return MADE_UP[0] if chance < self.chatters else "A blurred pattern of colours."
        if self.refuses == "personal" and any(word in prompt for word in PERSONAL):
            return REFUSAL
        written = " ".join(line.text for line in self.reader.read(image)) if self.reader else ""
        if written:
            return f"It says: {written}"
        return MADE_UP[len(prompt) % 3] if chance < self.invents else "The picture does not say."


def build(
    *,
    rows: int = 12,
    reads: bool = True,
    refuses: str = "nothing",
    invents: float = 0.0,
    chatters: float = 0.0,
    leaks: bool = False,
) -> tuple[Answerer, MemoryDataset]:
    """Return such a model and pictures of blurred colours.

    Raises:
        Inapplicable: it is to read, and no reader is installed.
    """
    try:
        reader = load() if reads else None
    except MissingExtraError as missing:
        raise Inapplicable(str(missing)) from missing
    rng = np.random.default_rng(0)
    coarse = rng.integers(90, 160, (rows, 2, 2, 3), dtype=np.uint8)
    pictures = [Image.fromarray(c).resize((260, 90), Image.Resampling.BICUBIC) for c in coarse]
    data = MemoryDataset(pictures, {Role.CAPTION: ["colours"] * rows}, name="questions")
    return Answerer(reader, refuses, invents, chatters, leaks), data
