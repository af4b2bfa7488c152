"""The page that shows how every metric went from run to run."""

import base64
import hashlib
from dataclasses import dataclass

from markupsafe import Markup

from vlaudit.history import History, Series
from vlaudit.report.amounts import amount, span
from vlaudit.report.charts import Axis, Whisker, axis, whisker
from vlaudit.report.readings import samples
from vlaudit.report.rendering import render_html, source


@dataclass(frozen=True)
class Row:
    """One run on the chart of a metric."""

    day: str
    run: str
    target: str
    value: str
    interval: str
    samples: str
    chart: Whisker


@dataclass(frozen=True)
class Trend:
    """The chart of one metric: its runs on one axis, oldest first."""

    name: str
    means: str
    better: str
    rows: tuple[Row, ...]
    axis: Axis


def trends_page(found: History, *, title: str) -> str:
    """Return the trends as one HTML file without script or request; slices come last."""
    style = source("report.css") or ""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:"
    ordered = sorted(found.series, key=lambda series: (bool(series.slice), series.name))
    return render_html(
        "history.html.j2", title=title, trends=[_trend(series) for series in ordered],
        history=found, style=Markup(style), security_policy=policy,
    )  # fmt: skip


def _trend(series: Series) -> Trend:
    metric = series.card.metrics[series.metric]
    items = [point.measurement for point in series.points]
    ends = [end for one in items for end in (one.value, one.interval.low, one.interval.high)]
    own = axis(ends, metric)
    return Trend(
        name=series.name, means=metric.means, better=metric.better, axis=own,
        rows=tuple(
            Row(
                day=point.started[:10], run=point.run, target=point.target,
                value=amount(point.measurement.value, metric.unit),
                interval=span(point.measurement.interval.low, point.measurement.interval.high,
                              metric.unit),
                samples=samples(point.measurement),
                chart=whisker(point.measurement, own.scale),
            )
            for point in series.points
        ),
    )  # fmt: skip
