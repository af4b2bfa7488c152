"""The files that a target was loaded from, as probes may look at them."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from vlaudit.core.target import Target

_SHA256 = re.compile(r"[0-9a-f]{64}")
_DOWNLOADS = Path(".cache", "huggingface", "download")
_BESIDE = ("sha256sums", "sha256sum", "checksums", "manifest", "model.sig")


@dataclass(frozen=True)
class StoredFiles:
    """Files below one folder.

    Attributes:
        folder: the folder.
        names: path of each file within it, with `/` between its parts.
        digests: SHA-256 that the Hub states of a file fetched from it.
        tensors: names of the tensors that the architecture has.
        left_out: names of tensors that it has no place for.
    """

    folder: Path
    names: Sequence[str]
    digests: Mapping[str, str] = field(default_factory=dict[str, str])
    tensors: Collection[str] = ()
    left_out: Sequence[str] = ()

    def open(self, name: str) -> BinaryIO:
        """Open one of the files for reading."""
        return (self.folder / name).open("rb")


def stored(place: Path, model: Any, *, left_out: Iterable[str] = ()) -> StoredFiles:
    """Return the files of a folder, or a checkpoint with the lists of digests beside it.

    Hidden files and folders, where version control and caches lie, are no part of a model.

    Args:
        place: the folder or the checkpoint.
        model: the torch module that was loaded from it.
        left_out: names of tensors that the loader had no place for.
    """
    folder = place if place.is_dir() else place.parent
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in paths]
    names = [name for name in names if not any(part[0] == "." for part in name.split("/"))]
    if not place.is_dir():
        names = [name for name in names if _goes_with(name, place.name)]
    stated = {name: digest for name in names if (digest := _fetched(folder, name))}
    return StoredFiles(folder, names, stated, frozenset(model.state_dict()), tuple(left_out))


def keep_files(target: Target, files: StoredFiles) -> None:
    """Let probes look at the files of a target."""
    vars(target)["files"] = files


def _goes_with(name: str, checkpoint: str) -> bool:
    lowered = name.lower()
    return name == checkpoint or (
        "/" not in name and (name.startswith(f"{checkpoint}.") or lowered.startswith(_BESIDE))
    )


def _fetched(folder: Path, name: str) -> str | None:
    """Return the digest by which the Hub names a large file, where the file came from the Hub.

    In its cache a file is a link to one called by its digest; beside a downloaded folder the
    digest stands in the second line of a small file.
    """
    path = folder / name
    linked = path.readlink().name if path.is_symlink() else ""
    if _SHA256.fullmatch(linked):
        return linked
    noted = folder / _DOWNLOADS / f"{name}.metadata"
    lines = noted.read_text("utf-8", "replace").splitlines() if noted.is_file() else []
    tag = lines[1].strip() if len(lines) > 1 else ""
    return tag if _SHA256.fullmatch(tag) else None
