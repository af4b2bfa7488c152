import numpy as np
import pytest

from vlaudit.metrics.counterfactual import blocks, by_set, differences, flips, turned
from vlaudit.stats.subjects import set_names


def test_a_row_that_others_were_made_from_lies_in_their_set() -> None:
    assert set_names(["r1", "r2", "r3", "r4"], [None, "r1", "r1", None]) == ["r1"] * 3 + [None]
    assert set_names(["0", "1"], ["scene", "scene"]) == ["scene", "scene"]


GROUPS: dict[str, list[str | None]] = {
    "gender": ["f", "m", "f", "m", "f", "m", "m", None],
    "age": ["old", "old", "young", "young", "old", "young", "old", "old"],
}
SETS = ["s1", "s1", "s1", "s1", "s2", "s2", "s2", "s2"]


def test_only_pictures_alike_in_everything_else_are_compared() -> None:
    found = blocks(SETS, GROUPS, "gender")
    assert [(part.name, dict(part.rows)) for part in found] == [
        ("s1", {"f": [0], "m": [1]}),
        ("s1", {"f": [2], "m": [3]}),
        ("s2", {"f": [4], "m": [6]}),
    ]
    by_age = blocks(SETS, GROUPS, "age")
    assert [(part.name, dict(part.rows)) for part in by_age] == [
        ("s1", {"old": [0], "young": [2]}),
        ("s1", {"old": [1], "young": [3]}),
        ("s2", {"old": [6], "young": [5]}),
    ]
    assert blocks([None] * 8, GROUPS, "gender") == []


def test_differences_are_averaged_over_blocks_and_then_over_sets() -> None:
    parts = blocks(SETS, GROUPS, "gender")
    values = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.75, 0.0]
    (found,) = differences(parts, values).values()
    assert found.tolist() == [0.5, -0.75]
    assert by_set(parts, [1.0, 0.0, 0.25]).tolist() == [0.5, 0.25]


def test_flips_are_counted_between_groups_and_within_them() -> None:
    sets, groups = ["s"] * 4, {"g": ["a", "a", "b", "b"]}
    (part,) = blocks(sets, groups, "g")
    found = flips([part], [0, 1, 1, 1])
    # Between: a0 differs from both b; within: a0 differs from a1, the two b agree.
    assert found.between.tolist() == [0.5]
    assert found.beyond.tolist() == [0.0]
    alone = blocks(["s", "s"], {"g": ["a", "b"]}, "g")
    assert flips(alone, [0, 1]).beyond.size == 0
    right = np.array([True, False, False, True])
    assert [(t.row, t.counterpart) for t in turned([part], right, better="a", worse="b")] == [
        (2, 0)
    ]


def test_paired_gaps_are_mcnemars() -> None:
    rng = np.random.default_rng(0)
    right = rng.random(400) < 0.7
    sets = [f"s{row // 2}" for row in range(400)]
    groups = {"g": ["a", "b"] * 200}
    (found,) = differences(blocks(sets, groups, "g"), right).values()
    only_a = int((right[::2] & ~right[1::2]).sum())
    only_b = int((right[1::2] & ~right[::2]).sum())
    assert found.size == 200
    assert found.mean() == pytest.approx((only_a - only_b) / 200)
