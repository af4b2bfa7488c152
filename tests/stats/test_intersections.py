import numpy as np
import pytest
from fairlearn.metrics import MetricFrame, false_positive_rate
from pandas import DataFrame
from sklearn.metrics import accuracy_score

from vlaudit.stats.disparities import over_intersections
from vlaudit.stats.groups import all_pairs, widest_difference
from vlaudit.stats.intersections import compounded, crossings
from vlaudit.stats.parity import GroupCounts, count_answers


def test_intersections_equal_fairlearns() -> None:
    rng = np.random.default_rng(0)
    labels, named = rng.integers(2, size=(2, 900))
    groups = {"one": [f"a{at}" for at in rng.integers(3, size=900)], "two": ["x", "y", "z"] * 300}
    (crossing,) = crossings(groups, fewest=1)
    counts = count_answers(labels, named, crossing.of_row, classes=2)
    theirs = MetricFrame(
        metrics={"accuracy": accuracy_score, "false": false_positive_rate},
        y_true=labels,
        y_pred=named,
        sensitive_features=DataFrame(groups),
    )
    expected = {
        f"{one} and {two}": theirs.by_group["accuracy"][one, two]
        for one in ("a0", "a1", "a2")
        for two in ("x", "y", "z")
    }
    ours = dict(zip(counts.groups, counts.hits / counts.rows, strict=True))
    assert ours == pytest.approx(expected, abs=1e-12)
    alarms = all_pairs(*(part[1] for part in counts.cells()["false_positive_rate_difference"]))
    assert widest_difference(alarms).value == pytest.approx(theirs.difference()["false"], abs=1e-9)


Groups = dict[str, list[str | None]]


def test_rows_without_both_groups_and_small_intersections_are_left_out() -> None:
    groups: Groups = {
        "sex": ["f", "f", None, "m", "m", "f"],
        "age": ["old", "old", "old", "young", "", "x"],
    }
    (crossing,) = crossings(groups, fewest=1)
    assert crossing.of_row == ["f and old", "f and old", None, "m and young", None, "f and x"]
    assert crossing.slices()["f and old"] == {"sex": "f", "age": "old"}
    assert crossings(groups, fewest=2) == []
    assert crossings({"sex": ["f", "m"]}, fewest=1) == []


@pytest.mark.parametrize(("penalty", "low", "high"), [(0.0, 0, 2), (0.15, 5, 20), (0.3, 19, 20)])
def test_only_what_both_groups_do_not_explain_is_found(penalty: float, low: int, high: int) -> None:
    rng = np.random.default_rng(1)
    found = 0
    for seed in range(20):
        of_row = rng.integers(6, size=1200)
        groups = {
            "gender": [f"g{at // 3}" for at in of_row],
            "age": [f"a{at % 3}" for at in of_row],
        }
        labels = rng.integers(4, size=1200)
        chance = 0.85 - 0.2 * (of_row >= 3) - penalty * (of_row == 5)
        named = np.where(rng.random(1200) < chance, labels, (labels + 1) % 4)
        (crossing,) = crossings(groups, fewest=1)
        worse = compounded([(crossing, count_answers(labels, named, crossing.of_row, classes=4))])
        found += bool(worse)
        assert all(item.name == "g1 and a2" for item in worse) or penalty == 0, seed
    assert low <= found <= high


def test_nothing_to_compare_is_no_finding() -> None:
    assert compounded([]) == []
    assert list(over_intersections([])) == []
    table = np.array([[9, 9], [1, 9]])
    lone = GroupCounts(("a and x", "b and y"), table, table, table, np.ones(2))
    (crossing,) = crossings({"one": ["a", "b"], "two": ["x", "y"]}, fewest=1)
    assert compounded([(crossing, lone)]) == []
