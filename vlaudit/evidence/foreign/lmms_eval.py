"""Samples of lmms-eval (`--log_samples`, `*_samples_TASK.jsonl`): scores of benchmarks."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vlaudit.core.errors import InputError
from vlaudit.core.probe import Risk
from vlaudit.evidence.foreign.shares import Imported, Part, Tool, imported, read_lines

TOOL = Tool(
    id="reliability.lmms_eval",
    name="lmms-eval",
    risk=Risk.RELIABILITY,
    asks="How well does the model do the benchmarks of lmms-eval?",
    blind_to="Benchmarks that were in the training data, and what their metrics misjudge.",
    metric="score",
    means="Mean score of a sample, between 0 and 1.",
    better="higher",
)
SUPPORTED = ("samples with doc_id, target and filtered_resps (lmms-eval 0.2 to 0.7)",)
NEEDED = ("doc_id", "target", "filtered_resps")
KNOWN = frozenset({
    "doc_id", "doc", "target", "arguments", "input", "resps", "filtered_resps", "doc_hash",
    "prompt_hash", "target_hash", "filter", "metrics", "schema_version", "token_counts",
})  # fmt: skip
NAMED = re.compile(r"^(?:.*_)?samples_(.+)$")


def read(files: Sequence[Path]) -> Imported:
    """Return the mean of every metric of a sample that is a number between 0 and 1, by task.

    The files tell no version, so they are known by the fields that every sample must have.

    Raises:
        InputError: a file holds no samples as the supported versions write them.
    """
    parts: list[Part] = []
    notes: list[str] = []
    for path in files:
        match = NAMED.match(path.stem)
        task = match[1] if match else path.stem
        for metric, units in _scores(path, notes).items():
            scores = {f"{task} {doc}": unit for doc, unit in units.items()}
            parts.append(Part(f"{task} {metric}", {"task": task, "metric": metric}, scores))
    return imported(TOOL, "samples", parts, notes)


def _scores(path: Path, notes: list[str]) -> dict[str, dict[str, list[float]]]:
    found: dict[str, dict[str, list[float]]] = {}
    left_out: dict[str, int] = {}
    for number, sample in read_lines(path):
        if any(name not in sample for name in NEEDED):
            raise InputError(
                f"{path}:{number}: not a sample of a supported version: {', '.join(SUPPORTED)}"
            )
        for metric, value in sample.items():
            if metric in KNOWN:
                continue
            score = _number(value)
            if score is None:
                left_out[metric] = left_out.get(metric, 0) + 1
            else:
                unit = found.setdefault(metric, {}).setdefault(str(sample["doc_id"]), [])
                unit.append(score)
    for metric, number in left_out.items():
        found.pop(metric, None)
        notes.append(f"{path.name}: {metric} is no number between 0 and 1 in {number} samples.")
    return found


def _number(value: object) -> float | None:
    """Return a score; some metrics are written as a mapping with the field `score`."""
    if isinstance(value, Mapping):
        inner: Mapping[str, Any] = value
        return _number(inner.get("score"))
    if isinstance(value, bool | int | float) and 0 <= value <= 1:
        return float(value)
    return None
