"""The digest of every file of a run folder."""

import hashlib
import json
from pathlib import Path

from vlaudit.core.errors import InputError
from vlaudit.evidence.files import write_whole
from vlaudit.evidence.sign import BUNDLE, ENVELOPE

NAME = "MANIFEST.json"
UNLISTED = frozenset({NAME, ENVELOPE, BUNDLE})


def digests(folder: Path) -> dict[str, str]:
    """Return relative path -> SHA-256 of every file, in order.

    The manifest itself is left out, and so are signatures, which are made over it.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = ((path.relative_to(folder).as_posix(), path) for path in paths)
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in names
        if name not in UNLISTED
    }


def write_manifest(folder: Path) -> Path:
    """Write the digests of all files and return the manifest's path."""
    return write_whole(folder / NAME, _text(digests(folder)))


def differences(folder: Path) -> list[str]:
    """Say in what a run folder differs from its manifest; nothing when it does not.

    Raises:
        InputError: there is no manifest.
    """
    path = folder / NAME
    try:
        text = path.read_bytes().decode()
        listed: dict[str, str] = json.loads(text)["sha256"]
        exact = _text(listed) == text
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}; see `vlaudit report`"
        ) from error
    except (ValueError, KeyError, TypeError):
        return [f"{NAME} was changed"]
    found = digests(folder)
    return [
        *([] if exact else [f"{NAME} was changed"]),
        *(f"{name} is missing" for name in listed if name not in found),
        *(f"{name} was added" for name in found if name not in listed),
        *(f"{name} was changed" for name in found if listed.get(name, found[name]) != found[name]),
    ]


def _text(found: dict[str, str]) -> str:
    return json.dumps({"sha256": found}, indent=2) + "\n"
