from collections.abc import Callable, Sequence

import fairlearn.metrics as fair
import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from vlaudit.core.dataset import Role
from vlaudit.core.probe import Inapplicable
from vlaudit.selftest.memory import MemoryDataset
from vlaudit.stats.groups import smallest_ratio, widest_difference
from vlaudit.stats.parity import Codes, comparable_groups, count_answers


def answers(classes: int, groups: int, rows: int, seed: int) -> tuple[Codes, Codes, list[str]]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=rows)
    named = np.where(rng.random(rows) < 0.7, labels, rng.integers(classes, size=rows))
    return labels, named, [f"group {index}" for index in rng.integers(groups, size=rows)]


WORLDS = [(2, 2, 500, 0), (5, 3, 2000, 1), (12, 7, 6000, 2), (4, 12, 3000, 3)]


@pytest.mark.parametrize("world", WORLDS)
def test_accuracies_and_their_disparities_equal_fairlearns(
    world: tuple[int, int, int, int],
) -> None:
    labels, named, groups = answers(*world)
    counts = count_answers(labels, named, groups, classes=world[0])
    frame = fair.MetricFrame(
        metrics=accuracy_score, y_true=labels, y_pred=named, sensitive_features=groups
    )
    by_group = {group: found.value for group, found in counts.each()}
    assert by_group == pytest.approx(frame.by_group.to_dict(), abs=1e-12)
    pairs = counts.criteria()["accuracy_gap"]
    assert widest_difference(pairs).value == pytest.approx(frame.difference(), abs=1e-9)
    assert smallest_ratio(pairs).value == pytest.approx(frame.ratio(), abs=1e-9)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize(
    ("criterion", "of_one_class"),
    [
        ("demographic_parity_difference", fair.demographic_parity_difference),
        ("equal_opportunity_difference", fair.equal_opportunity_difference),
        ("equalized_odds_difference", fair.equalized_odds_difference),
    ],
)
def test_criteria_equal_fairlearns_worst_over_classes(
    world: tuple[int, int, int, int], criterion: str, of_one_class: Callable[..., float]
) -> None:
    labels, named, groups = answers(*world)
    theirs = max(
        of_one_class(labels == index, named == index, sensitive_features=groups)
        for index in range(world[0])
    )
    counts = count_answers(labels, named, groups, classes=world[0])
    found = widest_difference(counts.criteria()[criterion])
    assert found.value == pytest.approx(theirs, abs=1e-9)
    assert found.samples == world[2]


def test_rows_without_a_group_are_left_out() -> None:
    counts = count_answers(
        np.array([0, 1, 1, 0]), np.array([0, 1, 0, 1]), ["a", None, "b", ""], classes=2
    )
    assert counts.groups == ("a", "b")
    assert counts.labelled.tolist() == [[1, 0], [0, 1]]
    assert counts.named.tolist() == [[1, 0], [1, 0]]
    assert counts.right.tolist() == [[1, 0], [0, 0]]
    assert counts.only([False, True]).groups == ("b",)


def test_a_label_too_rare_in_a_group_is_left_out_of_rates_by_label() -> None:
    labels = np.array([0] * 40 + [1] * 42)
    named = labels.copy()
    named[-2:] = 0
    groups = ["a"] * 20 + ["b"] * 20 + ["a"] * 40 + ["b"] * 2
    counts = count_answers(labels, named, groups, classes=2)
    assert widest_difference(counts.criteria()["equal_opportunity_difference"]).value == 1.0
    rare_left_out = counts.criteria(fewest=5)["equal_opportunity_difference"]
    assert widest_difference(rare_left_out).value == 0.0
    assert "equal_opportunity_difference" not in counts.criteria(fewest=50)
    assert "equalized_odds_difference" not in counts.criteria(fewest=50)


def people(**attributes: Sequence[str | None]) -> MemoryDataset:
    rows = len(next(iter(attributes.values())))
    return MemoryDataset(values={Role.LABEL: ["x"] * rows}, attributes=attributes)


def test_attributes_that_cannot_be_compared_are_named_with_the_reason() -> None:
    data = people(gender=["f", "m"] * 6, age=["old"] * 12, tone=["1"] * 10 + [None, "2"])
    groups, reasons = comparable_groups(data, [], range(12), fewest=5)
    assert list(groups) == ["gender"]
    assert reasons == [
        "age has no two groups of 5 labelled rows (old 12)",
        "tone has no two groups of 5 labelled rows (1 10, 2 1)",
    ]


@pytest.mark.parametrize(
    ("data", "attributes", "message"),
    [
        (people(gender=["f"] * 9), [], r"gender has no two groups of 5 labelled rows \(f 9\)"),
        (people(gender=[None] * 9), [], r"\(none\): nothing to compare; audit on more rows"),
        (people(gender=["f", "m"] * 9), ["age"], "no group column is named age; there are: gender"),
        (MemoryDataset(values={Role.LABEL: ["x"]}), [], "no group column is named: nothing"),
    ],
)
def test_data_without_groups_is_inapplicable(
    data: MemoryDataset, attributes: list[str], message: str
) -> None:
    with pytest.raises(Inapplicable, match=message):
        comparable_groups(data, attributes, range(len(data)), fewest=5)
