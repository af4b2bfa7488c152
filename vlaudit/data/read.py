"""Reading with Hugging Face `datasets`, into memory-mapped Arrow tables."""

import glob
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from logging import CRITICAL
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

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
# Pandas would also read "None" as missing, which is a class name to some.
MISSING = ["", "NA", "N/A", "NaN", "nan", "<NA>", "#N/A", "null", "NULL"]


@dataclass(frozen=True)
class Part:
    """Rows read together.

    Attributes:
        table: memory-mapped columns of plain Arrow types, named as the user names them.
        folder: where relative picture paths begin.
        split: name that the layout of the source gives these rows.
    """

    table: pa.Table
    folder: Path
    split: str | None = None


def read_files(files: Sequence[Path], *, cache: Path, split: str | None = None) -> Part:
    """Read table files of one kind that lie in one folder.

    Raises:
        InputError: the files cannot be read as what their names say they are.
    """
    import datasets

    kind = KINDS[files[0].suffix.lower()]
    place = str(files[0]) if len(files) == 1 else f"{files[0].parent} ({len(files)} files)"
    with _problems_of(place, kind):
        read = datasets.load_dataset(
            kind,
            data_files={"train": [glob.escape(str(file)) for file in files]},
            split="train",
            cache_dir=str(cache),
            verification_mode="no_checks",
            **(_csv_options(files[0]) if kind == "csv" else {}),
        )
    return Part(_plain(read), files[0].parent, split)


def read_pictures(folder: Path, *, cache: Path, flat: bool = False) -> list[Part]:
    """Read a folder of pictures; sub-folders are labels, or splits that hold labels.

    `flat` takes sub-folders named train or test for labels too.

    Raises:
        InputError: the folder cannot be read.
    """
    import datasets

    with _problems_of(str(folder), "imagefolder"):
        read = datasets.load_dataset(
            "imagefolder",
            data_dir=str(folder),
            data_files={"train": "**"} if flat else None,
            cache_dir=str(cache),
            verification_mode="no_checks",
        )
    return _parts(read, folder, one_is_none=True)


def read_saved(folder: Path) -> list[Part]:
    """Read a `Dataset` or `DatasetDict` that `save_to_disk` wrote.

    Raises:
        InputError: the folder is incomplete or damaged.
    """
    import datasets

    with _problems_of(str(folder), "a dataset saved to disk"):
        return _parts(datasets.load_from_disk(str(folder)), folder)


def read_hub(name: str, *, base: Path, cache: Path) -> list[Part]:
    """Download and read `OWNER/NAME` or `OWNER/NAME:CONFIGURATION` from the Hugging Face hub.

    Raises:
        InputError: there is no such dataset, or the hub cannot be reached.
    """
    import datasets

    repository, _, configuration = name.partition(":")
    try:
        with _quiet(datasets):
            read = datasets.load_dataset(repository, configuration or None, cache_dir=str(cache))
    except _foreseen(datasets) as error:
        raise InputError(
            f"data.source {name!r} is no file or folder ({base / name}), and as a dataset of the "
            f"Hugging Face hub it cannot be read: {_reason(error)}; correct the path, or the name "
            "and the connection"
        ) from error
    return _parts(read, base)


def _parts(read: Any, folder: Path, *, one_is_none: bool = False) -> list[Part]:
    if not hasattr(read, "items"):
        return [Part(_plain(read), folder)]
    unnamed = one_is_none and len(read) == 1
    return [Part(_plain(d), folder, None if unnamed else str(name)) for name, d in read.items()]


def _csv_options(file: Path) -> dict[str, Any]:
    """Read every column as text, so that the label 001 stays 001; find the separator."""
    import datasets
    import pandas as pd

    with file.open(encoding="utf-8-sig") as lines:
        header = lines.readline()
    separator = max((",", "\t", ";", "|"), key=header.count)
    names = pd.read_csv(file, sep=separator, nrows=0, encoding="utf-8-sig").columns
    return {
        "features": datasets.Features({str(name): datasets.Value("string") for name in names}),
        "sep": separator,
        "keep_default_na": False,
        "na_values": MISSING,
        "encoding": "utf-8-sig",
    }


def _plain(read: Any) -> pa.Table:
    """Return the Arrow table of a Hugging Face dataset, class indices as their names."""
    import datasets

    # A selection keeps all rows on disk and an index of its own.
    read = read if read._indices is None else read.flatten_indices()
    table: pa.Table = read.data.table
    for position, (name, feature) in enumerate(read.features.items()):
        column = table.column(name)
        if isinstance(feature, datasets.ClassLabel):
            column = _class_names(column, feature.names)
        elif isinstance(column.type, pa.BaseExtensionType) and feature.__class__.__name__ == "Json":
            column = pa.chunked_array([[_json_text(item) for item in column.to_pylist()]])
        table = table.set_column(position, name, column)
    return table


def _class_names(indices: pa.ChunkedArray, names: Sequence[str]) -> pa.ChunkedArray:
    """Return the names at these indices; an index below zero stands for no class."""
    known = pc.if_else(pc.less(indices, 0), None, indices)
    return pc.take(pa.array(names, pa.string()), known)


def _json_text(item: Any) -> str | None:
    """Return a value of a column of mixed types as text; of a list its first entry."""
    value = json.loads(item) if isinstance(item, str) else item
    if isinstance(value, list):
        value = value[0] if value else None
    return value if value is None or isinstance(value, str) else json.dumps(value)


@contextmanager
def _problems_of(place: str, kind: str) -> Iterator[None]:
    import datasets

    try:
        with _quiet(datasets):
            yield
    except UnicodeDecodeError as error:
        raise InputError(f"{place}: is not UTF-8 text; save it as UTF-8") from error
    except _foreseen(datasets) as error:
        raise InputError(
            f"{place}: cannot be read as {kind}: {_reason(error)}; "
            "check that the file is whole and of the format that its name says"
        ) from error


def _foreseen(datasets: Any) -> tuple[type[BaseException], ...]:
    return (
        datasets.exceptions.DatasetsError,
        pa.ArrowException,
        OSError,
        ValueError,
        TypeError,
        LookupError,
        NotImplementedError,
    )


def _reason(error: BaseException) -> str:
    """Return the first line of the innermost error."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


@contextmanager
def _quiet(datasets: Any) -> Iterator[None]:
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
