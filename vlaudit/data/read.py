"""Reading with Hugging Face `datasets`, into memory-mapped Arrow tables."""

import glob
import json
import tarfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from logging import CRITICAL
from pathlib import Path
from typing import Any

import pyarrow as pa

from vlaudit.core.config import DataConfig
from vlaudit.core.errors import InputError

KINDS = {
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".tar": "webdataset",
}
BLANK = 4096
# Spreadsheets write a byte-order mark, which is no part of the first name.
CSV_ENCODING = "utf-8-sig"
# Pandas would also read "None" as missing, which is a class name to some.
MISSING = ["", "NA", "N/A", "NaN", "nan", "<NA>", "#N/A", "null", "NULL"]


@dataclass(frozen=True)
class Part:
    """Rows read together.

    Attributes:
        table: memory-mapped columns of plain Arrow types, named as the user names them.
        folder: where relative picture paths begin; the address of a remote folder is text.
        split: name that the layout of the source gives these rows.
    """

    table: pa.Table
    folder: Path | str
    split: str | None = None


def read_files(files: Sequence[Path], *, cache: Path, split: str | None = None) -> list[Part]:
    """Read table files of one kind that lie in one folder.

    Files whose columns do not fit together are parts of their own.

    Raises:
        InputError: files that cannot be read as what their names say they are.
    """
    kind = KINDS[files[0].suffix.lower()]
    try:
        return [Part(_read_table(kind, files, cache), files[0].parent, split)]
    except InputError:
        if len(files) == 1:
            raise
    parts: list[Part] = []
    problems: list[str] = []
    for file in files:
        try:
            parts += read_files([file], cache=cache, split=split)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return parts


def _read_table(kind: str, files: Sequence[Path], cache: Path) -> pa.Table:
    place = str(files[0]) if len(files) == 1 else f"{files[0].parent} ({len(files)} files)"
    with _problems_of(place, kind):
        # The readers stop at an empty file, though others hold rows.
        filled = [file for file in files if _holds_rows(kind, file)]
        return _load(kind, filled, cache) if filled else pa.table({})


def _holds_rows(kind: str, file: Path) -> bool:
    import pandas as pd
    import pyarrow.parquet as pq

    if kind == "parquet":
        return pq.read_metadata(file).num_rows > 0
    with file.open("rb") as content:
        if not content.read(BLANK).strip():
            return file.stat().st_size > BLANK
    return kind != "csv" or len(pd.read_csv(file, nrows=1, **_csv_dialect(file))) > 0


def _load(kind: str, files: Sequence[Path], cache: Path) -> pa.Table:
    import datasets

    try:
        read = datasets.load_dataset(
            kind,
            data_files={"train": [glob.escape(str(file)) for file in files]},
            cache_dir=str(cache),
            verification_mode="no_checks",
            **(_csv_options(files[0]) if kind == "csv" else {}),
        )
    except ValueError as error:
        if "corresponds to no data" in str(error):
            return pa.table({})
        raise
    return _plain(read["train"])


def read_saved(folder: Path) -> list[Part]:
    """Read a `Dataset` or `DatasetDict` that `save_to_disk` wrote.

    Raises:
        InputError: the folder is incomplete or damaged.
    """
    import datasets

    with _problems_of(str(folder), "a dataset saved to disk"):
        return _parts(datasets.load_from_disk(str(folder)), folder)


def read_hub(config: DataConfig, *, base: Path, cache: Path) -> list[Part]:
    """Download and read `OWNER/NAME` or `OWNER/NAME:CONFIGURATION` from the Hugging Face hub.

    With `config.stream` only the first `config.limit` rows are read, and nothing is kept.

    Raises:
        InputError: there is no such dataset, or the hub cannot be reached.
    """
    import datasets

    name, _, configuration = config.source.partition(":")
    options: dict[str, Any] = {
        "name": configuration or config.configuration,
        "cache_dir": str(cache),
    }
    try:
        with _quiet(datasets):
            if config.stream:
                return _stream(datasets.load_dataset(name, streaming=True, **options), config, base)
            read = datasets.load_dataset(name, **options)
    except _foreseen(datasets) as error:
        raise InputError(
            f"data.source {config.source!r} is no file or folder ({base / config.source}), and as "
            f"a dataset of the Hugging Face hub it cannot be read: {_reason(error)}; correct the "
            "path, the name (OWNER/NAME or OWNER/NAME:CONFIGURATION) or the connection"
        ) from error
    return _parts(read, base)


