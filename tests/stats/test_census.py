import numpy as np
import pytest

from vlaudit.stats.census import census, census_of_none
from vlaudit.stats.correction import Instrument

PERFECT = Instrument(hits=1000, positives=1000, alarms=0, negatives=1000)


@pytest.mark.parametrize(("count", "examined"), [(0, 1), (0, 60), (1, 1), (3, 60), (60, 60)])
def test_the_interval_has_a_width_and_parts_one_from_none(count: int, examined: int) -> None:
    interval = census(count, examined, PERFECT)
    assert interval.low <= count <= interval.high
    assert interval.low < interval.high
    assert (interval.high < 0.5) if count == 0 else (interval.low > 0.5)


def test_the_bounds_hold_for_an_instrument_that_errs() -> None:
    rng = np.random.default_rng(0)
    truth, examined, inside = 8, 40, 0
    for _ in range(300):
        hits, alarms = rng.binomial(200, 0.95), rng.binomial(200, 0.02)
        seen = rng.binomial(truth, 0.95) + rng.binomial(examined - truth, 0.02)
        interval = census(int(seen), examined, Instrument(int(hits), 200, int(alarms), 200))
        inside += interval.low - 1 <= truth <= interval.high + 1
    assert inside / 300 > 0.9


def test_none_among_many_is_as_sure_as_one_case_would_be_found() -> None:
    few, many = (census_of_none(0, examined, PERFECT) for examined in (3, 5000))
    assert few == many
    assert 0 < many.high < 0.01
    assert census_of_none(2, 500, PERFECT) == census(2, 500, PERFECT)


def test_none_says_little_of_an_instrument_that_overlooks_much() -> None:
    weak = Instrument(hits=12, positives=20, alarms=0, negatives=20)
    assert census_of_none(0, 40, weak) == census(0, 40, weak)


def test_a_bad_file_passes_for_none_no_oftener_than_promised_even_if_errors_hang_together() -> None:
    rng, passed, sets = np.random.default_rng(1), 0, 4000
    for _ in range(sets):
        # All bad files of a set are of one kind, which is overlooked altogether or not at all.
        overlooked = rng.random() < 1 / 1000
        passed += census_of_none(0 if overlooked else 7, 300, PERFECT).high < 0.5
    assert passed / sets <= census_of_none(0, 300, PERFECT).high
