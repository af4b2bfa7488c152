"""Skill above chance, and differences of means: known values and coverage."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from vlaudit.stats.skill import skill
from vlaudit.stats.two_means import difference_of_means


def test_skill_is_balanced_accuracy_above_chance() -> None:
    rng = np.random.default_rng(0)
    truth = rng.choice(3, 200, p=[0.7, 0.2, 0.1])
    said = np.where(rng.random(200) < 0.6, truth, rng.integers(0, 3, 200))
    expected = balanced_accuracy_score(truth, said, adjusted=True)
    assert skill(said, truth, groups=3).value == pytest.approx(expected)


def test_one_answer_to_everything_is_no_skill() -> None:
    found = skill(np.zeros(100, int), np.repeat([0, 1], [90, 10]), groups=2)
    assert found.value == 0
    assert found.interval.low < 0 < found.interval.high
    always = skill([0, 0, 1, 1], [0, 0, 1, 1], groups=2)
    assert (always.value, always.interval.high) == (1, 1)
    assert always.interval.low < 0.6


@pytest.mark.parametrize("recalls", [(0.5, 0.5), (0.9, 0.3), (0.99, 0.99, 0.99)])
def test_the_interval_of_skill_covers_the_truth(recalls: tuple[float, ...]) -> None:
    rng = np.random.default_rng(1)
    k = len(recalls)
    truth = np.arange(40 * k) % k
    wanted = (np.mean(recalls) - 1 / k) / (1 - 1 / k)
    covered = []
    for _ in range(300):
        right = rng.random(truth.size) < np.array(recalls)[truth]
        found = skill(np.where(right, truth, (truth + 1) % k), truth, groups=k).interval
        covered.append(found.low <= wanted <= found.high)
    assert np.mean(covered) >= 0.93


def test_the_difference_of_means_is_covered_also_where_a_side_agrees() -> None:
    rng = np.random.default_rng(2)
    covered = []
    for _ in range(60):
        one = (rng.random(60) < 0.2).astype(float)
        found = difference_of_means(one, np.zeros(40), bounds=(0.0, 1.0), rng=rng).interval
        assert found.low < found.high
        covered.append(found.low <= 0.2 <= found.high)
    assert np.mean(covered) >= 0.9
