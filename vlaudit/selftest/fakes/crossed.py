"""A seer whose accuracy depends on two attributes at once."""

from collections.abc import Mapping

from vlaudit.core.dataset import Role
from vlaudit.selftest.fakes import seer
from vlaudit.selftest.fakes.seer import Seer
from vlaudit.selftest.memory import MemoryDataset


def build(
    *,
    accuracy: Mapping[str, Mapping[str, float]],
    rows: int = 300,
    attributes: tuple[str, str] = ("gender", "age"),
    classes: int = 4,
) -> tuple[Seer, MemoryDataset]:
    """Return a seer and `rows` pictures of each intersection, at the accuracy planted for it."""
    cells = {(one, two): share for one, of in accuracy.items() for two, share in of.items()}
    named = {f"{one} {two}": share for (one, two), share in cells.items()}
    target, data = seer.build(accuracy=named, rows=rows, classes=classes)
    groups = {
        attribute: [cell[side] for cell in cells for _ in range(rows)]
        for side, attribute in enumerate(attributes)
    }
    labels = {Role.LABEL: data.values[Role.LABEL]}
    return target, MemoryDataset(data.pictures, labels, groups, "crossed world")
