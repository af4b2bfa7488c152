"""What `data.source` names: files, a folder, a saved dataset, the hub, a remote place."""

import glob
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from vlaudit.core.config import DataConfig
from vlaudit.core.dataset import Unreadable
from vlaudit.core.errors import InputError
from vlaudit.data.columns import suggest
from vlaudit.data.described import read_described
from vlaudit.data.fetch import Fetcher
from vlaudit.data.layout import PICTURES, by_split, list_pictures, tables, visible
from vlaudit.data.read import KINDS, Part, read_files, read_hub, read_saved
from vlaudit.data.remote import copy, is_remote, is_web, join, list_files

SAVED = ("dataset_dict.json", "state.json")
REFERENCE = "reference:"
HUB_NAME = re.compile(r"[\w-][\w.-]*(/[\w.-]+)?(:[\w.-]+)?")
TABLE_KINDS = (*KINDS, ".jsonld")


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads what a configuration names.

    Attributes:
        config: the section `data` of a configuration.
        base: folder of the configuration file, where relative paths begin.
        cache: folder for memory-mapped copies of tables.
        fetcher: downloads what lies at a web address.
        reference: returns the parquet files of `reference:NAME`.
    """

    config: DataConfig
    base: Path
    cache: Path
    fetcher: Fetcher
    reference: Callable[[str], Sequence[Path]] | None = None

    def read(self) -> list[Part]:
        """Read all rows of the source.

        Raises:
            InputError: the source does not exist, holds no rows or cannot be read.
        """
        source = self.config.source
        if source.startswith(REFERENCE):
            if self.reference is None:
                raise InputError(f"data.source {source!r}: no reference data is at hand here")
            return read_files(self.reference(source.removeprefix(REFERENCE)), cache=self.cache)
        if is_web(source):
            return self._read_web(source)
        if is_remote(source):
            return self._read_remote(source)
        path = self.base / Path(source).expanduser()
        try:
            return self._read_path(source, path)
        except PermissionError as error:
            raise InputError(f"{error.filename or path}: no permission to read it") from error

    def _read_path(self, source: str, path: Path) -> list[Part]:
        if path.is_file():
            return self._read_tables(path.parent, [PurePosixPath(path.name)])
        if path.is_dir():
            if any((path / name).is_file() for name in SAVED):
                return read_saved(path)
            return self._read_folder(path, _files(path))
        if glob.has_magic(source):
            return self._read_glob(source, path)
        if self._may_be_on_the_hub(path):
            return read_hub(self.config, base=self.base, cache=self.cache)
        near = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
        raise InputError(
            f"data.source {source!r}: there is no file or folder {path}{suggest(path.name, near)}; "
            "a relative path begins at the folder of the configuration"
        )

    def _may_be_on_the_hub(self, path: Path) -> bool:
        """Tell whether a path that does not exist looks like OWNER/NAME and like no local path."""
        source = self.config.source
        local = path.suffix.lower() in TABLE_KINDS or ("/" in source and path.parent.is_dir())
        return not local and HUB_NAME.fullmatch(source) is not None

    def _read_glob(self, source: str, path: Path) -> list[Part]:
        pattern = str(Path(glob.escape(str(self.base))) / Path(source).expanduser())
        files = [Path(match) for match in sorted(glob.glob(pattern, recursive=True))]
        files = [file for file in files if file.is_file()]
        if not files:
            raise InputError(f"data.source {source!r}: no file matches {path}")
        folder = Path(os.path.commonpath([file.parent for file in files]))
        paths = [PurePosixPath(file.relative_to(folder).as_posix()) for file in files]
        if all(path.suffix.lower() in PICTURES for path in paths):
            return [Part(list_pictures(paths), folder)]
        return self._read_tables(folder, paths)

    def _read_web(self, source: str) -> list[Part]:
        """Download one table; its relative paths begin at the folder of its address."""
        name = PurePosixPath(urlsplit(source).path).name
        content = self.fetcher.table(source)
        if isinstance(content, Unreadable):
            raise InputError(f"data.source {source!r} cannot be downloaded: {content.reason}")
        file = self.cache / "downloaded" / (name or "rows")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        parts = self._read_tables(file.parent, [PurePosixPath(file.name)])
        return [replace(part, folder=source.partition("?")[0].rpartition("/")[0]) for part in parts]

    def _read_remote(self, source: str) -> list[Part]:
        """Copy the tables of a remote folder; its pictures stay where they are."""
        folder, files = list_files(source)
        paths = visible(files)
        one = len(paths) == 1 and source.endswith(str(paths[0]))
        chosen = paths if one else tables(paths)
        if not chosen:
            return self._read_folder(folder, paths)
        mirror = self.cache / "copied"
        copy(folder, chosen, into=mirror)
        return [
            replace(part, folder=join(folder, relative) if relative != "." else folder)
            for part in self._read_tables(mirror, chosen)
            for relative in [Path(part.folder).relative_to(mirror).as_posix()]
        ]

    def _read_folder(self, folder: Path | str, paths: list[PurePosixPath]) -> list[Part]:
        chosen = tables(paths)
        if chosen and isinstance(folder, Path):
            return self._read_tables(folder, chosen)
        if any(path.suffix.lower() in PICTURES for path in paths):
            return [Part(list_pictures(paths), folder)]
        raise InputError(
            f"{folder}: holds no pictures ({', '.join(sorted(PICTURES))}) and no tables "
            f"({', '.join(TABLE_KINDS)}); name another folder or file under data.source"
        )

    def _read_tables(self, folder: Path, paths: Sequence[PurePosixPath]) -> list[Part]:
        unknown = [path for path in paths if path.suffix.lower() not in TABLE_KINDS]
        if unknown:
            kinds = ", ".join(TABLE_KINDS)
            raise InputError(
                [f"{folder / p}: is none of the tables that can be read ({kinds})" for p in unknown]
            )
        parts: list[Part] = []
        for split, members in by_split(paths).items():
            for _, alike in groupby(members, lambda path: (path.parent, path.suffix.lower())):
                parts += self._read_alike([folder / path for path in alike], split)
        return parts

    def _read_alike(self, files: Sequence[Path], split: str | None) -> list[Part]:
        """Read files of one kind and folder: described data one by one, tables together."""
        parts: list[Part] = []
        plain: list[Path] = []
        for file in files:
            described = read_described(
                file, config=self.config, fetcher=self.fetcher, cache=self.cache
            )
            if described is None:
                plain.append(file)
            else:
                parts.append(replace(described, split=split))
        return [*parts, *(read_files(plain, cache=self.cache, split=split) if plain else [])]


def _files(folder: Path) -> list[PurePosixPath]:
    """Return all files below a folder that are not hidden.

    Raises:
        OSError: a folder below cannot be listed; silently leaving it out would bias the audit.
    """

    def refuse(error: OSError) -> None:
        raise error

    files: list[str] = []
    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if visible([name])]
        files += [Path(parent, name).relative_to(folder).as_posix() for name in names]
    return visible(files)
