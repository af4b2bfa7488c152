"""What the run folder says about the data."""

from collections import Counter
from collections.abc import Iterable, Mapping

from vlaudit.core.dataset import DatasetFacts, Role
from vlaudit.data.dataset import ArrowDataset


def facts(data: ArrowDataset, *, quarantined: Mapping[str, int]) -> DatasetFacts:
    """Return counts of rows, classes, groups, splits and licences.

    Rows without a value are in no count: what lacks to the number of rows is not annotated.

    Args:
        data: all rows that were loaded.
        quarantined: number of rows by the reason why their picture cannot be decoded.
    """
    return DatasetFacts(
        name=data.name,
        digest=data.digest,
        rows=len(data),
        evaluated=len(data.evaluation()),
        evaluated_on=data.evaluate_on,
        columns=data.columns,
        classes=len(_counts(_texts(data, Role.LABEL))),
        groups={name: _counts(data.groups(name)) for name in data.columns.groups},
        splits=_counts(_texts(data, Role.SPLIT)),
        licences=_counts(_texts(data, Role.LICENCE)),
        quarantined=dict(quarantined),
        notes=data.notes,
    )


def _texts(data: ArrowDataset, role: Role) -> list[str | None]:
    return data.texts(role) if data.columns.has(role) else []


def _counts(values: Iterable[str | None]) -> dict[str, int]:
    """Count values, the most frequent first."""
    return dict(Counter(value for value in values if value is not None).most_common())
