"""Holds the files of a model against the digests that came with them."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, BinaryIO

_HEX = re.compile(r"(?:sha256[:=-])?([0-9a-f]{64})", re.IGNORECASE)
_LINE = re.compile(r"\\?([0-9a-f]{64})[ \t]+\*?(.+)", re.IGNORECASE)
_BSD_LINE = re.compile(r"SHA256 ?\((.+)\) ?= ?([0-9a-f]{64})", re.IGNORECASE)
_LISTS = re.compile(
    r"(.*[._-])?(sha-?256(sums?)?|checksums?|digests?|manifest([._-]sha256)?)([._-].*)?",
    re.IGNORECASE,
)
_SIGNATURES = (".sig", ".sigstore", ".sigstore.json", ".intoto.jsonl", ".dsse")
_NAMES, _DIGESTS = ("path", "name", "file", "filename", "uri"), ("sha256", "digest", "hash", "oid")
LARGEST_LIST = 50_000_000


@dataclass(frozen=True)
class Record:
    """Digests that came with a model.

    Attributes:
        digests: SHA-256 in hexadecimal, lower case, by name of the file.
        lists: names of the files that they stand in.
        signed: names of those that are signatures; who signed is not checked.
    """

    digests: Mapping[str, str] = field(default_factory=dict[str, str])
    lists: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()


def is_list(name: str) -> bool:
    """Tell whether a file, by its name, lists digests or is a signature."""
    path = PurePosixPath(name.lower())
    if path.name.endswith(_SIGNATURES) or path.suffix == ".sha256":
        return True
    return path.suffix in ("", ".txt", ".json", ".sha256") and bool(_LISTS.fullmatch(path.stem))


def record_of(lists: Iterable[tuple[str, bytes]]) -> Record:
    """Return what lists of digests and signatures, by name and content, say.

    Understood are the output of `sha256sum` in both forms, a file with nothing but a digest beside
    the file it is named after, JSON that pairs names with digests in any usual way, and signatures
    of OpenSSF model signing. A path in a list is taken from the folder of the list.
    """
    digests: dict[str, str] = {}
    used: list[str] = []
    for name, content in lists:
        stated = dict(_stated(name, content))
        here = PurePosixPath(name).parent
        placed = {str(here / path.removeprefix("./")): digest for path, digest in stated.items()}
        if placed:
            used.append(name)
        digests |= placed
    signed = tuple(name for name in used if name.lower().endswith(_SIGNATURES))
    return Record(digests, tuple(used), signed)


def sha256(stream: BinaryIO) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    stream.seek(0)
    state = hashlib.sha256()
    while chunk := stream.read(1 << 20):
        state.update(chunk)
    return state.hexdigest()


def _stated(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    text = content.decode("utf-8", "replace")
    try:
        yield from _paired(json.loads(text))
    except ValueError:
        yield from _lines(name, text)


def _lines(name: str, text: str) -> Iterator[tuple[str, str]]:
    whole = _HEX.fullmatch(text.strip())
    if whole:
        yield PurePosixPath(name).name.removesuffix(".sha256"), whole[1].lower()
        return
    for line in text.splitlines():
        if plain := _LINE.fullmatch(line.strip()):
            yield plain[2].strip(), plain[1].lower()
        elif tagged := _BSD_LINE.fullmatch(line.strip()):
            yield tagged[1], tagged[2].lower()
        elif line.lstrip().startswith("{"):  # JSON lines
            try:
                yield from _paired(json.loads(line))
            except ValueError:
                continue


def _paired(node: Any) -> Iterator[tuple[str, str]]:
    """Yield names and digests that stand beside each other in JSON, at any depth."""
    if isinstance(node, list):
        for inner in node:
            yield from _paired(inner)
    if not isinstance(node, dict):
        return
    payload = node.get("payload")
    if isinstance(payload, str):  # a signed envelope (DSSE)
        try:
            yield from _paired(json.loads(base64.b64decode(payload)))
        except (ValueError, binascii.Error):
            return
    resources = _inner(node.get("predicate"), "resources")
    if resources is not None:  # the subject of a model signature is the model, not a file
        yield from _paired(resources)
        return
    called = next((node[key] for key in _NAMES if isinstance(node.get(key), str)), None)
    if called is not None and (digest := _digest(node)):
        yield called, digest
        return
    for key, inner in node.items():
        digest = _digest(inner)
        if digest and key.lower() not in _DIGESTS:
            yield key, digest
        else:
            yield from _paired(inner)


def _inner(node: Any, key: str) -> Any:
    return node.get(key) if isinstance(node, dict) else None


def _digest(node: Any) -> str | None:
    """Return the digest that a text is, or that a mapping holds under a usual key."""
    if isinstance(node, str):
        found = _HEX.fullmatch(node.strip())
        return found[1].lower() if found else None
    if isinstance(node, dict):
        return next((held for key in _DIGESTS if (held := _digest(node.get(key)))), None)
    return None
