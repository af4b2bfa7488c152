"""The digest of every file of a run folder."""

import hashlib
import json
from pathlib import Path

from vlaudit.evidence.files import write_whole

NAME = "MANIFEST.json"


def digests(folder: Path) -> dict[str, str]:
    """Return relative path -> SHA-256 of every file but the manifest, in order."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != NAME)
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }


def write_manifest(folder: Path) -> Path:
    """Write the digests of all files and return the manifest's path."""
    return write_whole(folder / NAME, json.dumps({"sha256": digests(folder)}, indent=2) + "\n")
