"""A model that fits pronouns to people in roles, right in a planted share of each gender."""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from vlaudit.core.dataset import Role
from vlaudit.core.target import Matrix
from vlaudit.selftest.fakes.chronicler import OTHER, ROLES, number, numbered
from vlaudit.selftest.memory import MemoryDataset

PRONOUN = {"woman": "her", "man": "his"}


class Resolver:
    """Scores sentences by the role and pronoun that a picture is heard to want."""

    name = "resolver"
    fingerprint = "5" * 64

    def __init__(self, wanted: Sequence[tuple[str, str]]) -> None:
        """Know role and pronoun by the number of the picture."""
        self.wanted = tuple(wanted)

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return logits, (images, texts)."""
        said = [set(text.split()) for text in texts]
        wanted = [self.wanted[number(image)] for image in images]
        scores = [[2.0 * (role in of) + (pronoun in of) for of in said] for role, pronoun in wanted]
        return np.array(scores, dtype=np.float32)


def build(
    *,
    accuracy: Mapping[str, float | Sequence[float]],
    rows: int | Mapping[str, int] = 300,
    labels: bool = True,
    attribute: str = "gender",
) -> tuple[Resolver, MemoryDataset]:
    """Return the model and pictures of people in roles.

    Args:
        accuracy: share of each gender, or of each gender in each role, that is given its pronoun;
            other groups than `woman` and `man` go without.
        rows: number of pictures of each gender.
        labels: whether the data says which role is shown.
        attribute: name of the attribute.
    """
    wanted: list[tuple[str, str]] = []
    groups: list[str] = []
    for group, shares in accuracy.items():
        count = rows if isinstance(rows, int) else rows[group]
        by_role = [shares] * len(ROLES) if isinstance(shares, int | float) else [*shares]
        seen = [0] * len(ROLES)
        for row in range(count):
            role = row % len(ROLES)
            total = (count - role - 1) // len(ROLES) + 1
            right = (seen[role] + 1) * round(by_role[role] * total) // total > seen[role] * round(
                by_role[role] * total
            ) // total
            seen[role] += 1
            who = group if right else OTHER.get(group, group)
            wanted.append((ROLES[role], PRONOUN.get(who, "their")))
            groups.append(group)
    values = {Role.LABEL: [role for role, _ in wanted]} if labels else {}
    pictures = [numbered(at) for at in range(len(wanted))]
    return Resolver(wanted), MemoryDataset(pictures, values, {attribute: groups}, "roles")
