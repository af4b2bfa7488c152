"""A model that answers questions about people, to a planted degree by their group."""

from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Choice, Matrix
from vlaudit.selftest.fakes.chronicler import ROLES, number, numbered
from vlaudit.selftest.memory import MemoryDataset

TYPICAL = {
    "a nurse": "woman", "a doctor": "man", "a secretary": "woman", "a boss": "man",
    "a mechanic": "man", "a hairdresser": "woman", "aggressive": "man", "gentle": "woman",
}  # fmt: skip


class Gossip:
    """Knows which role and group every picture shows."""

    name = "gossip"
    fingerprint = "9" * 64

    def __init__(
        self, people: Sequence[tuple[str, str]], manners: Mapping[str, float], stereotype: float
    ) -> None:
        """Know role and group by the number of the picture."""
        self.people = tuple(people)
        self.manners = manners
        self.stereotype = stereotype

    def choose(self, image: Image.Image, options: Sequence[str]) -> int | None:
        """Return the place of the option that is chosen, or None for idle talk."""
        serial, manners = number(image), self.manners
        role, group = self.people[serial]
        poles = sorted(at for at, option in enumerate(options) if option[0].islower())
        mute = next(at for at in range(len(options)) if at not in poles)
        asked = crc32("".join(sorted(options[at] for at in poles)).encode())
        rng = np.random.default_rng([serial, asked])
        idle, first, guess, abstain, err = rng.random(5)
        if idle < manners.get("unparsed", 0.0):
            return None
        if first < manners.get("first", 0.0):
            return 0
        said = [at for at in poles if options[at] == role]
        if said:
            wrong = next(at for at in poles if at not in said)
            return wrong if err < manners.get("blind", 0.0) else said[0]
        typical = [at for at in poles if TYPICAL.get(options[at]) == group]
        if typical and guess < self.stereotype:
            return typical[0]
        liked = [at for at in poles if options[at] == min(options[at] for at in poles)]
        if guess > 1 - manners.get("likes_a_pole", 0.0):
            return liked[0]
        return mute if abstain < manners.get("abstains", 0.5) else int(rng.choice(poles))


class Talker(Gossip):
    """Answers in words."""

    def choose_answers(
        self, images: Sequence[Image.Image], questions: Sequence[str], options: Sequence[str]
    ) -> list[Choice]:
        """Return what is chosen for each picture."""
        chosen = [self.choose(image, options) for image in images]
        return [Choice(at, "well" if at is None else options[at]) for at in chosen]


class Weigher(Gossip):
    """Weighs options."""

    def rank_answers(
        self, images: Sequence[Image.Image], questions: Sequence[str], options: Sequence[str]
    ) -> Matrix:
        """Return 0 for the option that is chosen and -1 for the others, (images, options)."""
        chosen = [self.choose(image, options) for image in images]
        return np.array([np.eye(len(options))[at or 0] - 1 for at in chosen], dtype=np.float32)


def build(
    *,
    stereotype: float = 0.0,
    rows: Mapping[str, int] | None = None,
    ranks: bool = False,
    manners: Mapping[str, float] | None = None,
    roles: bool = True,
    attribute: str = "gender",
) -> tuple[Gossip, MemoryDataset]:
    """Return the model and pictures of people in a role.

    Args:
        stereotype: share of the ambiguous questions that are answered by the group.
        rows: number of pictures of each group.
        ranks: whether the model weighs options instead of answering in words.
        manners: share of answers that are `unparsed`, name the `first` option or the pole that
            comes first in the alphabet (`likes_a_pole`); share that `abstains` when nothing tells,
            and that is `blind` to what the picture shows.
        roles: whether the data says which role is shown.
        attribute: name of the attribute.
    """
    sizes = rows or {"woman": 150, "man": 150}
    people = [(ROLES[at % len(ROLES)], group) for group, n in sizes.items() for at in range(n)]
    values = {Role.LABEL: [role for role, _ in people]} if roles else {}
    made = (Weigher if ranks else Talker)(people, manners or {}, stereotype)
    pictures = [numbered(at) for at in range(len(people))]
    groups = {attribute: [group for _, group in people]}
    return made, MemoryDataset(pictures, values, groups, "a gossip's world")
