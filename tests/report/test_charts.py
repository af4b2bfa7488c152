"""Marks stand where their numbers are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlaudit.core.finding import Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.policy import Origin, OriginClass, Rule
from vlaudit.core.probe import Metric
from vlaudit.report.charts import MARGIN, axis, whisker

FRACTION = Metric(means="", unit="fraction", range=(0, 1), better="lower")
OPEN = Metric(means="", unit="bits", range=(None, None), better="neither")


def rule(**limit: Any) -> Rule:
    return Rule(
        id="r",
        metric="bias.p.m",
        controls=("MEASURE 2.11",),
        severity=Severity.HIGH,
        because="",
        origin=Origin(kind=OriginClass.HOUSE, text=""),
        **limit,
    )


def measurement(value: float, low: float, high: float) -> Measurement:
    return Measurement("m", value, samples=10, interval=Interval(low, high, "exact"))


def test_an_axis_near_zero_begins_at_zero() -> None:
    found = axis([0.05, 0.02, 0.09], FRACTION)
    assert (found.scale.low, found.scale.high) == (0, 0.1)
    assert [tick.label for tick in found.ticks] == ["0%", "2.5%", "5%", "7.5%", "10%"]


def test_an_axis_far_from_zero_does_not() -> None:
    assert axis([0.9, 0.85, 0.95], FRACTION).scale.low == pytest.approx(0.85)


def test_marks_and_limit_stand_on_one_scale() -> None:
    item = measurement(0.5, 0.25, 0.75)
    found = axis([0.0, 1.0], FRACTION)
    drawn = whisker(item, found.scale, rule(at_most=0.25))
    assert (drawn.left, drawn.dot, drawn.right) == (26.5, 50.0, 73.5)
    assert drawn.width == 47.0
    assert drawn.limit == drawn.left
    assert drawn.allowed == (0.0, 26.5)
    assert whisker(item, found.scale, rule(at_least=0.25)).allowed == (26.5, 100.0)


numbers = st.floats(-1e9, 1e9, allow_nan=False)


@given(st.lists(numbers, min_size=1, max_size=8))
def test_every_number_has_a_place(values: list[float]) -> None:
    found = axis(values, OPEN)
    assert found.scale.low < found.scale.high
    assert len(found.ticks) <= 6
    order = [found.scale.at(value) for value in sorted(values)]
    assert order == sorted(order)
    assert all(MARGIN <= place <= 100 - MARGIN for place in order)
