"""Writes a changed copy of a dataset, never in place, with a manifest of what was changed and why.

A single CSV, TSV or JSON-lines table stays what it is, beside copies of the pictures that it names;
everything else becomes one parquet table with all columns of the source and its pictures within.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vlaudit.core.dataset import Role
from vlaudit.core.errors import EvidenceError, InputError
from vlaudit.data.original import Edit, Edits, Original
from vlaudit.data.table_copy import write_lines, write_parquet

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Copied:
    """A copy that was written.

    Attributes:
        folder: where it lies.
        rows: rows in it.
        actions: number of rows by what was done to them: left out, marked or changed.
    """

    folder: Path
    rows: int
    actions: Mapping[str, int]


def write_copy(
    original: Original, edits: Edits, output: Path, *, about: Mapping[str, Any] | None = None
) -> Copied:
    """Write a copy of `original` into the new folder `output`, with `manifest.json` in it.

    The folder appears whole or not at all. Rows are written in order and few are in memory at once.

    Args:
        original: what to copy.
        edits: returns what is done to the row at a position, or None where nothing is; it is asked
            once for each row, in order.
        output: folder that does not exist yet.
        about: what the manifest says at its head, such as the run that found what is changed.

    Raises:
        InputError: `output` exists.
        EvidenceError: it cannot be written.
    """
    if output.exists():
        raise InputError(f"{output} exists, and nothing is written over; name another folder")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{output.name}.", dir=output.parent))
    except OSError as error:
        raise _refused(output, error) from error
    try:
        changes, rows = _written(original, edits, partial)
        manifest = _manifest(original, partial, changes, rows, about or {})
        (partial / MANIFEST).write_text(manifest, encoding="utf-8")
        partial.chmod(0o755)
        partial.rename(output)
    except OSError as error:
        raise _refused(output, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    done = [change["action"] for change in changes]
    return Copied(output, rows, {action: done.count(action) for action in dict.fromkeys(done)})


def _refused(output: Path, error: OSError) -> EvidenceError:
    return EvidenceError(
        f"cannot write {output}: {error.strerror or error}; free space or mend the permissions"
    )


def _written(original: Original, edits: Edits, folder: Path) -> tuple[list[dict[str, Any]], int]:
    """Write the rows; return what was done to which, and the number of rows."""
    changes: list[dict[str, Any]] = []
    ids = original.data.ids()

    def noted(position: int) -> Edit | None:
        edit = edits(position)
        if edit is not None:
            _check_columns(original, edit)
            changed = [role.value for role in edit.texts]
            changed += [Role.IMAGE.value] if edit.picture is not None else []
            row: dict[str, Any] = {"row": ids[position], "action": edit.action}
            row |= {"columns": changed} if changed and not edit.drop else {}
            changes.append(row | {"reasons": list(edit.reasons)})
        return edit

    write = write_parquet if original.file is None else write_lines
    return changes, write(original, noted, folder)


def _check_columns(original: Original, edit: Edit) -> None:
    """Refuse a change of what no column holds: it would silently not take place."""
    names = {role: getattr(original.data.columns, role) for role in edit.texts}
    for role in [role for role, name in names.items() if name not in original.table.column_names]:
        raise InputError(f"no column of the source holds the {role}, so that it cannot be changed")


def _manifest(
    original: Original,
    folder: Path,
    changes: Sequence[Mapping[str, Any]],
    rows: int,
    about: Mapping[str, Any],
) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    document = {
        "schema_version": 1,
        **about,
        "source": original.data.name,
        "source_digest": original.data.digest,
        "rows_read": len(original.data),
        "rows_written": rows,
        "changes": changes,
        "sha256": {path.relative_to(folder).as_posix(): _sha256(path) for path in files},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
