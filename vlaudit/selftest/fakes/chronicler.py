"""A model that writes captions of people, wrong or partial in a planted share of them."""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.selftest.memory import MemoryDataset

ROLES = ("cook", "farmer", "pilot", "singer")
PLACES = ("a wall", "a tree", "a car", "a door", "a table", "some stairs", "a window", "a lamp")
OTHER = {"woman": "man", "man": "woman"}


class Chronicler:
    """Looks up what it is to write in the first pixel of each picture."""

    name = "chronicler"
    fingerprint = "c" * 64

    def __init__(self, texts: Sequence[str]) -> None:
        """Know what there is to write."""
        self.texts = tuple(texts)

    def write_text(self, images: Sequence[Image.Image], prompts: Sequence[str]) -> list[str]:
        """Return the text of each picture, whatever the prompt."""
        return [self.texts[number(image)] for image in images]


def numbered(number: int, *, size: int = 4) -> Image.Image:
    """Return a picture that bears a number in its pixels."""
    return Image.new("RGB", (size, size), (number >> 16, number >> 8 & 255, number & 255))


def number(image: Image.Image) -> int:
    """Return the number that a picture bears."""
    return int(np.asarray(image)[0, 0].astype(np.int64) @ [65536, 256, 1])


def build(
    *,
    rows: Mapping[str, int],
    wrong: Mapping[str, float] | None = None,
    unnamed: Mapping[str, float] | None = None,
    looks: Mapping[str, float] | None = None,
    hinted: Mapping[str, float] | None = None,
    longer: Mapping[str, float] | None = None,
    roles: Mapping[str, Sequence[float]] | None = None,
    attribute: str = "gender",
) -> tuple[Chronicler, MemoryDataset]:
    """Return the writer and pictures of people.

    Args:
        rows: number of pictures of each group; `woman` and `man` are named so in captions.
        wrong: share of each group's captions that name the other gender.
        unnamed: share that speaks of a person instead.
        looks: share that says the person is pretty.
        hinted: share that mentions a flower, which gives the group away.
        longer: share with an idle clause more.
        roles: how the roles are shared out in each group; evenly by default.
        attribute: name of the attribute.
    """
    rng = np.random.default_rng(len(rows))
    texts: list[str] = []
    labels: list[str] = []
    groups: list[str] = []
    for group, count in rows.items():
        said = [_dealt(plan, group, count, rng) for plan in (wrong, unnamed, looks, hinted, longer)]
        mix = (roles or {}).get(group, [1 / len(ROLES)] * len(ROLES))
        of_row = np.repeat(np.arange(len(ROLES)), np.round(np.array(mix) * count).astype(int))
        of_row = np.concatenate([of_row, np.zeros(count, dtype=int)])[:count]
        for row, (false, idle, pretty, flower, long) in enumerate(zip(*said, strict=True)):
            who = OTHER.get(group, "person") if false else group if group in OTHER else "person"
            who = "person" if idle else who
            role, place = ROLES[of_row[row]], PLACES[rng.integers(len(PLACES))]
            text = f"a {'pretty ' if pretty else ''}{who} who is a {role} by {place}"
            text += f"{' with a flower' if flower else ''}{' , as it seems' if long else ''}"
            texts.append(text)
            labels.append(role)
            groups.append(group)
    pictures = [numbered(at) for at in range(len(texts))]
    values = {Role.LABEL: labels}
    return Chronicler(texts), MemoryDataset(pictures, values, {attribute: groups}, "a chronicle")


def _dealt(
    plan: Mapping[str, float] | None, group: str, count: int, rng: np.random.Generator
) -> list[bool]:
    """Return for which rows of a group something is planted: the share, at random places."""
    flags = np.zeros(count, dtype=bool)
    flags[rng.permutation(count)[: round((plan or {}).get(group, 0.0) * count)]] = True
    return flags.tolist()
