"""Logs of Inspect (`.json`, `.eval`): scores of tasks, one unit a sample over all its epochs."""

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from vlaudit.core.errors import InputError
from vlaudit.core.probe import Risk
from vlaudit.evidence.foreign.shares import (
    LARGEST,
    Imported,
    Part,
    Tool,
    imported,
    known,
    read_json,
)
from vlaudit.evidence.foreign.unzip import member

TOOL = Tool(
    id="reliability.inspect",
    name="Inspect",
    risk=Risk.RELIABILITY,
    asks="How well does the model do the tasks of an Inspect evaluation?",
    blind_to="What the tasks do not ask, and what their scorers misjudge.",
    metric="score",
    means="Mean score, between 0 and 1.",
    better="higher",
)
SUPPORTED = ("2",)
LETTERS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
HEADER = "header.json"
BEGUN = "_journal/start.json"


def read(files: Sequence[Path]) -> Imported:
    """Return scores by task and scorer; C, P, I and N count 1, 1/2, 0 and 0, as in Inspect.

    Raises:
        InputError: a file is no log of a supported version, or its evaluation did not end well.
    """
    parts: dict[tuple[str, str], dict[str, list[float]]] = {}
    notes: list[str] = []
    version = ""
    for path in files:
        header, samples = _opened(path)
        version = known(TOOL, path, header.get("version"), SUPPORTED)
        if header.get("status", "success") != "success":
            raise InputError(
                f"{path}: the evaluation ended with {header['status']!r}; run it again"
            )
        spec = header.get("eval") or {}
        task = str(spec.get("task", "unnamed"))
        notes.append(f"{path.name} is about the model {spec.get('model', 'unnamed')}.")
        for scorer, units in _scores(samples, path, notes).items():
            part = parts.setdefault((task, scorer), {})
            for sample, scores in units.items():
                part.setdefault(f"{task} {sample}", []).extend(scores)
    listed = [
        Part(f"{task} {scorer}", {"task": task, "scorer": scorer}, units)
        for (task, scorer), units in parts.items()
    ]
    return imported(TOOL, version, listed, notes)


def _opened(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    if not zipfile.is_zipfile(path):
        document = read_json(path)
        if not isinstance(document, dict) or not isinstance(document.get("samples"), list):
            raise InputError(f"{path} is no log of Inspect with samples")
        return document, document["samples"]
    try:
        with zipfile.ZipFile(path) as archive:
            return _zipped(archive, path)
    except (NotImplementedError, zipfile.BadZipFile, ValueError) as error:
        remedy = f"write it as JSON: inspect log convert --to json --output-dir . {path.name}"
        raise InputError(f"{path} cannot be unpacked ({error}); {remedy}") from error


def _zipped(archive: zipfile.ZipFile, path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    entries = archive.infolist()
    if sum(entry.file_size for entry in entries) > LARGEST:
        raise InputError(f"{path} unpacks to more than {LARGEST:,} bytes")
    names = [entry.filename for entry in entries]
    if HEADER not in names:
        if BEGUN in names:
            raise InputError(f"{path}: the evaluation did not end; go on: inspect eval-retry")
        raise InputError(f"{path} is no log of Inspect: it has no {HEADER}")
    samples = [name for name in names if name.startswith("samples/") and name.endswith(".json")]
    header = json.loads(member(archive, HEADER))
    return header, [json.loads(member(archive, name)) for name in samples]


def _scores(
    samples: Sequence[Mapping[str, Any]], path: Path, notes: list[str]
) -> dict[str, dict[str, list[float]]]:
    found: dict[str, dict[str, list[float]]] = {}
    unscored = 0
    for sample in samples:
        for scorer, value in _values(sample):
            if value is None:
                unscored += 1
            elif not 0 <= value <= 1:
                raise InputError(f"{path}: {scorer} scores {value}, which is not between 0 and 1")
            else:
                found.setdefault(scorer, {}).setdefault(str(sample.get("id")), []).append(value)
    silent = sum(not sample.get("scores") for sample in samples)
    if silent:
        notes.append(f"{path.name}: {silent} samples have no score and are not counted.")
    if unscored:
        notes.append(f"{path.name}: {unscored} scores are no number and not counted.")
    return found


def _values(sample: Mapping[str, Any]) -> Iterator[tuple[str, float | None]]:
    for scorer, score in (sample.get("scores") or {}).items():
        value = score.get("value") if isinstance(score, dict) else score
        named = value.items() if isinstance(value, dict) else [("", value)]
        for key, one in named:
            yield f"{scorer}.{key}" if key else str(scorer), _number(one)


def _number(value: object) -> float | None:
    if isinstance(value, str):
        return LETTERS.get(value)
    if isinstance(value, bool | int | float) and value == value:
        return float(value)
    return None
