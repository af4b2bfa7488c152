"""What is lost between conditions: false alarms, power and coverage by simulation."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vlaudit.stats.conditions import Conditions
from vlaudit.stats.drops import Drop, group_drops, group_means, highest_drop, retained
from vlaudit.stats.exchange import Design
from vlaudit.stats.groups import widest_difference

Rows = NDArray[np.intp]


def alone(rows: int, strata: int = 1) -> Design:
    return Design(np.arange(rows, dtype=np.intp) % strata, np.arange(rows, dtype=np.intp))


def test_a_ratio_of_rates_is_covered_by_its_interval() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(400):
        before = rng.random(80) < 0.8
        after = np.where(before, rng.binomial(5, 0.7, 80), rng.binomial(5, 0.2, 80)) / 5
        found = retained(after, before, np.arange(80))
        assert found is not None
        covered += found.interval.low <= (0.8 * 0.7 + 0.2 * 0.2) / 0.8 <= found.interval.high
    assert 0.92 <= covered / 400 <= 0.99


def test_a_ratio_has_an_interval_where_everything_agrees_and_none_without_any_right() -> None:
    ones = np.ones(30)
    found = retained(ones, ones > 0, np.arange(30))
    assert found is not None
    assert found.value == 1.0
    assert 0.7 < found.interval.low < 1.0 < found.interval.high
    lost = retained(0 * ones, ones > 0, np.arange(30))
    assert lost is not None
    assert lost.interval.low == 0.0 == lost.value < lost.interval.high
    assert retained(ones, ones < 0, np.arange(30)) is None


def test_many_views_of_few_pictures_are_worth_as_much_as_these() -> None:
    before, after = np.ones(100, dtype=np.bool_), np.ones(100, dtype=np.bool_)
    pictures, views = np.repeat(np.arange(20), 5), np.arange(100)
    few = Drop(before, after, pictures).interval(0.95)
    many = Drop(before, after, views).interval(0.95)
    assert few.high - few.low > 2 * (many.high - many.low)


def test_the_largest_of_many_losses_is_no_false_alarm() -> None:
    rng = np.random.default_rng(1)
    alarms = 0
    for _ in range(60):
        before = rng.random(60) < 0.8
        drops = []
        for _ in range(8):
            moved = rng.random(60) < 0.2
            after = np.where(moved, rng.random(60) < 0.8, before)
            drops.append(Drop(before, after, np.arange(60)))
        alarms += highest_drop(drops).interval.low > 0
    assert alarms <= 6


@pytest.mark.parametrize("planted", [0.0, 0.4])
def test_the_gap_between_groups_is_covered_and_found(planted: float) -> None:
    rng = np.random.default_rng(2)
    groups = ["a"] * 60 + ["b"] * 60
    chance = np.where(np.array(groups) == "a", 0.2, 0.2 + planted)
    design, covered, found = alone(120, strata=3), 0, 0
    for _ in range(100):
        made = group_means((1 + rng.binomial(3, chance) / 3) / 2, groups, design, fewest=10)
        assert made is not None
        ends = widest_difference(made.pairs).interval
        covered += 2 * ends.low <= planted <= 2 * ends.high
        found += ends.low > 0
    assert covered >= 90
    assert (found <= 9) if planted == 0 else (found >= 97)


def test_groups_that_all_lose_the_same_have_an_interval() -> None:
    rng = np.random.default_rng(3)
    for lost in (np.zeros(40), np.ones(40)):
        made = group_drops(lost, {"g": ["a", "b"] * 20}, alone(40), fewest=5, rng=rng)
        for _, _, item in made:
            assert item.interval.low < item.interval.high
    (only,) = group_drops(np.zeros(9), {"g": ["a"] * 9}, alone(9), fewest=5, rng=rng)
    assert only[0] == "group_drop"


def seen(right: NDArray[np.int8], clean: NDArray[np.bool_]) -> Conditions:
    return Conditions(("fog", "snow"), clean, right, np.arange(len(clean)))


def test_errors_are_those_of_the_formulas() -> None:
    rng = np.random.default_rng(4)
    clean = rng.random(50) < 0.9
    right = rng.integers(0, 2, (50, 2, 5)).astype(np.int8)
    found = seen(right, clean)
    errors = {"fog": 0.8, "snow": 0.5}
    wrong = 1 - right.mean(axis=(0, 2))
    expected = np.mean([wrong[0] / 0.8, wrong[1] / 0.5])
    assert found.mean_error(errors, rng).value == pytest.approx(float(expected))
    risen = [(wrong[0] - (1 - clean.mean())) / 0.5, (wrong[1] - (1 - clean.mean())) / 0.2]
    relative = found.relative_error(errors, 0.3, rng)
    assert relative.value == pytest.approx(float(np.mean(risen)))
    drops = found.drops()
    assert drops["fog"].value == pytest.approx(float(clean.mean() - right[:, 0].mean()))
    assert found.worst_drop().value == pytest.approx(max(d.value for d in drops.values()))


def test_what_was_not_shown_counts_for_nothing() -> None:
    right = np.full((20, 2, 5), -1, dtype=np.int8)
    right[:, 0, 2] = 1
    right[:10, 1, 4] = 0
    right[10:, 1, 0] = 1
    found = seen(right, np.ones(20, dtype=np.bool_))
    accuracy = found.accuracy(["snow"])
    assert accuracy is not None
    assert accuracy.value == 0.5
    assert found.accuracy(["snow"], 2) is None
    assert found.lost(["fog"]).sum() == 0
    assert found.lost(["snow"]).mean() == 0.5
