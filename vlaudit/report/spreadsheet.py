"""Tables as CSV that no spreadsheet runs, and as a link that needs no request."""

import base64
import csv
import io
import re
from collections.abc import Iterable, Sequence

from vlaudit.core.measurement import Measurement
from vlaudit.report.escape import visible

FORMULA = re.compile(r"^\s*[=+\-@|%]|^[\t\r\n]")
NUMBERS = ("value", "low", "high", "level", "method", "samples", "clusters")


def cell(text: str) -> str:
    """Return text as a cell that no spreadsheet takes for a formula."""
    plain = visible(text)
    return f"'{plain}" if FORMULA.match(plain) else plain


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows of finished cells as CSV (RFC 4180)."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return stream.getvalue()


def data_link(text: str) -> str:
    """Return CSV as a `data:` address for a link that downloads it."""
    return f"data:text/csv;charset=utf-8;base64,{base64.b64encode(text.encode()).decode('ascii')}"


def chart_link(metric: str, items: Sequence[Measurement]) -> str:
    """Return the numbers behind a chart, one row a measurement, as a `data:` address."""
    attributes = list(dict.fromkeys(key for item in items for key in item.slice))
    headings = ["metric", *(cell(key) for key in attributes), *NUMBERS]
    rows = (
        [
            cell(metric),
            *(cell(item.slice.get(key, "")) for key in attributes),
            *(repr(one) for one in (item.value, item.interval.low, item.interval.high)),
            repr(item.interval.level),
            cell(item.interval.method),
            str(item.samples),
            "" if item.clusters is None else str(item.clusters),
        ]
        for item in items
    )
    return data_link(as_csv(headings, rows))
