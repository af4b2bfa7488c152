"""A seer whose accuracy, and whose number of pictures, depend on both group and label."""

from collections.abc import Mapping, Sequence

from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.selftest.fakes.seer import Seer
from vlaudit.selftest.memory import MemoryDataset


def build(
    *,
    accuracy: Mapping[str, Sequence[float]],
    rows: Mapping[str, Sequence[int]],
    attribute: str = "gender",
) -> tuple[Seer, MemoryDataset]:
    """Return a seer and the pictures of each group, both given class by class.

    Mistakes go to the other classes in turn; the first pictures of a cell are the right ones.
    """
    classes = len(next(iter(accuracy.values())))
    names = [f"thing{index}" for index in range(classes)]
    pictures: list[Image.Image] = []
    labels: list[str] = []
    groups: list[str] = []
    for group, shares in accuracy.items():
        for label, (share, count) in enumerate(zip(shares, rows[group], strict=True)):
            for row in range(count):
                mistake = (label + 1 + row % (classes - 1)) % classes
                named = label if row < round(share * count) else mistake
                pictures.append(Image.new("RGB", (8, 8), (named, label, 0)))
                labels.append(names[label])
                groups.append(group)
    data = MemoryDataset(pictures, {Role.LABEL: labels}, {attribute: groups}, name="partial world")
    return Seer(names), data
