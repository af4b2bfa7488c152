"""Files of a run folder: they appear whole or not at all, and errors say what to do."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from vlaudit.core.errors import EvidenceError


@contextmanager
def writing(path: Path) -> Generator[None]:
    """Turn the system's refusal to write `path` into a sentence with a remedy."""
    try:
        yield
    except OSError as error:
        raise EvidenceError(
            f"cannot write {path}: {error.strerror or error}; what was measured before is kept: "
            "free space or mend the permissions, then run `vlaudit resume RUN`"
        ) from error


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write a file and return its path; a reader sees the old content or the new, never a part.

    Raises:
        EvidenceError: the system refuses, such as on a full disk.
    """
    raw = content.encode() if isinstance(content, str) else content
    partial = path.with_name(f".{path.name}.part")
    with writing(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
    return path
