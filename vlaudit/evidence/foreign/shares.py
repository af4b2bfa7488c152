"""Counts and scores of another tool as measurements with intervals, and the card they belong to."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from vlaudit.core.errors import InputError
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Card, Metric, Risk
from vlaudit.stats.clustered import clustered_rate
from vlaudit.stats.intervals import Estimate, clopper_pearson, mean

LARGEST = 2_000_000_000


@dataclass(frozen=True)
class Tool:
    """A tool whose results can be imported: what its card says."""

    id: str
    name: str
    risk: Risk
    asks: str
    blind_to: str
    metric: str
    means: str
    better: Literal["lower", "higher"]
    more: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Part:
    """One part of the results, such as a task: its scores between 0 and 1, by independent unit.

    Parts that score the same thing, such as two detectors that judge the answers to one prompt,
    name the unit alike.
    """

    name: str
    where: dict[str, str]
    scores: Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Imported:
    """What the files of a tool said."""

    card: Card
    version: str
    measurements: tuple[Measurement, ...]
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def card_of(tool: Tool, parts: Mapping[str, str]) -> Card:
    """Return the card of a tool; `parts` are further metrics, one a part of the results."""
    means = {tool.metric: tool.means, **tool.more, **parts}
    return Card(
        id=tool.id,
        title=f"Results of {tool.name}",
        asks=tool.asks,
        risk=tool.risk,
        metrics={
            name: Metric(means=text, unit="fraction", range=(0, 1), better=tool.better)
            for name, text in means.items()
        },
        blind_to=tool.blind_to,
        tags=("imported",),
    )


def imported(
    tool: Tool, version: str, parts: Sequence[Part], notes: Sequence[str] = ()
) -> Imported:
    """Return every part as a metric of its own and as a slice, and all of them together.

    The whole is measured only where all parts count the same thing: hits out of tries. A unit that
    several parts score is one cluster of it.
    """
    named = {part_metric(tool, part.name): part for part in parts if any(part.scores.values())}
    if not named:
        raise InputError(f"{tool.name}: the files hold no result")
    texts = {name: f"{tool.means.rstrip('.')}: {part.name}." for name, part in named.items()}
    found: list[Measurement] = []
    for name, part in named.items():
        found.append(_measured(name, list(part.scores.values()), {}))
        found.append(_measured(tool.metric, list(part.scores.values()), part.where))
    everything: dict[str, list[float]] = {}
    for part in named.values():
        for unit, scores in part.scores.items():
            everything.setdefault(unit, []).extend(scores)
    whole = list(everything.values())
    if _binary(whole) or len(named) == 1:
        found.append(_measured(tool.metric, whole, {}))
    return Imported(card_of(tool, texts), version, tuple(found), notes=tuple(notes))


def part_metric(tool: Tool, name: str) -> str:
    """Return the metric of a part: `Dan 11` of attack_success is `attack_success_dan_11`."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "unnamed"
    return f"{tool.metric}_{plain}"


def read_json(path: Path) -> Any:
    """Return a JSON document.

    Raises:
        InputError: the file cannot be read, is too large or is no JSON.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path} is larger than {LARGEST:,} bytes")
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is no JSON document: {error}") from error


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the JSON objects of a file of lines, with their line numbers.

    Raises:
        InputError: the file cannot be read, or a line is no JSON object.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                value = json.loads(line)
                if not isinstance(value, dict):
                    raise InputError(f"{path}:{number}: this line is no JSON object")
                yield number, value
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read as JSON lines: {error}") from error


def known(tool: Tool, path: Path, version: object, supported: Sequence[str]) -> str:
    """Return a version that is supported.

    Raises:
        InputError: it is not, or none is told.
    """
    if str(version) not in supported:
        told = "tells no version" if version is None else f"is of version {version}"
        raise InputError(
            f"{path} {told}, which is not supported for {tool.name}: {', '.join(supported)}"
        )
    return str(version)


def _binary(scores: Sequence[Sequence[float]]) -> bool:
    return all(one in (0.0, 1.0) for unit in scores for one in unit)


def _measured(metric: str, scores: Sequence[Sequence[float]], where: dict[str, str]) -> Measurement:
    units = [list(unit) for unit in scores if unit]
    values = [one for unit in units for one in unit]
    alone = len(values) == len(units)
    if not _binary(units):
        labels = np.repeat(np.arange(len(units)), [len(unit) for unit in units])
        found = mean(values, bounds=(0, 1), rng=np.random.default_rng(0), clusters=labels)
    elif alone:
        hits = int(sum(values))
        found = Estimate(hits / len(values), len(values), clopper_pearson(hits, len(values)))
    else:
        found = clustered_rate([sum(unit) for unit in units], [len(unit) for unit in units])
    return Measurement(
        metric=metric,
        value=found.value,
        samples=len(values),
        interval=found.interval,
        clusters=None if alone else len(units),
        slice=where,
    )
