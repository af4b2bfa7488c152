"""Tables of stored predictions, read and checked."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from vlaudit.core.errors import InputError
from vlaudit.core.target import Matrix

SUFFIXES = (".parquet", ".csv", ".jsonl")
KINDS = {
    "images": ("id", "embedding"),
    "texts": ("text", "embedding"),
    "scores": ("id", "text", "score"),
    "answers": ("id", "prompt", "answer"),
}


@dataclass(frozen=True)
class Tables:
    """What is stored; each part is empty where there is no such table.

    Attributes:
        files: the files that were read.
        images: id of a row -> place of its embedding in `image_matrix`.
        image_matrix: L2-normalised, float32 of shape (images, dimensions).
        texts: text -> place of its embedding in `text_matrix`.
        text_matrix: L2-normalised, float32 of shape (texts, dimensions).
        scores: (id, text) -> logit.
        answers: (id, prompt) -> answer.
    """

    files: tuple[Path, ...]
    images: dict[str, int] = field(default_factory=dict[str, int])
    image_matrix: Matrix = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    texts: dict[str, int] = field(default_factory=dict[str, int])
    text_matrix: Matrix = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    scores: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    answers: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])


def read_tables(path: Path) -> Tables:
    """Read the tables of a folder, or the one table that `path` is.

    A table is named after its kind (images, texts, scores, answers) and has the columns of it.

    Raises:
        InputError: no table, or one with wrong columns or values.
    """
    files = [path] if path.is_file() else list(_files_of(path))
    if not files:
        names = ", ".join(f"{kind} ({', '.join(columns)})" for kind, columns in KINDS.items())
        raise InputError(
            f"target.model: {path} holds no stored predictions; name tables after what they hold: "
            f"{names}, as .parquet, .csv or .jsonl"
        )
    found = {_kind(file): (file, _read(file)) for file in files}
    keys, matrix = _embeddings(found, "images")
    texts, text_matrix = _embeddings(found, "texts")
    if len(keys) and len(texts) and matrix.shape[1] != text_matrix.shape[1]:
        raise InputError(
            f"target.model: image embeddings have {matrix.shape[1]} dimensions, but those of texts "
            f"have {text_matrix.shape[1]}"
        )
    return Tables(
        files=tuple(files),
        images=keys,
        image_matrix=matrix,
        texts=texts,
        text_matrix=text_matrix,
        scores={(key, text): float(value) for key, text, value in _rows(found, "scores")},
        answers={(key, prompt): str(value) for key, prompt, value in _rows(found, "answers")},
    )


def _files_of(folder: Path) -> Iterator[Path]:
    for kind in KINDS:
        present = [folder / f"{kind}{suffix}" for suffix in SUFFIXES]
        yield from [file for file in present if file.is_file()][:1]


def _kind(file: Path) -> str:
    if file.stem in KINDS and file.suffix in SUFFIXES:
        return file.stem
    known = ", ".join(f"{kind}.parquet" for kind in KINDS)
    raise InputError(f"target.model: {file.name} is not named as a table of predictions: {known}")


def _read(file: Path) -> pa.Table:
    from pyarrow import csv, json, parquet

    wanted = KINDS[file.stem]
    try:
        if file.suffix == ".parquet":
            table = parquet.read_table(file)
        elif file.suffix == ".csv":
            as_text = csv.ConvertOptions(
                column_types=dict.fromkeys(("id", "text", "prompt", "answer"), pa.string())
            )
            table = csv.read_csv(file, convert_options=as_text)
        else:
            table = json.read_json(file)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"target.model: {file} cannot be read: {str(error)[:200]}") from error
    absent = [column for column in wanted if column not in table.column_names]
    if absent:
        raise InputError(
            f"target.model: {file.name} lacks {', '.join(absent)}; it needs the columns "
            f"{', '.join(wanted)} and has {', '.join(table.column_names)}"
        )
    table = table.select(list(wanted))
    for column in wanted:
        if table[column].null_count:
            raise InputError(f"target.model: {file.name} has rows without {column}")
    return table


def _rows(found: dict[str, tuple[Path, pa.Table]], kind: str) -> Iterator[tuple[str, str, Any]]:
    """Yield key, text and value of each row of a table; numbers must be finite."""
    if kind not in found:
        return
    file, table = found[kind]
    columns = [table[column].to_pylist() for column in KINDS[kind]]
    for key, text, value in zip(*columns, strict=True):
        if kind == "scores" and not (isinstance(value, int | float) and np.isfinite(value)):
            raise InputError(f"target.model: {file.name} has a score that is no number: {value}")
        yield str(key), str(text), value


def _embeddings(
    found: dict[str, tuple[Path, pa.Table]], kind: str
) -> tuple[dict[str, int], Matrix]:
    """Return the place of each key, and the embeddings at unit length."""
    if kind not in found:
        return {}, np.zeros((0, 0), dtype=np.float32)
    file, table = found[kind]
    keys = [str(key) for key in table[KINDS[kind][0]].to_pylist()]
    try:
        matrix = np.asarray(table["embedding"].to_pylist(), dtype=np.float32)
        length = np.linalg.norm(matrix, axis=1, keepdims=True)
    except (ValueError, TypeError, np.exceptions.AxisError) as error:
        raise InputError(
            f"target.model: {file.name}: `embedding` must hold lists of numbers of one length"
        ) from error
    if not np.isfinite(matrix).all() or not (length > 0).all():
        raise InputError(f"target.model: {file.name} has embeddings that are zero or not finite")
    if len(set(keys)) < len(keys):
        raise InputError(f"target.model: {file.name} has two embeddings of one {KINDS[kind][0]}")
    return {key: place for place, key in enumerate(keys)}, matrix / length
