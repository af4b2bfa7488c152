"""Early stops: the promised error at any stopping time, and the calls that they save."""

from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from vlaudit.core.measurement import Interval
from vlaudit.core.verdict import Status
from vlaudit.stats.sequential import confidence_sequence, decide, log_wealth, watched

LIMIT = 0.1


def pairs(gap: float, n: int, runs: int, seed: int) -> NDArray[np.int64]:
    """Return differences of paired answers of two groups whose accuracies differ by `gap`."""
    rng = np.random.default_rng(seed)
    first, second = rng.random((2, runs, n))
    right = np.stack([first < 0.7 + gap / 2, second < 0.7 - gap / 2]).astype(np.int64)
    return np.asarray(right[0] - right[1])


@pytest.mark.parametrize(
    ("gap", "status", "most"),
    [(0.0, Status.PASS, 700), (0.3, Status.FAIL, 150), (0.5, Status.FAIL, 45)],
)
def test_clear_cases_end_early_and_rightly(gap: float, status: Status, most: int) -> None:
    ends = [
        decide(row, limit=LIMIT, bounds=(-1, 1), two_sided=True) for row in pairs(gap, 2000, 30, 5)
    ]
    assert np.mean([end.status is status for end in ends]) >= 0.95
    assert np.mean([end.values for end in ends]) <= most


def test_the_error_holds_whenever_one_stops() -> None:
    edge = pairs(LIMIT, 1000, 300, 6)
    wealth = log_wealth(edge, mean=LIMIT, bounds=(-1, 1))
    assert np.mean(wealth.max(axis=1) >= np.log(1 / 0.05)) <= 0.05 + 0.02
    ends = [decide(row, limit=LIMIT, bounds=(-1, 1), two_sided=True) for row in edge[:100]]
    assert np.mean([end.status is Status.INCONCLUSIVE for end in ends]) >= 0.9


def test_rates_are_judged_one_sided() -> None:
    rng = np.random.default_rng(7)
    clean = decide(rng.random(2000) < 0.001, limit=0.02, bounds=(0, 1))
    assert (clean.status, clean.values < 600) == (Status.PASS, True)
    assert decide(rng.random(500) < 0.3, limit=0.1, bounds=(0, 1)).status is Status.FAIL
    assert decide([0.0], limit=0.1, bounds=(0, 1)).status is Status.INCONCLUSIVE


def test_the_sequence_covers_the_mean_at_all_times_at_once_and_narrows() -> None:
    rng = np.random.default_rng(8)
    missed = 0
    for _ in range(60):
        low, high = confidence_sequence(rng.random(400) < 0.3, bounds=(0, 1), grid=50)
        missed += bool(((low > 0.3) | (high < 0.3)).any())
        assert (np.diff(low) >= 0).all()
        assert (np.diff(high) <= 0).all()
        assert high[-1] - low[-1] < 0.3
    assert missed <= 6


def test_an_interval_that_was_looked_at_on_the_way_covers_the_mean_as_promised() -> None:
    """Look half-way, stop if the mean is excluded, and look again at the end."""
    rng, wrong, ends = np.random.default_rng(9), 0, 0
    for _ in range(25):
        values = (rng.random(200) < 0.6).astype(float) - (rng.random(200) < 0.4)
        for seen in (100, 200):
            part, stopped = values[:seen], seen < 200
            found = watched(partial(normal_interval, part), part, bounds=(-1, 1), stopped=stopped)
            if found.low > 0.2 or found.high < 0.2:
                wrong += 1
                ends += stopped
                break
    assert wrong <= 4  # of 25 at 5 %: more in one of 100 tests
    assert ends <= 2


def normal_interval(values: NDArray[np.float64], level: float) -> Interval:
    reach = norm.isf((1 - level) / 2) * values.std(ddof=1) / np.sqrt(values.size)
    mean = float(values.mean())
    return Interval(mean - reach, mean + reach, "normal", level)


def test_one_that_nobody_watched_is_as_it_was() -> None:
    values = np.random.default_rng(10).random(80)
    plain = partial(normal_interval, values)
    assert watched(plain, values, bounds=(0, 1), stopped=None) == plain(0.95)
    last = watched(plain, values, bounds=(0, 1), stopped=False)
    assert (last.low, last.high, last.level) == (plain(0.975).low, plain(0.975).high, 0.95)
    early = watched(plain, values, bounds=(0, 1), stopped=True)
    assert early.low < plain(0.95).low
    assert early.high > plain(0.95).high
