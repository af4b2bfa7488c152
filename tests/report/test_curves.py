"""Slices over an ordered attribute become curves; nothing else does."""

import pytest

from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Metric
from vlaudit.report.curves import MOST_SERIES, Curve, curve, place

SHARE = Metric(means="Share.", unit="fraction", range=(0, 1), better="higher")


def at(value: float, **where: str) -> Measurement:
    interval = Interval(max(0.0, value - 0.1), min(1.0, value + 0.1), "Wilson")
    return Measurement("m", value, samples=50, interval=interval, slice=where)


def drawn(*items: Measurement, whole: Measurement | None = None) -> Curve:
    found = curve(items, SHARE, whole)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [("2/255", 2 / 255), ("0.5", 0.5), ("10 %", 0.1), ("8 px", 8), ("0.2-0.4", 0.3),
     ("[0.2, 0.4)", 0.3), ("10% to 20%", 0.15), ("small", None), ("1/0", None), ("", None)],
)  # fmt: skip
def test_budgets_are_read_as_numbers(name: str, value: float | None) -> None:
    assert place(name) == (value if value is None else pytest.approx(value))


def test_points_stand_in_the_order_of_their_budgets() -> None:
    found = drawn(at(0.1, epsilon="8/255"), at(0.9, epsilon="1/255"), at(0.5, epsilon="4/255"))
    (series,) = found.series
    assert [point.x for point in series.points] == sorted(point.x for point in series.points)
    assert [point.y for point in series.points] == sorted(point.y for point in series.points)
    assert len(series.lines) == 2
    assert [tick.label for tick in found.x_ticks] == ["1/255", "4/255", "8/255"]
    assert all(point.high < point.y < point.low for point in series.points)


def test_other_attributes_part_curves() -> None:
    items = [at(0.1 * k, k=str(k), group=group) for group in ("a", "b") for k in (1, 2, 3)]
    found = drawn(*items, whole=at(0.2))
    assert [series.name for series in found.series] == ["group = a", "group = b"]
    assert found.whole is not None


def test_a_calibration_diagram_has_its_diagonal() -> None:
    found = drawn(at(0.2, confidence="0-0.5"), at(0.6, confidence="0.5-1"))
    assert found.diagonal is not None
    first, last = found.diagonal
    assert (first.x, first.y) == (3.0, 97.0)
    assert (last.x, last.y) == (97.0, 3.0)
    assert [point.x for point in found.series[0].points] == [26.5, 73.5]


@pytest.mark.parametrize(
    "items",
    [
        [at(0.1, gender="1"), at(0.2, gender="2")],
        [at(0.1, size="small"), at(0.2, size="large")],
        [at(0.1, epsilon="1")],
        [at(0.1, k=str(k), group=str(g)) for g in range(MOST_SERIES + 1) for k in (1, 2)],
    ],
    ids=["groups", "words", "one point", "too many curves"],
)
def test_what_is_no_curve_stays_a_dot_plot(items: list[Measurement]) -> None:
    assert curve(items, SHARE) is None
