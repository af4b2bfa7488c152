"""Runs probes: isolates them, holds them to their cards, and writes ahead what they report."""

from vlaudit.core.errors import ProbeError
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Card


def admit(item: object, card: Card) -> Measurement | Finding:
    """Return what a probe yielded, if its card allows it.

    Raises:
        ProbeError: not a measurement or finding, an undeclared metric or a value out of range.
    """
    if isinstance(item, Finding):
        return item
    if not isinstance(item, Measurement):
        raise ProbeError(f"{card.id} yielded a {type(item).__name__}, not a Measurement or Finding")
    metric = card.metrics.get(item.metric)
    if metric is None:
        declared = ", ".join(card.metrics)
        raise ProbeError(f"{card.id} reported {item.metric!r}, but its card declares {declared}")
    if not metric.admits(item.value):
        raise ProbeError(f"{card.id}: {item.metric} = {item.value} lies outside {metric.range}")
    return item
