"""Works out where the marks of a chart stand; templates draw them as inline SVG.

Positions are per cent of the width, so that a chart fits a phone and a page alike while its
text keeps its size.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vlaudit.core.measurement import Measurement
from vlaudit.core.policy import Rule
from vlaudit.core.probe import Metric
from vlaudit.report.amounts import exact

MARGIN = 3.0
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    label: str


@dataclass(frozen=True)
class Scale:
    """A linear axis from `low` to `high`."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Return the place of `value` in per cent of the width, between the margins."""
        share = (value - self.low) / (self.high - self.low)
        return round(MARGIN + min(max(share, 0.0), 1.0) * (100 - 2 * MARGIN), 2)


@dataclass(frozen=True)
class Whisker:
    """A value as a dot, its interval as a line, and the limit with the side that is allowed."""

    dot: float
    left: float
    right: float
    limit: float | None = None
    allowed: tuple[float, float] | None = None

    @property
    def width(self) -> float:
        """Length of the interval in per cent of the width."""
        return round(self.right - self.left, 2)


@dataclass(frozen=True)
class Axis:
    """A scale and its ticks."""

    scale: Scale
    ticks: tuple[Tick, ...]


def axis(values: Sequence[float], metric: Metric) -> Axis:
    """Return an axis that shows all `values`, stays in the metric's range and has round ends."""
    low, high = min(values), max(values)
    floor, ceiling = metric.range
    if floor is not None and low - floor <= (high - floor) / 2:
        low = floor
    step = _step(low, high)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    low = low if floor is None else max(low, floor)
    high = high if ceiling is None else min(high, ceiling)
    if high <= low:
        low, high = low - step, high + step
    scale = Scale(low, high)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = (_tick(scale, round(index * step, 10), metric) for index in range(first, last + 1))
    return Axis(scale, tuple(ticks))


def whisker(measurement: Measurement, scale: Scale, rule: Rule | None = None) -> Whisker:
    """Place a measurement, and the limit of the rule that it is held against, on a scale."""
    dot = scale.at(measurement.value)
    left, right = scale.at(measurement.interval.low), scale.at(measurement.interval.high)
    if rule is None:
        return Whisker(dot, left, right)
    limit = scale.at(rule.limit)
    allowed = (0.0, limit) if rule.at_most is not None else (limit, 100.0)
    return Whisker(dot, left, right, limit, allowed)


def _step(low: float, high: float) -> float:
    """Return the smallest round step that parts the extent into at most four."""
    extent = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(extent / 4))
    return next(power * step for step in STEPS if power * step * 4 >= extent * (1 - 1e-9))


def _tick(scale: Scale, value: float, metric: Metric) -> Tick:
    return Tick(scale.at(value), exact(value, "fraction" if metric.unit == "fraction" else ""))
