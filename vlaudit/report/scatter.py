"""The map of embeddings with the rows that probes point at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.audit import Evidence
from vlaudit.core.finding import Finding
from vlaudit.core.probe import Risk
from vlaudit.evidence.embedding_map import EmbeddingMap, read_map
from vlaudit.report.spreadsheet import as_csv, cell, data_link
from vlaudit.report.words import titled

WIDTH, HEIGHT, MARGIN = 1000.0, 560.0, 18.0
MOST_KINDS = 5
OF_ROWS = frozenset({Risk.POISONING, Risk.DATA})


@dataclass(frozen=True)
class Flagged:
    """Rows with findings of one kind: their number, name and places."""

    index: int
    name: str
    places: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Scatter:
    """All rows as one path of dots, and over it the flagged ones by kind."""

    rows: int
    path: str
    flagged: tuple[Flagged, ...]
    kept: float
    data: str


def scatter(evidence: Evidence) -> Scatter | None:
    """Return the map of a run; None where no map was kept or nothing on it is flagged."""
    found = read_map(evidence.folder)
    risks = {planned.card.id: planned.card.risk for planned in evidence.audit.plan}
    items = (
        item
        for probe, members in evidence.findings.items()
        if risks.get(probe) in OF_ROWS
        for item in members
    )
    kinds = _kinds(items)
    if found is None or not kinds:
        return None
    places = _placed(found.places)
    position = {name: index for index, name in enumerate(found.ids)}
    flagged = tuple(
        Flagged(index, titled(kind), tuple(_spot(places[position[row]]) for row in rows))
        for index, (kind, rows) in enumerate(_on_map(kinds, position), start=1)
    )
    if not flagged:
        return None
    path = "".join(f"M{x:g} {y:g}h.01" for x, y in map(_spot, places))
    return Scatter(len(found.ids), path, flagged, found.kept, _data(found, kinds))


def _kinds(items: Iterable[Finding]) -> dict[str, list[str]]:
    """Return the rows with findings, by kind."""
    found: dict[str, list[str]] = {}
    for item in items:
        if item.row is not None:
            found.setdefault(item.kind, []).append(item.row)
    return {kind: list(dict.fromkeys(rows)) for kind, rows in found.items()}


def _on_map(
    kinds: Mapping[str, list[str]], position: Mapping[str, int]
) -> list[tuple[str, list[str]]]:
    """Return the commonest kinds with their rows that have a place on the map."""
    held = [(kind, [row for row in rows if row in position]) for kind, rows in kinds.items()]
    ranked = sorted((item for item in held if item[1]), key=lambda item: -len(item[1]))
    return ranked[:MOST_KINDS]


def _placed(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return places stretched to the frame, within its margin."""
    low, high = places.min(axis=0), places.max(axis=0)
    extent = np.where(high > low, high - low, 1.0)
    frame = np.array([WIDTH, HEIGHT]) - 2 * MARGIN
    found: NDArray[np.float64] = MARGIN + (places - low) / extent * frame
    return found


def _spot(place: NDArray[np.float64]) -> tuple[float, float]:
    return round(float(place[0]), 1), round(float(place[1]), 1)


def _data(found: EmbeddingMap, kinds: Mapping[str, list[str]]) -> str:
    """Return the map as a link that downloads it."""
    told: dict[str, list[str]] = {}
    for kind, rows in kinds.items():
        for row in rows:
            told.setdefault(row, []).append(kind)
    lines = (
        [cell(name), f"{x:.6g}", f"{y:.6g}", cell(" ".join(told.get(name, ())))]
        for name, (x, y) in zip(found.ids, found.places, strict=True)
    )
    return data_link(as_csv(("row", "x", "y", "findings"), lines))