def _stream(read: Any, config: DataConfig, folder: Path) -> list[Part]:
    """Read the first rows of one split, or of all: pictures stay encoded."""
    import datasets

    if config.limit is None:
        raise InputError("data.stream needs data.limit, the number of rows to read")
    parts: list[Part] = []
    left = config.limit
    for split, rows in read.items():
        if left and config.split in (None, split):
            raw = rows.cast(_encoded(rows.features)) if rows.features else rows
            taken = list(raw.take(left))
            kept = datasets.Dataset.from_list(taken, features=raw.features) if taken else None
            parts += [Part(_plain(kept), folder, str(split))] if kept is not None else []
            left -= len(taken)
    return parts


def _encoded(features: Any) -> Any:
    """Return features of which no picture is decoded."""
    import datasets

    return datasets.Features(
        {
            name: datasets.Image(decode=False) if isinstance(kind, datasets.Image) else kind
            for name, kind in features.items()
        }
    )


def _parts(read: Any, folder: Path) -> list[Part]:
    if hasattr(read, "items"):
        return [Part(_plain(rows), folder, str(split)) for split, rows in read.items()]
    return [Part(_plain(read), folder)]


def _csv_options(file: Path) -> dict[str, Any]:
    """Read every column as text, so that the label 001 stays 001."""
    import datasets
    import pandas as pd

    dialect = _csv_dialect(file)
    names = pd.read_csv(file, nrows=0, **dialect).columns
    texts = {str(name): datasets.Value("string") for name in names}
    missing = {"keep_default_na": False, "na_values": MISSING}
    return {"features": datasets.Features(texts), **missing, **dialect}


def _csv_dialect(file: Path) -> dict[str, Any]:
    """Take the separator that the header has most of."""
    with file.open(encoding=CSV_ENCODING) as lines:
        header = lines.readline()
    return {"sep": max((",", "\t", ";", "|"), key=header.count), "encoding": CSV_ENCODING}


def _plain(read: Any) -> pa.Table:
    """Return the Arrow table of a Hugging Face dataset, class indices as their names."""
    import datasets

    # A selection keeps all rows on disk and an index of its own.
    read = read if read._indices is None else read.flatten_indices()
    table: pa.Table = read.data.table
    for position, (name, feature) in enumerate(read.features.items()):
        column = table.column(name)
        if isinstance(feature, datasets.ClassLabel):
            names = [_class_name(index, feature.names) for index in column.to_pylist()]
            column = pa.chunked_array([pa.array(names, pa.string())])
        elif isinstance(column.type, pa.BaseExtensionType) and feature.__class__.__name__ == "Json":
            texts = [_json_text(item) for item in column.to_pylist()]
            column = pa.chunked_array([pa.array(texts, pa.string())])
        table = table.set_column(position, name, column)
    return table


def _class_name(index: int | None, names: Sequence[str]) -> str | None:
    """Return the name of a class; an index below zero stands for none."""
    return None if index is None or index < 0 else names[index]


def _json_text(item: Any) -> str | None:
    """Return a value of a column of mixed types as text; of a list its first entry."""
    value = json.loads(item) if isinstance(item, str) else item
    if isinstance(value, list):
        value = value[0] if value else None
    return value if value is None or isinstance(value, str) else json.dumps(value)


@contextmanager
def _problems_of(place: str, kind: str) -> Generator[None]:
    import datasets

    try:
        with _quiet(datasets):
            yield
    except _foreseen(datasets) as error:
        root = _root(error)
        remedy = "check that it is whole and of the format that its name says"
        if isinstance(root, UnicodeDecodeError):
            remedy = "save it as UTF-8"
        if isinstance(root, OSError) and root.errno:
            remedy = "check that it can be read, and that the cache can be written and has room"
        raise InputError(
            f"{place}: cannot be read as {kind}: {_reason(error)}; {remedy}"
        ) from error


def _foreseen(datasets: Any) -> tuple[type[BaseException], ...]:
    return (
        datasets.exceptions.DatasetsError,
        pa.ArrowException,
        tarfile.TarError,
        OSError,
        EOFError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        RuntimeError,
    )


def _root(error: BaseException) -> BaseException:
    return error if error.__cause__ is None else _root(error.__cause__)


def _reason(error: BaseException) -> str:
    """Return the first two lines of the innermost error, in one."""
    lines = str(_root(error)).strip().splitlines()
    return " ".join(lines[:2]) or type(_root(error)).__name__


@contextmanager
def _quiet(datasets: Any) -> Generator[None]:
    """Keep progress bars and log lines off the terminal, and leave both as they were."""
    from huggingface_hub.utils import logging as hub_logging

    bars = not datasets.are_progress_bars_disabled()
    levels = [(log, log.get_verbosity()) for log in (datasets.logging, hub_logging)]
    datasets.disable_progress_bars()
    for log, _ in levels:
        log.set_verbosity(CRITICAL + 1)
    try:
        yield
    finally:
        for log, level in levels:
            log.set_verbosity(level)
        if bars:
            datasets.enable_progress_bars()
