"""The rows that a probe compares groups of."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from vlaudit.core.dataset import Dataset
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.stats.parity import comparable_groups

Groups: TypeAlias = Mapping[str, Sequence[str | None]]


def grouped_rows(context: Context) -> tuple[Dataset, Groups]:
    """Return at most `most_rows` rows at random, and their groups by every attribute to compare.

    Reads the settings `attributes`, `min_group_rows` and `most_rows`, and notes which attributes
    cannot be compared.

    Raises:
        Inapplicable: no attribute can.
    """
    settings, data = context.settings, context.data
    if len(data) > settings["most_rows"]:
        chosen = context.rng.permutation(len(data))[: settings["most_rows"]]
        data = data.select(np.sort(chosen).tolist())
        context.note(f"{len(data)} of {len(context.data)} rows, drawn at random, are looked at.")
    wanted, fewest = settings["attributes"], settings["min_group_rows"]
    groups, reasons = comparable_groups(data, wanted, range(len(data)), fewest=fewest)
    for reason in reasons:
        context.note(f"{reason}: not compared.")
    return data, groups


def set_names(ids: Sequence[str], made_from: Sequence[str | None]) -> list[str | None]:
    """Return the set of each row; a row that others were made from lies in their set.

    Args:
        ids: id of each row.
        made_from: name of the set, or id of the row it was made from; None for neither.
    """
    originals = {name for name in made_from if name}
    return [
        name or (row if row in originals else None)
        for row, name in zip(ids, made_from, strict=True)
    ]


def annotated(data: Dataset, attributes: Sequence[str]) -> Groups:
    """Return the groups of all rows by every attribute, or by some, that has any.

    Raises:
        Inapplicable: an attribute does not exist, or no row has a group.
    """
    known = data.columns.groups
    if unknown := sorted(set(attributes) - set(known)):
        raise Inapplicable(
            f"no group column is named {', '.join(unknown)}; there are: {', '.join(known)}"
        )
    groups = {name: data.groups(name) for name in attributes or known}
    if not any(group for of_row in groups.values() for group in of_row):
        raise Inapplicable("no row has a group; annotate some, under data.columns.groups")
    return {name: of_row for name, of_row in groups.items() if any(of_row)}
