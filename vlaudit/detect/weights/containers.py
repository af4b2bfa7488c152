"""Finds the pickles in a file, whatever its name says: bare, packed, in archives, in arrays."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from vlaudit.detect.weights.imports import Danger, danger
from vlaudit.detect.weights.opcodes import Reading, read_pickles

PICKLED = (
    ".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".p", ".pck", ".joblib", ".dill", ".th",
)  # fmt: skip
MEMBERS = ("pickle", "sys_info", "storages", "tensors")  # of the oldest archives of torch
TEXTS = (
    ".cfg", ".csv", ".html", ".jinja", ".j2", ".json", ".jsonl", ".lock", ".md", ".py", ".sha256",
    ".toml", ".txt", ".tsv", ".xml", ".yaml", ".yml",
)  # fmt: skip
CODE = (".py", ".pyc", ".so", ".dll", ".dylib", ".pyd", ".sh", ".exe")
DEPTH = 4
MOST_MEMBERS = 100_000
LARGEST_UNPACKED = 1 << 31
_CLOSED = (b"7z\xbc\xaf'\x1c", b"Rar!\x1a\x07")
_BROKEN = (
    OSError, EOFError, zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error,
    NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One pickle or piece of code within a file.

    Attributes:
        name: name of the file, with the path within its archive behind `!`.
        reading: what the pickle imports; None for code.
    """

    name: str
    reading: Reading | None


def parts(name: str, stream: BinaryIO, *, depth: int = 0) -> Iterator[Part]:
    """Yield the pickles and the code in a file; nothing for a file that can hold neither.

    An archive that cannot be opened is a pickle that cannot be read.
    """
    if PurePosixPath(name).suffix.lower() in CODE and depth:
        yield Part(name, None)
        return
    head = stream.read(512)
    stream.seek(0)
    try:
        opened = _unpacked(name, head, stream, depth)
        if opened is not None:
            yield from opened
            return
    except _BROKEN as error:
        problem = f"{type(error).__name__}: {error}"[:120]
        yield Part(name, Reading((), f"its archive cannot be opened ({problem})"))
        return
    if head.startswith(_CLOSED):
        yield Part(name, Reading((), "its archive is of a kind that cannot be looked into"))
    elif head.startswith(b"\x93NUMPY"):
        yield from _array(name, stream)
    elif _is_safetensors(head):
        return
    else:
        yield from _bare(name, head, stream)


def _unpacked(name: str, head: bytes, stream: BinaryIO, depth: int) -> Iterator[Part] | None:
    """Return the parts of an archive or packed file; None where it is neither."""
    if depth >= DEPTH:
        return None
    if head.startswith(b"\x1f\x8b"):
        return parts(f"{name}!", cast("BinaryIO", gzip.GzipFile(fileobj=stream)), depth=depth + 1)
    if head.startswith(b"BZh"):
        return parts(f"{name}!", cast("BinaryIO", bz2.BZ2File(stream)), depth=depth + 1)
    if head.startswith((b"\xfd7zXZ\x00", b"\x5d\x00\x00")):
        return parts(f"{name}!", cast("BinaryIO", lzma.LZMAFile(stream)), depth=depth + 1)
    if head[:1] == b"\x78" and head[1:2] in (b"\x01", b"\x5e", b"\x9c", b"\xda"):
        plain = zlib.decompressobj().decompress(stream.read(), LARGEST_UNPACKED)
        return parts(f"{name}!", io.BytesIO(plain), depth=depth + 1)
    if head[257:262] == b"ustar":
        return _tar_members(name, stream, depth)
    # The directory of a zip stands at its end, so that another file may stand before it.
    if head.startswith(b"PK\x03\x04") or (not depth and zipfile.is_zipfile(stream)):
        return _zip_members(name, stream, depth)
    stream.seek(0)
    return None


def _zip_members(name: str, stream: BinaryIO, depth: int) -> Iterator[Part]:
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist()[:MOST_MEMBERS]:
            if member.is_dir():
                continue
            if member.flag_bits & 1:
                yield Part(f"{name}!{member.filename}", Reading((), "it is encrypted"))
                continue
            with archive.open(member) as inner:
                yield from parts(
                    f"{name}!{member.filename}", cast("BinaryIO", inner), depth=depth + 1
                )


def _tar_members(name: str, stream: BinaryIO, depth: int) -> Iterator[Part]:
    with tarfile.open(fileobj=stream) as archive:
        for member in archive:
            inner = archive.extractfile(member) if member.isfile() else None
            if inner is not None:
                path = f"{name}!{member.name}"
                yield from parts(path, cast("BinaryIO", inner), depth=depth + 1)


def _array(name: str, stream: BinaryIO) -> Iterator[Part]:
    """Yield the pickle behind the header of an array of objects."""
    from numpy.lib import format as npy

    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    _, _, dtype = read(stream)
    if dtype.hasobject:
        for reading in read_pickles(stream):
            yield Part(name, reading)


def _bare(name: str, head: bytes, stream: BinaryIO) -> Iterator[Part]:
    """Yield the pickles that a file consists of, if it is made of pickles.

    By protocol 2 or later a pickle says so in its first bytes; earlier ones look like text. Raw
    numbers may look like either by chance, but hardly go on to import something by name.
    """
    path = PurePosixPath(name.rstrip("!").rpartition("!")[2])
    ending = path.suffix.lower()
    marked = head[:1] == b"\x80" and 2 <= (head[1] if len(head) > 1 else 0) <= 5
    if not marked and (ending in TEXTS or not head):
        return
    begun = ending in PICKLED or path.name in MEMBERS
    for number, reading in enumerate(read_pickles(stream)):
        whole = reading.problem is None
        named = bool(reading.imports) and all(map(_is_name, reading.imports))
        if number == 0:
            sure = (whole and (marked or named)) or (marked and named) or _is_attack(reading)
            if begun or sure:
                yield Part(name, reading)
        elif named:
            yield Part(name, reading)


def _is_attack(reading: Reading) -> bool:
    return any(danger(name) is Danger.DANGEROUS for name in reading.imports)


def _is_name(name: str) -> bool:
    return all(part.isidentifier() or part.startswith("?") for part in name.split("."))


def _is_safetensors(head: bytes) -> bool:
    length = int.from_bytes(head[:8], "little")
    return len(head) > 8 and head[8:9] == b"{" and 2 <= length <= 100_000_000
