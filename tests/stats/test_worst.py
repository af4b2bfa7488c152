import numpy as np
import pytest

from vlaudit.stats.intervals import clopper_pearson
from vlaudit.stats.worst import highest_paired_difference, highest_rate, widest_mean


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
    for seed in range(60):
        hard = rng.beta(2, 1, size=(sets, 1))
        right = (rng.random((sets, groups)) < hard).astype(np.float64)
        parts = [np.subtract(right[:, i], right[:, j]) for i in range(groups) for j in range(i)]
        family, source = len(parts), np.random.default_rng(seed)
        found = widest_mean(parts, bounds=(-1, 1), rng=source, samples=sets, family=family)
        accused += found.interval.low > 0
        planted = [np.add(parts[0], 0.2)]
        one = widest_mean(planted, bounds=(-1, 1.2), rng=source, samples=sets, family=1)
        missed += one.interval.high < 0.2
    assert accused <= 7
    assert missed <= 7
