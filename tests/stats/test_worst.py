import numpy as np
import pytest
from scipy.stats import ttest_1samp

from vlaudit.stats.intervals import clopper_pearson, paired_difference
from vlaudit.stats.worst import (
    highest_paired_difference,
    highest_rate,
    mean_difference,
    widest_mean,
)


def test_one_group_is_that_of_clopper_and_pearson() -> None:
    found = highest_rate([(3, 200)], samples=200)
    assert found.value == 0.015
    assert found.interval.low == pytest.approx(clopper_pearson(3, 200).low)
    assert found.interval.high == pytest.approx(clopper_pearson(3, 200, level=0.9).high)


def test_no_event_bounds_the_rate() -> None:
    found = highest_rate([(0, 598), (0, 598)], samples=1196)
    assert found.interval.low == 0.0
    assert found.interval.high == pytest.approx(0.005, abs=2e-5)


@pytest.mark.parametrize("groups", [2, 7])
def test_innocents_are_accused_and_the_guilty_acquitted_in_one_of_twenty(groups: int) -> None:
    rng = np.random.default_rng(groups)
    accused = acquitted = paired_accused = 0
    for _ in range(60):
        events = rng.binomial(100, 0.05, size=groups)
        found = highest_rate([(int(k), 100) for k in events], samples=100 * groups)
        accused += found.interval.low > 0.05
        acquitted += found.interval.high < 0.05
        only = rng.multinomial(100, [0.05, 0.05, 0.9], size=groups)
        both = [(int(b), int(c), 100) for b, c, _ in only]
        paired_accused += highest_paired_difference(both, samples=100).interval.low > 0
    assert accused <= 6
    assert acquitted <= 6
    assert paired_accused <= 6


@pytest.mark.parametrize(("sets", "groups"), [(8, 2), (40, 2), (40, 4)])
def test_paired_differences_of_innocents_accuse_in_one_of_twenty(sets: int, groups: int) -> None:
    rng = np.random.default_rng(sets)
    accused = missed = 0
    for _ in range(60):
        hard = rng.beta(2, 1, size=(sets, 1))
        right = (rng.random((sets, groups)) < hard).astype(np.float64)
        parts = [np.subtract(right[:, i], right[:, j]) for i in range(groups) for j in range(i)]
        found = widest_mean(parts, samples=sets, family=len(parts))
        accused += found.interval.low > 0
        worse = right[:, 0] * (rng.random(sets) < 0.8)
        one = widest_mean([right[:, 0] - worse], samples=sets, family=1)
        missed += one.interval.high < 0.2 * 2 / 3
    assert accused <= 7
    assert missed <= 7


def test_differences_of_answers_have_the_interval_of_tango_and_others_students() -> None:
    apart = np.array([1.0] * 6 + [-1.0] + [0.0] * 13)
    assert mean_difference(apart).interval == paired_difference(6, 1, 20)
    parted = np.tile([0.5, 0.0, 0.25, -0.5], 10)
    ends = ttest_1samp(parted, 0.0).confidence_interval(0.95)
    found = mean_difference(parted).interval
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high))
    assert mean_difference(np.full(30, 0.5)).interval.high > 0.6


def test_repeated_pictures_in_a_set_accuse_nobody_among_many_pairs() -> None:
    rng = np.random.default_rng(0)
    accused = 0
    for _ in range(60):
        right = (
            rng.random((50, 12, 2)) < np.array([0.72, 0.9])[rng.integers(2, size=50)][:, None, None]
        )
        mean = right.mean(axis=2)
        parts = [mean[:, i] - mean[:, j] for i in range(12) for j in range(i)]
        accused += widest_mean(parts, samples=600, family=66).interval.low > 0
    assert accused <= 4
