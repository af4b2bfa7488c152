"""The list of digests beside a reference model, by which its files can be checked."""

import hashlib
from pathlib import Path

LIST = "SHA256SUMS"


def record_digests(folder: Path) -> None:
    """Write the SHA-256 of every file of a folder as `sha256sum` does."""
    files = sorted(path for path in folder.iterdir() if path.name != LIST)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in files]
    (folder / LIST).write_text("\n".join(lines) + "\n", "utf-8")
