"""Settings that are lists, kept in text files of one entry a line."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from vlaudit.reading.document import Document, Problem

FILE = "file:"


def read_lists(document: Document, *, base: Path) -> tuple[Document, list[Problem]]:
    """Return a configuration with the lines of files in the place of `file:PATH` in settings.

    Empty lines and those that begin with # are left out. The lists become part of the
    configuration, so that a run can be repeated without the files.

    Args:
        document: the configuration; settings of probes under `probes.settings`.
        base: folder that relative paths are taken from.

    Returns:
        The configuration, and a problem for every file that cannot be read.
    """
    probes = document.value.get("probes")
    settings = probes.get("settings") if isinstance(probes, dict) else None
    if not isinstance(probes, dict) or not isinstance(settings, dict):
        return document, []
    problems: list[Problem] = []
    found: dict[str, Any] = {}
    for probe, values in settings.items():
        found[probe] = values
        for name, value in values.items() if isinstance(values, dict) else ():
            if isinstance(value, str) and value.startswith(FILE):
                try:
                    lines = _lines(base / value.removeprefix(FILE).strip())
                except (OSError, UnicodeDecodeError) as error:
                    text = f"{value} cannot be read: {getattr(error, 'strerror', None) or error}"
                    problems.append(Problem(("probes", "settings", probe, name), text))
                    continue
                found[probe] = {**found[probe], name: lines}
    changed = {**document.value, "probes": {**probes, "settings": found}}
    return replace(document, value=changed), problems


def _lines(path: Path) -> list[str]:
    lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]
