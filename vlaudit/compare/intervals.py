"""Estimates compared by their intervals, where no rows can be."""

import math
from collections.abc import Iterator, Mapping

from scipy.stats import norm

from vlaudit.compare.change import Change
from vlaudit.core.audit import Evidence
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Card, Metric

Key = tuple[str, tuple[tuple[str, str], ...]]


def by_intervals(
    before: Evidence, after: Evidence, cards: Mapping[str, Card], margin: float
) -> Iterator[Change]:
    """Yield the change of every metric and slice that both runs measured."""
    for probe, items in after.measurements.items():
        if probe not in cards:
            continue
        old = {_key(item): item for item in before.measurements.get(probe, ())}
        for new in items:
            declared = cards[probe].metrics.get(new.metric)
            if declared is None or declared.better == "neither" or _key(new) not in old:
                continue
            yield _difference(probe, old[_key(new)], new, declared, margin)


def _difference(
    probe: str, old: Measurement, new: Measurement, declared: Metric, margin: float
) -> Change:
    """Return the change between two estimates by their intervals (MOVER, Zou and Donner 2008)."""
    step = new.value - old.value
    low = step - math.hypot(new.value - new.interval.low, old.interval.high - old.value)
    high = step + math.hypot(new.interval.high - new.value, old.value - old.interval.low)
    low, high = min(low, step), max(high, step)
    reach = step - low if declared.better == "lower" else high - step
    loss = step if declared.better == "lower" else -step
    z = norm.isf((1 - new.interval.level) / 2)
    return Change(
        metric=f"{probe}.{new.metric}", slice=new.slice, before=old.value, after=new.value,
        change=Interval(low, high, "MOVER", new.interval.level),
        margin=margin * _scale(declared, old.value), better=declared.better, paired=False,
        p_value=float(norm.sf(loss / reach * z)) if reach > 0 else float(loss <= 0),
    )  # fmt: skip


def _key(item: Measurement) -> Key:
    return item.metric, tuple(sorted(item.slice.items()))


def _scale(declared: Metric, value: float) -> float:
    """Return the width of a metric's range, or the value itself where the range is open."""
    low, high = declared.range
    return high - low if low is not None and high is not None else abs(value) or 1.0
