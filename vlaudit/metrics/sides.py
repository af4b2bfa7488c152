"""Rows that the user declares by a value of a column, such as those a model was trained on."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset, Role
from vlaudit.core.probe import Context, Inapplicable

Ints = NDArray[np.intp]


def declared(data: Dataset, entries: Sequence[str], *, setting: str) -> list[int]:
    """Return the positions of the rows that any of `entries` names, each `COLUMN=VALUE`.

    `split` names the column that plays this role; others are columns under `data.columns.groups`.

    Raises:
        Inapplicable: an entry names no column or no row.
    """
    rows: set[int] = set()
    for entry in entries:
        column, equals, value = (part.strip() for part in entry.partition("="))
        if not equals or not value:
            raise Inapplicable(f"{setting}: {entry!r} must read COLUMN=VALUE, such as split=train")
        found = [at for at, held in enumerate(_column(data, column, setting)) if held == value]
        if not found:
            raise Inapplicable(f"{setting}: no row has {value!r} in the column {column}")
        rows.update(found)
    return sorted(rows)


def _column(data: Dataset, column: str, setting: str) -> list[str | None]:
    if column == Role.SPLIT.value and data.columns.has(Role.SPLIT):
        return data.texts(Role.SPLIT)
    if column in data.columns.groups:
        return data.groups(column)
    raise Inapplicable(
        f"{setting}: no column {column!r}; use split, or name it under data.columns.groups"
    )


def captioned(context: Context, rows: Sequence[int], *, most: int) -> list[int]:
    """Return at most `most` of these rows that have a caption, drawn at random, ascending."""
    texts = context.data.texts(Role.CAPTION)
    having = [row for row in rows if (texts[row] or "").strip()]
    return sorted(int(row) for row in context.rng.permutation(np.array(having, np.intp))[:most])
