"""What a configuration could say about data that nobody has described yet."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from vlaudit.core.config import DataConfig
from vlaudit.core.dataset import Columns, Role
from vlaudit.core.errors import InputError
from vlaudit.data.assemble import assemble
from vlaudit.data.columns import Column, as_text, misfit
from vlaudit.data.fetch import Fetcher
from vlaudit.data.read import Part
from vlaudit.data.source import Reader

EVALUATED = ("test", "testing", "eval", "evaluation", "validation", "valid", "val", "dev")
MOST_VALUES = 12
FEWEST_ROWS = 5


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What data seem to hold; a person decides.

    Attributes:
        rows: number of rows.
        columns: the column of each role.
        evaluate_on: the split that looks like the one kept for evaluation.
        candidates: further columns of few values -> those values, the most frequent first.
        notes: sentences about columns that were passed over.
    """

    rows: int
    columns: Columns
    evaluate_on: str | None
    candidates: dict[str, list[str]]
    notes: tuple[str, ...]


def propose(source: str, *, base: Path) -> Proposal:
    """Read the rows of a source and propose how to use them; pictures are not read.

    Raises:
        InputError: the source cannot be read or holds no rows.
    """
    config = DataConfig(source=source)
    with tempfile.TemporaryDirectory(prefix="vlaudit-") as folder:
        cache = Path(folder)
        fetcher = Fetcher(config.fetch, folder=cache, most_bytes=config.pictures.bytes)
        read = Reader(config=config, base=base, cache=cache, fetcher=fetcher).read()
        parts = [part for part in read if part.table.num_rows]
        if not parts:
            raise InputError(f"data.source {source!r}: holds no rows; name one that does")
        table, columns, notes = assemble(parts, config.columns)
        splits = table.column(Role.SPLIT).unique().to_pylist() if columns.split else []
        return Proposal(
            rows=table.num_rows,
            columns=columns,
            evaluate_on=_evaluated(splits),
            candidates=_candidates(parts, columns),
            notes=tuple(notes),
        )


def _evaluated(splits: Sequence[str | None]) -> str | None:
    """Return the split whose name says that it is kept for evaluation, where there is another."""
    by_name = {split.lower(): split for split in splits if split}
    found = [by_name[name] for name in EVALUATED if name in by_name]
    return found[0] if found and len(by_name) > 1 else None


def _candidates(parts: Sequence[Part], columns: Columns) -> dict[str, list[str]]:
    """Return columns that could be groups: few values, each of several rows."""
    taken = {name for name in columns.model_dump(exclude={"groups"}).values() if name}
    taken |= set(columns.groups)
    names = dict.fromkeys(name for part in parts for name in part.table.column_names)
    found: dict[str, list[str]] = {}
    for name in names:
        chunks = [part.table.column(name) for part in parts if name in part.table.column_names]
        if name not in taken and all(misfit(Role.GROUPS, chunk) is None for chunk in chunks):
            values = _few_values(chunks)
            found |= {name: values} if values else {}
    return found


def _few_values(columns: Sequence[Column]) -> list[str]:
    texts = pa.chunked_array(
        [chunk.cast(pa.string()) for column in columns for chunk in as_text(column).chunks],
        pa.string(),
    )
    if pc.count_distinct(texts).as_py() > MOST_VALUES:
        return []
    counts = Counter(value for value in texts.to_pylist() if value)
    if not 2 <= len(counts) <= MOST_VALUES or min(counts.values()) < FEWEST_ROWS:
        return []
    return [value for value, _ in counts.most_common()]
