"""A metric over an ordered attribute, such as accuracy over the budget of an attack, as a curve."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Metric
from vlaudit.report.amounts import exact
from vlaudit.report.charts import Axis, Scale, Tick, axis

CONFIDENCE = frozenset({"confidence", "confidence_bin"})
ORDERED = CONFIDENCE | {
    "epsilon", "budget", "severity", "strength", "intensity", "level", "opacity", "size", "area",
    "radius", "height", "queries", "steps", "copies", "k",
}  # fmt: skip
FEWEST_POINTS = 2
MOST_SERIES = 5
NUMBER = r"(\d+(?:\.\d+)?)(?:\s*/\s*(\d+(?:\.\d+)?))?\s*(%?)"
SINGLE = re.compile(rf"^{NUMBER}\s*[A-Za-z]*$")
RANGE = re.compile(rf"^[\[(]?\s*{NUMBER}\s*(?:[-\u2013,]|to)\s*{NUMBER}\s*[\])]?$")


@dataclass(frozen=True)
class Point:
    """One measurement on a curve: its place and the ends of its interval, in per cent."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True)
class Series:
    """One curve: its number, which fixes its colour and mark, its name and its points."""

    index: int
    name: str
    points: tuple[Point, ...]

    @property
    def lines(self) -> tuple[tuple[Point, Point], ...]:
        """Neighbouring points, to be joined."""
        return tuple(zip(self.points, self.points[1:], strict=False))


@dataclass(frozen=True)
class Curve:
    """One metric over an ordered attribute; a calibration diagram has its diagonal."""

    attribute: str
    series: tuple[Series, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    diagonal: tuple[Point, Point] | None
    whole: float | None


def curve(
    items: Sequence[Measurement], metric: Metric, whole: Measurement | None = None
) -> Curve | None:
    """Return slices as curves; None where they have no ordered attribute, or are too many curves.

    Args:
        items: measurements of one metric whose slices have the same attributes.
        metric: what the metric means.
        whole: the overall value, drawn as a level line.
    """
    attribute = next((name for name in items[0].slice if name in ORDERED), None)
    if attribute is None:
        return None
    places = {item.slice[attribute]: place(item.slice[attribute]) for item in items}
    known = {name: value for name, value in places.items() if value is not None}
    series = _series(items, attribute)
    if len(known) < max(len(places), FEWEST_POINTS) or len(series) > MOST_SERIES:
        return None
    calibration = attribute in CONFIDENCE and metric.range == (0, 1)
    return _drawn(series, attribute, MappingProxyType(known), metric, calibration, whole)


def place(name: str) -> float | None:
    """Read a budget, such as `2/255`, `0.5` or `10 %`; a range is read as its middle."""
    if (found := SINGLE.match(name.strip())) is not None:
        return _number(*found.groups())
    if (found := RANGE.match(name.strip())) is not None:
        low, high = _number(*found.groups()[:3]), _number(*found.groups()[3:])
        return None if low is None or high is None else (low + high) / 2
    return None


def _number(whole: str, part: str | None, percent: str) -> float | None:
    divisor = float(part) if part else 1.0
    return None if divisor == 0 else float(whole) / divisor / (100 if percent else 1)


def _series(
    items: Iterable[Measurement], attribute: str
) -> dict[tuple[tuple[str, str], ...], list[Measurement]]:
    """Return the measurements of each curve, by what their slices have in common."""
    found: dict[tuple[tuple[str, str], ...], list[Measurement]] = {}
    for item in items:
        others = tuple((key, name) for key, name in item.slice.items() if key != attribute)
        found.setdefault(others, []).append(item)
    return found


def _drawn(
    series: Mapping[tuple[tuple[str, str], ...], list[Measurement]],
    attribute: str,
    places: Mapping[str, float],
    metric: Metric,
    calibration: bool,
    whole: Measurement | None,
) -> Curve:
    items = [item for members in series.values() for item in members]
    ends = [end for item in items for end in (item.value, item.interval.low, item.interval.high)]
    level = None if whole is None or calibration else whole.value
    ends += [] if level is None else [level]
    upright = axis([0.0, 1.0] if calibration else ends, metric)
    values = [0.0, 1.0] if calibration else [*places.values()]
    flat = Scale(min(values), max(values) if max(values) > min(values) else min(values) + 1)
    drawn: list[Series] = []
    for index, (others, members) in enumerate(series.items(), start=1):
        points = (_point(one, flat.at(places[one.slice[attribute]]), upright) for one in members)
        name = ", ".join(f"{key} = {value}" for key, value in others) or "overall"
        drawn.append(Series(index, name, tuple(sorted(points, key=lambda one: one.x))))
    first, last = (Point(flat.at(end), _up(upright, end), 0, 0) for end in (0.0, 1.0))
    return Curve(
        attribute=attribute,
        series=tuple(drawn),
        x_ticks=tuple(_ticks(flat, places, calibration)),
        y_ticks=tuple(Tick(round(100 - tick.at, 2), tick.label) for tick in upright.ticks),
        diagonal=(first, last) if calibration else None,
        whole=None if level is None else _up(upright, level),
    )


def _point(item: Measurement, x: float, upright: Axis) -> Point:
    low, high = item.interval.low, item.interval.high
    return Point(x, _up(upright, item.value), _up(upright, low), _up(upright, high))


def _up(upright: Axis, value: float) -> float:
    """Return the place of a value in per cent of the height, from the top."""
    return round(100 - upright.scale.at(value), 2)


def _ticks(flat: Scale, places: Mapping[str, float], calibration: bool) -> list[Tick]:
    """Return the labels below; those that would touch their neighbour are left out."""
    named = {value: name for name, value in places.items()}
    if calibration:
        named = {share: exact(share, "fraction") for share in (0.0, 0.25, 0.5, 0.75, 1.0)}
    kept: list[Tick] = []
    for value in sorted(named):
        tick = Tick(flat.at(value), named[value])
        if not kept or tick.at - kept[-1].at >= 1.6 * max(len(kept[-1].label), len(tick.label)):
            kept.append(tick)
    return kept
