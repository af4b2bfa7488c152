"""A seer of scenes that are shown with people of every group, alike otherwise."""

from collections.abc import Mapping

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.selftest.fakes.seer import Seer
from vlaudit.selftest.memory import MemoryDataset

CLASSES = [f"thing{index}" for index in range(4)]


def build(
    *,
    accuracy: Mapping[str, float],
    scenes: int = 60,
    copies: int = 1,
    labels: bool = True,
    attribute: str = "gender",
) -> tuple[Seer, MemoryDataset]:
    """Return a seer and `copies` pictures of each scene with each group.

    Scenes differ in how hard they are: the same ones are missed in every group, and more of
    them in a group of lower accuracy. With several copies a tenth is missed at random besides.
    """
    rng = np.random.default_rng(scenes)
    hard = (np.arange(scenes) + 0.5) / scenes
    pictures: list[Image.Image] = []
    values: dict[Role, list[str | None]] = {Role.LABEL: [], Role.COUNTERFACTUAL_OF: []}
    groups: list[str] = []
    for scene in range(scenes):
        for group, share in accuracy.items():
            for _ in range(copies):
                label = scene % len(CLASSES)
                missed = hard[scene] > share or (copies > 1 and rng.random() < 0.1)
                named = (label + missed) % len(CLASSES)
                pictures.append(Image.new("RGB", (8, 8), (named, label, 0)))
                values[Role.LABEL].append(CLASSES[label])
                values[Role.COUNTERFACTUAL_OF].append(f"scene {scene}")
                groups.append(group)
    if not labels:
        del values[Role.LABEL]
    return Seer(CLASSES), MemoryDataset(pictures, values, {attribute: groups}, "twins' world")
