"""A seer that calls a planted share of each group's people by other words than `person`."""

from collections.abc import Mapping

from PIL import Image

from vlaudit.selftest.fakes.seer import Seer
from vlaudit.selftest.memory import MemoryDataset


def build(
    *,
    rows: Mapping[str, int],
    called: Mapping[str, Mapping[str, float]],
    attribute: str = "gender",
) -> tuple[Seer, MemoryDataset]:
    """Return the seer and the pictures of people.

    Args:
        rows: number of pictures of each group.
        called: group -> word -> share of its pictures that are called so.
        attribute: name of the attribute.
    """
    words = ["person", *dict.fromkeys(word for of in called.values() for word in of)]
    pictures: list[Image.Image] = []
    groups: list[str] = []
    for group, count in rows.items():
        named = [
            words.index(word)
            for word, share in called.get(group, {}).items()
            for _ in range(round(share * count))
        ]
        for index in [*named, *([0] * (count - len(named)))]:
            pictures.append(Image.new("RGB", (8, 8), (index, 0, 0)))
            groups.append(group)
    return Seer(words), MemoryDataset(pictures, {}, {attribute: groups}, "name-caller's world")
