"""One table of roles out of parts that are named as the user names them."""

import os
from collections import ChainMap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from vlaudit.core.dataset import Columns, Role
from vlaudit.core.errors import InputError
from vlaudit.data.columns import WELL_KNOWN, Column, as_pictures, as_text, map_columns
from vlaudit.data.read import Part
from vlaudit.data.remote import is_remote
from vlaudit.data.whole import FOLDER, group_column

SPLIT_OF_LAYOUT = "split"
SIDECAR = "json"
LOOKED_AT = 1000
TEXT_ROLES = tuple(role for role in WELL_KNOWN if role is not Role.IMAGE)


def assemble(
    parts: Sequence[Part], declared: Columns, *, fetch: bool = False
) -> tuple[pa.Table, Columns, list[str]]:
    """Return the table of a `Whole`, the columns behind it and sentences about what was decided.

    Splits that the layout of the source gives become a column where the data have none. Ids that
    do not tell rows apart and proposed paths of which none exists play no role. Web addresses can
    be pictures only with `fetch`.

    Raises:
        InputError: declared columns are absent or unfit, or columns of parts do not fit together.
    """
    parts = [replace(part, table=unfolded(part.table)) for part in parts]
    columns, notes = map_columns(declared, _present(parts), fetch=fetch)
    try:
        tables = [_by_role(part, columns) for part in parts]
        table = pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException as error:
        raise InputError(
            f"data.source: a column is of another type in some files: {error}; "
            "convert it to one type"
        ) from error
    dropped: list[Role] = []
    if problem := _no_ids(columns.id, table):
        notes.append(f"{problem}: row numbers stand in for ids")
        dropped.append(Role.ID)
    if problem := _no_pictures(columns.image, table):
        if declared.image:
            raise InputError(problem)
        notes.append(f"{problem}; the column is not taken as image")
        dropped.append(Role.IMAGE)
    changed: dict[str, str | None] = {role.value: None for role in dropped}
    if not columns.split and Role.SPLIT in table.column_names:
        changed[Role.SPLIT] = SPLIT_OF_LAYOUT
    table = table.drop_columns([role for role in dropped if role in table.column_names])
    return table, columns.model_copy(update=changed), notes


def unfolded(table: pa.Table) -> pa.Table:
    """Return the fields of WebDataset's `json` as columns of their own, named `json.FIELD`."""
    if SIDECAR not in table.column_names or not pa.types.is_struct(table.column(SIDECAR).type):
        return table
    folded = table.column(SIDECAR)
    table = table.drop_columns([SIDECAR])
    for field, column in zip(folded.type, folded.flatten(), strict=True):
        table = table.append_column(f"{SIDECAR}.{field.name}", column)
    return table


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


def _no_ids(column: str | None, table: pa.Table) -> str | None:
    """Return why rows cannot be told apart by id, or None where they can."""
    if not column:
        return "no column holds ids"
    ids = table.column(Role.ID)
    repeated = len(ids) - ids.null_count - pc.count_distinct(ids).as_py()
    if not repeated and not ids.null_count:
        return None
    return f"column {column!r} repeats {repeated} ids and lacks {ids.null_count}"


def _no_pictures(column: str | None, table: pa.Table) -> str | None:
    """Return what is wrong where the first rows name files of which none exists."""
    if not column:
        return None
    first = table.slice(0, LOOKED_AT)
    encoded, path = first.column(Role.IMAGE).flatten()
    places = zip(first.column(FOLDER).to_pylist(), path.to_pylist(), strict=True)
    named = [(folder, name) for folder, name in places if folder and name]
    if any(is_remote(place) for pair in named for place in pair):
        return None
    paths = [Path(folder, name) for folder, name in named]
    if encoded.null_count < len(first) or not paths or any(map(os.path.isfile, paths)):
        return None
    # A file may be named after a person: the text goes into the run folder.
    return (
        f"column {column!r} (data.columns.image): none of the first {len(paths)} pictures is a "
        f"file; a relative path begins at the folder of its table, {first.column(FOLDER)[0]}"
    )
