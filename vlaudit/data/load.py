"""From a configuration to rows: read, map columns, keep a split, draw a sample."""

import shutil
import tempfile
import weakref
from collections import ChainMap
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vlaudit.core.config import DataConfig
from vlaudit.core.dataset import Columns, Role
from vlaudit.core.errors import InputError
from vlaudit.data.columns import Column, as_pictures, as_text, map_columns, suggest
from vlaudit.data.dataset import FOLDER, ArrowDataset, Whole, group_column
from vlaudit.data.images import Limits
from vlaudit.data.read import Part
from vlaudit.data.source import read_source

SPLIT_OF_LAYOUT = "split"
TEXT_ROLES = (
    Role.ID,
    Role.CAPTION,
    Role.LABEL,
    Role.SPLIT,
    Role.LICENCE,
    Role.SOURCE,
    Role.CHECKSUM,
)


def load(
    config: DataConfig,
    *,
    base: Path,
    reference: Callable[[str], Sequence[Path]] | None = None,
    cache: Path | None = None,
    seed: int = 0,
    limits: Limits | None = None,
) -> ArrowDataset:
    """Load the rows that `config` asks for.

    Args:
        config: the section `data` of a configuration.
        base: folder of the configuration file, where relative paths begin.
        reference: returns the parquet files of `reference:NAME`.
        cache: folder for memory-mapped copies of tables; without one, a folder in the system's
            place for temporary files that goes with the dataset.
        seed: draws the sample of `limit` rows, which has the same share of each split as all
            rows, so that evaluation keeps its part.
        limits: how large pictures may be.

    Raises:
        InputError: the source cannot be read or holds no rows, or names in `config` are not in
            the data; lists every problem that was found.
    """
    kept = cache or Path(tempfile.mkdtemp(prefix="vlaudit-"))
    try:
        parts = read_source(config.source, base=base, reference=reference, cache=kept)
        whole = _whole(config, parts, seed=seed, limits=limits or Limits())
    except BaseException:
        if cache is None:
            shutil.rmtree(kept, ignore_errors=True)
        raise
    if cache is None:
        weakref.finalize(whole, shutil.rmtree, kept, ignore_errors=True)
    return ArrowDataset(whole)


def _whole(config: DataConfig, parts: Sequence[Part], *, seed: int, limits: Limits) -> Whole:
    parts = [part for part in parts if part.table.num_rows]
    if not parts:
        raise InputError(f"data.source {config.source!r}: holds no rows")
    columns, notes = map_columns(config.columns, _present(parts))
    try:
        tables = [_by_role(part, columns) for part in parts]
        table = pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException as error:
        raise InputError(
            f"data.source {config.source!r}: a column is of another type in some files: {error}; "
            "convert it to one type"
        ) from error
    columns = _with_split(columns, parts)
    columns, table, more = _with_ids(columns, table)
    whole = Whole(
        table=table,
        index=range(table.num_rows),
        name=config.name or Path(config.source).stem,
        columns=columns,
        limits=limits,
        evaluate_on=config.evaluate_on,
        notes=(*notes, *more),
    )
    return _sample(_one_split(whole, config), config.limit, seed=seed)


def _present(parts: Sequence[Part]) -> dict[str, Column]:
    """Return every column of any part, as it is in the first part that has it."""
    named = [dict(zip(p.table.column_names, p.table.columns, strict=True)) for p in parts]
    return dict(ChainMap(*named))


def _by_role(part: Part, columns: Columns) -> pa.Table:
    """Return the columns that play a role, named by role, texts as strings."""
    rows = part.table.num_rows
    by_role = {FOLDER: _constant(str(part.folder), rows)}
    named = [(role.value, getattr(columns, role)) for role in TEXT_ROLES]
    named += [(group_column(name), name) for name in columns.groups]
    for stored, name in named:
        if name in part.table.column_names:
            by_role[stored] = as_text(part.table.column(name))
        elif name:
            by_role[stored] = pa.chunked_array([pa.nulls(rows, pa.string())])
    if not columns.split and part.split:
        by_role[Role.SPLIT] = _constant(part.split, rows)
    if columns.image in part.table.column_names:
        by_role[Role.IMAGE] = as_pictures(part.table.column(columns.image))
    return pa.Table.from_arrays(list(by_role.values()), names=list(by_role))


def _constant(value: str, rows: int) -> Column:
    """Return a column of one value, which is stored once."""
    return pa.chunked_array([pa.array([value] * rows, pa.string())]).dictionary_encode()


def _with_split(columns: Columns, parts: Sequence[Part]) -> Columns:
    """Name the split that the layout of the source gives, where no column does."""
    if columns.split or not any(part.split for part in parts):
        return columns
    return columns.model_copy(update={"split": SPLIT_OF_LAYOUT})


def _with_ids(columns: Columns, table: pa.Table) -> tuple[Columns, pa.Table, list[str]]:
    """Keep ids that tell rows apart, else let row numbers stand in, and say so."""
    if not columns.id:
        return columns, table, ["no column holds ids: row numbers stand in for them"]
    ids = table.column(Role.ID)
    repeated = len(ids) - ids.null_count - pc.count_distinct(ids).as_py()
    if not repeated and not ids.null_count:
        return columns, table, []
    note = (
        f"column {columns.id!r} repeats {repeated} ids and lacks {ids.null_count}: "
        "row numbers stand in for ids"
    )
    return columns.model_copy(update={"id": None}), table.drop_columns([Role.ID]), [note]


def _one_split(whole: Whole, config: DataConfig) -> Whole:
    """Keep the rows of `config.split`, and check the names of splits."""
    asked = {"split": config.split, "evaluate_on": config.evaluate_on}
    if not any(asked.values()):
        return whole
    if not whole.columns.split:
        raise InputError(
            [
                f"data.{key} is {name!r}, but no column holds the split; "
                "name one under data.columns.split"
                for key, name in asked.items()
                if name
            ]
        )
    splits = whole.strings(Role.SPLIT, range(len(whole.index)))
    present = [name for name in dict.fromkeys(splits) if name]
    problems = [
        f"data.{key}: no row is of split {name!r}{suggest(name, present)}; "
        f"present: {', '.join(present)}"
        for key, name in asked.items()
        if name and name not in present
    ]
    if config.split and config.evaluate_on not in (None, config.split):
        problems.append(
            f"data.evaluate_on is {config.evaluate_on!r}, but data.split keeps {config.split!r} "
            "only; remove one of the two"
        )
    if problems:
        raise InputError(problems)
    if config.split is None:
        return whole
    return replace(whole, index=[at for at, split in enumerate(splits) if split == config.split])


def _sample(whole: Whole, limit: int | None, *, seed: int) -> Whole:
    """Draw `limit` rows, of each split its share."""
    rows = len(whole.index)
    if limit is None or limit >= rows:
        return whole
    shuffled = np.random.default_rng(seed).permutation(rows).tolist()
    order: list[int] = shuffled
    if whole.columns.split:
        # Rows at equal distances in the order of their splits: every split gets its share.
        splits = whole.strings(Role.SPLIT, range(rows))
        order = sorted(shuffled, key=lambda row: splits[row] or "")
    drawn = sorted(order[(2 * at + 1) * rows // (2 * limit)] for at in range(limit))
    note = f"a sample of {limit} of {rows} rows, with the same share of each split"
    return replace(whole, index=[whole.index[row] for row in drawn], notes=(*whole.notes, note))
