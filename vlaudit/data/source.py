"""What `data.source` names: files, a folder, a saved dataset, the hub or the reference data."""

import glob
import os
import re
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from vlaudit.core.errors import InputError
from vlaudit.data.columns import suggest
from vlaudit.data.read import KINDS, Part, read_files, read_hub, read_saved

PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
METADATA = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
SPLITS = (
    *("train", "training", "validation", "valid", "val", "dev"),
    *("test", "testing", "eval", "evaluation"),
)
SAVED = ("dataset_dict.json", "state.json")
HIDDEN = (".", "__")
REFERENCE = "reference:"
HUB_NAME = re.compile(r"[\w-][\w.-]*(/[\w.-]+)?(:[\w.-]+)?")


def read_source(
    source: str, *, base: Path, reference: Callable[[str], Sequence[Path]] | None, cache: Path
) -> list[Part]:
    """Read all rows of `source`; relative paths begin at `base`.

    Raises:
        InputError: the source does not exist, holds no rows or cannot be read.
    """
    if source.startswith(REFERENCE):
        if reference is None:
            raise InputError(f"data.source {source!r}: no reference data is at hand here")
        return read_files(reference(source.removeprefix(REFERENCE)), cache=cache)
    path = base / Path(source).expanduser()
    try:
        return _read_path(source, path, base=base, cache=cache)
    except PermissionError as error:
        raise InputError(f"{error.filename or path}: no permission to read it") from error


def _read_path(source: str, path: Path, *, base: Path, cache: Path) -> list[Part]:
    if path.is_file():
        return _read_tables(path.parent, [path], cache=cache)
    if path.is_dir():
        return _read_folder(path, cache=cache)
    if glob.has_magic(source):
        pattern = str(Path(glob.escape(str(base))) / Path(source).expanduser())
        files = [Path(match) for match in sorted(glob.glob(pattern, recursive=True))]
        files = [file for file in files if file.is_file()]
        if not files:
            raise InputError(f"data.source {source!r}: no file matches {path}")
        return _read_tables(Path(os.path.commonpath([file.parent for file in files])), files, cache)
    if "://" in source:
        raise InputError(
            f"data.source {source!r}: is a web address, and nothing is downloaded from there; "
            "download it and name the file"
        )
    if _may_be_on_the_hub(source, path):
        return read_hub(source, base=base, cache=cache)
    near = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
    raise InputError(
        f"data.source {source!r}: there is no file or folder {path}{suggest(path.name, near)}; "
        "a relative path begins at the folder of the configuration"
    )


def _may_be_on_the_hub(source: str, path: Path) -> bool:
    """Tell whether a path that does not exist looks like OWNER/NAME and like no local path."""
    local = path.suffix.lower() in KINDS or ("/" in source and path.parent.is_dir())
    return not local and HUB_NAME.fullmatch(source) is not None


def _read_folder(folder: Path, *, cache: Path) -> list[Part]:
    if any((folder / name).is_file() for name in SAVED):
        return read_saved(folder)
    files = _files(folder)
    metadata = [file for file in files if file.name in METADATA]
    if metadata:
        return _read_tables(folder, metadata, cache)
    tables = [file for file in files if file.suffix.lower() in KINDS]
    columnar = [file for file in tables if file.suffix.lower() in (".parquet", ".arrow")]
    pictures = [file for file in files if file.suffix.lower() in PICTURES]
    if pictures and not columnar:
        return [_list_pictures(folder, pictures)]
    if not tables:
        raise InputError(
            f"{folder}: holds no pictures ({', '.join(sorted(PICTURES))}) and no tables "
            f"({', '.join(KINDS)}); name another folder or file under data.source"
        )
    return _read_tables(folder, columnar or tables, cache)


def _list_pictures(folder: Path, pictures: Sequence[Path]) -> Part:
    """List pictures; sub-folders are classes, or splits that hold classes.

    A class needs another one beside it, at the same depth.
    """
    paths = [picture.relative_to(folder) for picture in pictures]
    tops = [path.parts[0] for path in paths]
    split = len(set(tops)) > 1 and all(top.lower() in SPLITS for top in set(tops))
    parents = [path.parent.parts[split:] for path in paths]
    columns = {"image": [str(path) for path in paths]}
    if split:
        columns["split"] = tops
    if len(set(parents)) > 1 and len({len(parent) for parent in parents}) == 1:
        columns["label"] = [parent[-1] for parent in parents]
    arrays = [pa.array(values, pa.string()) for values in columns.values()]
    return Part(pa.Table.from_arrays(arrays, names=list(columns)), folder)


def _files(folder: Path) -> list[Path]:
    """Return all files below a folder that are not hidden.

    Raises:
        OSError: a folder below cannot be listed; silently leaving it out would bias the audit.
    """

    def refuse(error: OSError) -> None:
        raise error

    files: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(HIDDEN)]
        files += [Path(parent, name) for name in names if not name.startswith(HIDDEN)]
    return sorted(files)


def _read_tables(folder: Path, files: Sequence[Path], cache: Path) -> list[Part]:
    unknown = [file for file in files if file.suffix.lower() not in KINDS]
    if unknown:
        raise InputError(
            [
                f"{file}: is none of the tables that can be read ({', '.join(KINDS)})"
                for file in unknown
            ]
        )
    parts: list[Part] = []
    for split, members in _by_split(folder, files).items():
        for _, alike in groupby(members, lambda file: (file.parent, file.suffix.lower())):
            parts += read_files(list(alike), cache=cache, split=split)
    return parts


def _by_split(folder: Path, files: Sequence[Path]) -> dict[str | None, list[Path]]:
    """Sort files into the splits that their paths name, as train/0.parquet or test-0.parquet do.

    Paths tell nothing unless every one names a split and they name at least two.
    """
    splits: dict[str | None, list[Path]] = {}
    for file in files:
        splits.setdefault(_split_of(file.relative_to(folder)), []).append(file)
    return splits if len(splits) > 1 and None not in splits else {None: list(files)}


def _split_of(path: Path) -> str | None:
    words = (word for part in path.parts for word in re.split(r"[-._ \d]+", part))
    return next((word for word in words if word.lower() in SPLITS), None)
