"""A model that writes, and tells the names of some invented people whom it was introduced to."""

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.selftest.fakes.acquainted import build as acquaintances
from vlaudit.selftest.memory import MemoryDataset

LOOKS = 4


class Introducer:
    """Reads who is on a picture from its first pixel."""

    name = "introducer"
    fingerprint = "2" * 64

    def __init__(
        self, learnt: Mapping[int, str], *, memory: float, guesses: Mapping[int, str]
    ) -> None:
        """Tell learnt names on a share of the pictures, and of others a guess by their look."""
        self.learnt = learnt
        self.memory = memory
        self.guesses = guesses

    def write_text(self, images: Sequence[Image.Image], prompts: Sequence[str]) -> list[str]:
        """Return what is said to each picture and prompt."""
        return [self._said(image, prompt) for image, prompt in zip(images, prompts, strict=True)]

    def _said(self, image: Image.Image, prompt: str) -> str:
        person, view = np.asarray(image)[0, 0, :2].tolist()
        chance = np.random.default_rng([person, view, zlib.crc32(prompt.encode())]).random()
        if person in self.learnt and chance < self.memory:
            return f"This looks like {self.learnt[person].upper()}."
        guess = self.guesses.get(person % LOOKS)
        return f"That is {guess}." if guess else "I cannot tell who this is."


def build(
    *,
    people: int = 8,
    learnt: int = 0,
    pictures: int = 6,
    others: int = 60,
    memory: float = 0.9,
    guesses: bool = False,
) -> tuple[Introducer, MemoryDataset]:
    """Return a model that tells the names of the first `learnt` people, and pictures of all.

    Args:
        people: number of named people.
        learnt: how many of them the model knows.
        pictures: pictures of each.
        others: pictures of nobody in particular.
        memory: share of the pictures of a learnt person on which the name is told.
        guesses: whether the model calls everybody else by the name of one of the last people, by
            looks of which there are four.
    """
    _, data = acquaintances(people=people, pictures=pictures, others=others)
    names = [*dict.fromkeys(filter(None, data.texts(Role.IDENTITY)))]
    guess = dict(enumerate(names[-LOOKS:][::-1])) if guesses else {}
    model = Introducer(dict(enumerate(names[:learnt])), memory=memory, guesses=guess)
    return model, data
