import numpy as np
import pytest

from vlaudit.stats.census import census
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
