"""Answers of an endpoint on disk, so that a resumed run asks nothing twice."""

import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path


class Answers:
    """A file of answers by the SHA-256 of their request; safe to be used by several threads.

    A file that cannot be written to is done without.
    """

    def __init__(self, file: Path) -> None:
        """Open or make the file."""
        self._lock = threading.Lock()
        self._file = file
        self._usable = True
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
        self._run("CREATE TABLE IF NOT EXISTS answers (request TEXT PRIMARY KEY, answer TEXT)")

    def read(self, request: str) -> str | None:
        """Return the answer to a request, or None."""
        rows = self._run("SELECT answer FROM answers WHERE request = ?", request)
        return rows[0][0] if rows else None

    def write(self, request: str, answer: str) -> None:
        """Keep an answer, through to the disk."""
        self._run("INSERT OR REPLACE INTO answers VALUES (?, ?)", request, answer)

    def _run(self, statement: str, *values: str) -> list[tuple[str]]:
        if not self._usable:
            return []
        try:
            with self._lock, closing(sqlite3.connect(self._file, timeout=30)) as file, file:
                found: list[tuple[str]] = file.execute(statement, values).fetchall()
                return found
        except sqlite3.Error:
            self._usable = False
            return []
