"""Measurements, ready to print: value, interval, sample count and what the metric means."""

from collections.abc import Iterable
from dataclasses import dataclass

from vlaudit.core.measurement import Measurement
from vlaudit.core.policy import Rule
from vlaudit.core.probe import Card, Metric
from vlaudit.report.amounts import amount, percent, span, whole
from vlaudit.report.charts import Axis, Whisker, axis, whisker
from vlaudit.report.curves import Curve, curve
from vlaudit.report.spreadsheet import chart_link

SHOWN_GROUPS = 40


@dataclass(frozen=True)
class Reading:
    """One measurement in words, and its place on an axis."""

    metric: str
    means: str
    value: str
    interval: str
    sureness: str
    samples: str
    slice: str
    measurement: Measurement
    axis: Axis
    chart: Whisker

    @property
    def short_samples(self) -> str:
        """The sample count as tables print it."""
        return f"n = {self.samples.replace(' samples', '').replace(' sample', '')}"

    @property
    def sentence(self) -> str:
        """The value with all that a number is printed with."""
        level, method = _level(self.measurement), self.measurement.interval.method
        return f"{self.value} ({level} {self.interval}, {method}; {self.samples})"

    @property
    def data(self) -> str:
        """The numbers behind the chart, as a link that downloads them."""
        return chart_link(self.metric, [self.measurement])


@dataclass(frozen=True)
class Slices:
    """One metric by group; `left_out` groups are nearest to the middle and not shown."""

    metric: str
    means: str
    attribute: str
    readings: tuple[Reading, ...]
    axis: Axis
    overall: Reading | None
    left_out: int
    curve: Curve | None = None

    @property
    def sureness(self) -> str:
        """Level and method of the intervals, each once."""
        return "; ".join(dict.fromkeys(item.sureness for item in self.readings))

    @property
    def data(self) -> str:
        """The numbers behind the chart, as a link that downloads them."""
        return chart_link(self.metric, [item.measurement for item in self.readings])


def reading(
    measurement: Measurement, card: Card, *, rule: Rule | None = None, on: Axis | None = None
) -> Reading:
    """Return a measurement ready to print, drawn on an axis of its own unless one is given."""
    metric = card.metrics[measurement.metric]
    own = on or _axis([measurement], metric, rule)
    return Reading(
        metric=f"{card.id}.{measurement.metric}",
        means=metric.means,
        value=amount(measurement.value, metric.unit),
        interval=span(measurement.interval.low, measurement.interval.high, metric.unit),
        sureness=f"{_level(measurement)} ({measurement.interval.method})",
        samples=samples(measurement),
        slice=slice_name(measurement),
        measurement=measurement,
        axis=own,
        chart=whisker(measurement, own.scale, rule),
    )


def overall(measurements: Iterable[Measurement], card: Card) -> tuple[Reading, ...]:
    """Return the measurements that hold for all rows, in the order of the card's metrics."""
    order = list(card.metrics)
    items = sorted(
        (item for item in measurements if not item.slice),
        key=lambda item: order.index(item.metric),
    )
    return tuple(reading(item, card) for item in items)


def by_group(measurements: Iterable[Measurement], card: Card) -> tuple[Slices, ...]:
    """Return the measurements that hold for part of the rows, by metric and attribute."""
    everything: dict[str, Measurement] = {}
    families: dict[tuple[str, tuple[str, ...]], list[Measurement]] = {}
    for item in measurements:
        if item.slice:
            families.setdefault((item.metric, tuple(item.slice)), []).append(item)
        else:
            everything[item.metric] = item
    return tuple(
        _slices(items, card, attributes, everything.get(metric))
        for (metric, attributes), items in families.items()
    )


def samples(measurement: Measurement) -> str:
    """Say how many observations a measurement rests on."""
    text = f"{whole(measurement.samples)} sample{'s' * (measurement.samples != 1)}"
    if measurement.clusters is None:
        return text
    return f"{text} in {whole(measurement.clusters)} cluster{'s' * (measurement.clusters != 1)}"


def slice_name(measurement: Measurement) -> str:
    """Say which rows a measurement holds for."""
    return ", ".join(f"{key} = {value}" for key, value in measurement.slice.items()) or "overall"


def _axis(items: list[Measurement], metric: Metric, rule: Rule | None = None) -> Axis:
    values = [end for item in items for end in (item.value, item.interval.low, item.interval.high)]
    return axis(values if rule is None else [*values, rule.limit], metric)


def _slices(
    items: list[Measurement], card: Card, attributes: tuple[str, ...], whole_set: Measurement | None
) -> Slices:
    shown = _outermost(items)
    metric = card.metrics[items[0].metric]
    same = _axis(shown if whole_set is None else [*shown, whole_set], metric)
    return Slices(
        metric=f"{card.id}.{items[0].metric}",
        means=metric.means,
        attribute=" and ".join(attributes),
        readings=tuple(reading(item, card, on=same) for item in shown),
        axis=same,
        overall=None if whole_set is None else reading(whole_set, card, on=same),
        left_out=len(items) - len(shown),
        curve=curve(items, metric, whole_set),
    )


def _outermost(items: list[Measurement]) -> list[Measurement]:
    """Return the groups with the lowest and highest values, in their own order."""
    if len(items) <= SHOWN_GROUPS:
        return items
    ranked = sorted(range(len(items)), key=lambda index: items[index].value)
    half = SHOWN_GROUPS // 2
    return [items[index] for index in sorted(ranked[:half] + ranked[-half:])]


def _level(measurement: Measurement) -> str:
    return f"{percent(measurement.interval.level)} interval"
