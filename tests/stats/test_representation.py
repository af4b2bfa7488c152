import numpy as np
import pytest

from vlaudit.core.probe import Inapplicable
from vlaudit.metrics.population import read_population
from vlaudit.stats.representation import (
    census,
    lowest,
    lowest_ratio,
    parts_of,
    ratios,
    smallest_to_largest,
)

HALVES = {"a": 0.5, "b": 0.5}


def test_populations_are_read_and_brought_to_a_sum_of_one() -> None:
    assert read_population(["gender: woman=2, man=2", "age: old=1"]) == {
        "gender": {"woman": 0.5, "man": 0.5},
        "age": {"old": 1.0},
    }
    for entry in ("gender", "gender: woman", "gender: woman=0", "gender:"):
        with pytest.raises(Inapplicable, match="is no group and share"):
            read_population([entry])


def test_the_lowest_ratio_covers_and_rarely_accuses() -> None:
    rng = np.random.default_rng(0)
    declared = dict.fromkeys("abcdefg", 1 / 7)
    accused = acquitted = 0
    for _ in range(300):
        groups = rng.choice(list("abcdefg"), size=700).tolist()
        found = lowest_ratio(census(groups, np.arange(700), declared), declared)
        accused += found.interval.high < 1.0
        short = [group for group in groups if group != "a" or rng.random() < 0.75]
        found = lowest_ratio(census(short, np.arange(len(short)), declared), declared)
        acquitted += (found.interval.one_sided or 0.0) > 0.8
    assert accused <= 15
    assert acquitted <= 15


def test_pictures_of_few_people_tell_less() -> None:
    groups = ["a"] * 300 + ["b"] * 700
    alone = lowest_ratio(census(groups, np.arange(1000), HALVES), HALVES)
    few = lowest_ratio(census(groups, np.arange(1000) // 50, HALVES), HALVES)
    assert alone.interval.high < 0.75
    assert few.interval.high > 0.85
    assert few.value == alone.value == pytest.approx(0.6)


def test_missing_groups_and_rows_without_a_group_are_counted() -> None:
    found = census(["a", None, "", "a"], np.arange(4), {"a": 0.5, "b": 0.5})
    assert (found.rows, found.unknown, found.counts.tolist()) == (2, 2, [2, 0])
    assert ratios(found, HALVES)["b"].value == 0.0
    assert smallest_to_largest(found).value == 0.0
    assert smallest_to_largest(found).interval.high > 0.5
    both = [
        lowest_ratio(found, HALVES),
        lowest_ratio(census(["a", "b"] * 9, np.arange(18), HALVES), HALVES),
    ]
    assert lowest(both).value == 0.0


def test_parts_are_compared_in_the_share_of_each_group() -> None:
    groups = ["a", "b"] * 50 + ["b"] * 30
    parts = ["x"] * 100 + ["y"] * 30
    found = parts_of(groups, parts, np.arange(130), fewest=20, most=9)
    assert found is not None
    assert found.counts.tolist() == [[50, 0], [50, 30]]
    assert [place[:3] for place in found.absent()] == [("a", "y", 30)]
    assert len(found.pairs) == 2
    assert parts_of(groups, parts, np.arange(130), fewest=50, most=9) is None
    repeated = parts_of(groups, parts, np.arange(130) // 10, fewest=20, most=9)
    assert repeated is not None
    assert repeated.effect[0, 1] == 10.0
    assert repeated.absent() == []
