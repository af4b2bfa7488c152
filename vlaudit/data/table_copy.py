"""Copies of tables row by row, with some rows left out, marked or changed."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from vlaudit.core.errors import InputError
from vlaudit.data.columns import as_pictures, is_list
from vlaudit.data.original import Edit, Edits, Original
from vlaudit.data.remote import is_remote

MARK = "vlaudit_flags"
ROWS = "rows.parquet"
BATCH = 256
Record = dict[str, Any]


def write_lines(original: Original, edits: Edits, folder: Path) -> int:
    """Write a table of lines under its own name, and copies of the pictures it names.

    What is not changed stays as it is written. Pictures keep their relative paths; those that lie
    elsewhere come into the folder `pictures`, and what is on the web stays there.

    Returns:
        number of rows written.

    Raises:
        InputError: the file no longer holds the rows that were read.
    """
    file = original.file
    if file is None:
        raise InputError("only a table of lines can be written line by line")
    image, rows = original.data.columns.image, 0
    as_json = file.suffix.lower() in (".jsonl", ".ndjson")
    with (
        file.open(encoding="utf-8-sig", newline="") as given,
        (folder / file.name).open("w", encoding="utf-8", newline="") as kept,
    ):
        records, write = _json_lines(given, kept) if as_json else _csv_lines(given, kept)
        count = 0
        for position, record in enumerate(records):
            count += 1
            edit = edits(position) if position < len(original.data) else None
            if edit is not None and edit.drop:
                continue
            if image and record.get(image):
                record[image] = _copied_picture(original, position, record[image], edit, folder)
            write(_edited(record, edit, original))
            rows += 1
    if count != len(original.data):
        raise InputError(
            f"{file}: has {count} rows now, and {len(original.data)} were read; run it again"
        )
    return rows


def _csv_lines(
    given: IO[str], kept: IO[str]
) -> tuple[Iterator[Record], Callable[[Mapping[str, Any]], None]]:
    """Return the records of a CSV file and what writes one, in the same dialect."""
    header = given.readline()
    separator = max((",", "\t", ";", "|"), key=header.count)
    given.seek(0)
    reader = csv.DictReader(given, delimiter=separator)
    names = [*(reader.fieldnames or ()), MARK]
    writer = csv.DictWriter(kept, names, restval="", delimiter=separator, extrasaction="ignore")
    writer.writeheader()
    return iter(reader), writer.writerow


def _json_lines(
    given: IO[str], kept: IO[str]
) -> tuple[Iterator[Record], Callable[[Mapping[str, Any]], None]]:
    """Return the records of a JSON-lines file and what writes one."""

    def write(record: Mapping[str, Any]) -> None:
        kept.write(json.dumps(record, ensure_ascii=False) + "\n")

    return (json.loads(line) for line in given if line.strip()), write


def _edited(record: Record, edit: Edit | None, original: Original) -> Record:
    if edit is None:
        return record
    named = {getattr(original.data.columns, role): text for role, text in edit.texts.items()}
    texts = {
        name: [text] if isinstance(record.get(name), list) else text for name, text in named.items()
    }
    return record | texts | ({MARK: edit.mark} if edit.mark else {})


def _copied_picture(
    original: Original, position: int, path: str, edit: Edit | None, folder: Path
) -> str:
    """Copy one picture, changed or as it is, and return the path that the copy names it by."""
    changed = edit.picture if edit is not None else None
    if is_remote(path) and changed is None:
        return path
    (content,) = [changed] if changed is not None else original.data.picture_bytes([position])
    relative = PurePosixPath(Path(path).as_posix())
    if is_remote(path) or relative.is_absolute() or ".." in relative.parts:
        relative = PurePosixPath("pictures", f"{position}{relative.suffix[:8]}")
    target = folder / relative
    if content:
        if changed is not None and target.exists():
            # Another row names the same picture, and keeps it as it was.
            relative = relative.with_name(f"{position}-{relative.name}")
            target = folder / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return str(relative)


def write_parquet(original: Original, edits: Edits, folder: Path) -> int:
    """Write all columns as one parquet table, local pictures within it, and return its rows.

    Pictures on the web stay addresses; so do those that cannot be read.
    """
    table, image = original.table, original.data.columns.image
    schema, rows = _schema(table, image), 0
    with pq.ParquetWriter(folder / ROWS, schema) as writer:
        for start in range(0, table.num_rows, BATCH):
            part = table.slice(start, BATCH)
            done = [edits(start + at) for at in range(part.num_rows)]
            kept = [at for at, edit in enumerate(done) if edit is None or not edit.drop]
            changes = [done[at] for at in kept]
            columns = {
                name: _column(original, name, part, start, kept, changes)
                for name in table.column_names
            }
            columns[MARK] = [edit.mark if edit is not None else None for edit in changes]
            arrays = [pa.array(columns[field.name], field.type) for field in schema]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            rows += len(kept)
    return rows


def _schema(table: pa.Table, image: str | None) -> pa.Schema:
    fields = [
        pa.field(field.name, pa.struct([("bytes", pa.large_binary()), ("path", pa.string())]))
        if field.name == image
        else pa.field(field.name, _plain(field.type))
        for field in table.schema
        if field.name != MARK
    ]
    return pa.schema([*fields, pa.field(MARK, pa.string())])


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _column(
    original: Original,
    name: str,
    part: pa.Table,
    start: int,
    kept: Sequence[int],
    edits: Sequence[Edit | None],
) -> list[Any]:
    """Return the cells of one column of the rows that are kept, changed where they are."""
    column, columns = part.column(name), original.data.columns
    if name == columns.image:
        given: list[Any] = as_pictures(column).take(pa.array(kept, pa.int64())).to_pylist()
        return [
            _picture(original, start + at, cell, edit)
            for at, cell, edit in zip(kept, given, edits, strict=True)
        ]
    cells: list[Any] = column.take(pa.array(kept, pa.int64())).to_pylist()
    for at, edit in enumerate(edits):
        for role, text in (edit.texts if edit is not None else {}).items():
            if getattr(columns, role) == name:
                cells[at] = [text] if is_list(column.type) else text
    return cells


def _picture(original: Original, position: int, cell: Record, edit: Edit | None) -> Record:
    path = cell["path"] and (cell["path"] if is_remote(cell["path"]) else Path(cell["path"]).name)
    if edit is not None and edit.picture is not None:
        return {"bytes": edit.picture, "path": path}
    if cell["bytes"] is not None or (path and is_remote(path)):
        return {"bytes": cell["bytes"], "path": path}
    (content,) = original.data.picture_bytes([position])
    return {"bytes": content or None, "path": path if content else cell["path"]}
