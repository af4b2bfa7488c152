"""Numbers are printed in their unit, and rounding never makes them look certain."""

import pytest

from vlaudit.report.amounts import amount, exact, percent, span, whole


@pytest.mark.parametrize(
    ("value", "unit", "printed"),
    [
        (0.281, "fraction", "28.1%"),
        (0.0, "fraction", "0%"),
        (1.0, "fraction", "100%"),
        (0.0087, "fraction", "0.87%"),
        (0.0004, "fraction", "0.040%"),
        (0.000001, "fraction", "<0.001%"),
        (0.9948, "fraction", "99.5%"),
        (0.9999, "fraction", "99.99%"),
        (0.9999999, "fraction", ">99.999%"),
        (-0.05, "fraction", "-5.0%"),
        (0.714, "ratio", "0.714"),
        (12.0, "count", "12"),
        (1234567.8, "count", "1,234,568"),
        (0.87, "captions per 1,000", "0.87 captions per 1,000"),
        (0.00012, "bits", "1.20e-04 bits"),
        (0.0, "bits", "0 bits"),
    ],
)
def test_a_value_is_printed_in_its_unit(value: float, unit: str, printed: str) -> None:
    assert amount(value, unit) == printed


def test_an_interval_leaves_its_unit_to_the_value_before_it() -> None:
    assert span(0.1, 0.2, "fraction") == "10.0% to 20.0%"
    assert span(0, 0.87, "captions per 1,000") == "0 to 0.87"
    assert span(0.6, 0.8, "ratio") == "0.6 to 0.8"


def test_a_limit_is_printed_as_it_was_set() -> None:
    assert exact(0.1, "fraction") == "10%"
    assert exact(0.001, "fraction") == "0.1%"
    assert exact(0.8, "ratio") == "0.8"
    assert exact(5, "captions per 1,000") == "5 captions per 1,000"


def test_levels_and_counts() -> None:
    assert percent(0.95) == "95%"
    assert percent(0.9975) == "99.75%"
    assert whole(4264) == "4,264"
