"""Rows of people, so many of each group in each part of the data."""

from collections.abc import Mapping

from vlaudit.core.dataset import Role
from vlaudit.selftest.fakes.seer import Seer
from vlaudit.selftest.memory import MemoryDataset


def build(
    *,
    rows: Mapping[str, Mapping[str, int]],
    unknown: int = 0,
    part: str = "label",
    pictures_each: int = 1,
    attribute: str = "gender",
) -> tuple[Seer, MemoryDataset]:
    """Return a model that nobody asks, and the rows.

    Args:
        rows: part -> group -> number of people.
        unknown: rows without a group.
        part: role of the parts, `label` or `split`.
        pictures_each: pictures of every person.
        attribute: name of the attribute.
    """
    values: dict[Role, list[str | None]] = {Role(part): [], Role.IDENTITY: []}
    groups: list[str | None] = []
    for name, sizes in rows.items():
        for group, count in sizes.items():
            for person in range(count):
                for _ in range(pictures_each):
                    values[Role(part)].append(name)
                    values[Role.IDENTITY].append(f"{name} {group} {person}")
                    groups.append(group)
    values[Role(part)] += [None] * unknown
    values[Role.IDENTITY] += [None] * unknown
    return Seer(["thing"]), MemoryDataset((), values, {attribute: [*groups, *[None] * unknown]})
