from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from tests.probes.bias.conftest import Run, run_probe
from vlaudit import registry
from vlaudit.core.dataset import Role
from vlaudit.core.probe import Inapplicable
from vlaudit.selftest.fakes import crossed, partial, seer
from vlaudit.selftest.fakes.seer import Seer
from vlaudit.selftest.memory import MemoryDataset

PROBE = "bias.zero_shot_parity"


def run(target: Seer, data: MemoryDataset, **settings: Any) -> Run:
    return run_probe(PROBE, target, data, **settings)


def regrouped(data: MemoryDataset, **attributes: list[str | None]) -> MemoryDataset:
    return MemoryDataset(data.pictures, data.values, attributes, data.name)


def relabelled(data: MemoryDataset, labels: list[str | None]) -> MemoryDataset:
    return MemoryDataset(data.pictures, {Role.LABEL: labels}, data.attributes, data.name)


def test_every_declared_metric_is_reported_overall_and_for_the_attribute() -> None:
    measured, _, _ = run(*seer.build(accuracy={"a": 0.9, "b": 0.7}, rows=100))
    metrics = set(registry.load(PROBE).card.metrics) - {"intersection_gap"}
    assert {metric for metric, _ in measured} == metrics
    for metric in metrics - {"group_accuracy"}:
        assert measured[metric, ""].slice == {}
    assert measured["accuracy_gap", "gender"].slice == {"attribute": "gender"}
    assert measured["accuracy_gap", "gender"].interval == measured["accuracy_gap", ""].interval
    assert measured["group_accuracy", "b"].samples == 100
    assert measured["accuracy", ""].samples == 200


@pytest.mark.parametrize("rows", [5, 20, 1000])
@pytest.mark.parametrize("count", [2, 12])
def test_groups_of_any_size_and_number_are_compared(rows: int, count: int) -> None:
    accuracy = {f"g{index}": 0.8 for index in range(count)}
    measured, findings, _ = run(*seer.build(accuracy=accuracy, rows=rows), min_group_rows=5)
    gap = measured["matched_accuracy_gap", ""]
    assert gap.samples == rows * count
    assert gap.interval.low == 0.0
    assert gap.interval.high > (0.35 if rows == 5 else 0.0)
    assert findings == []


def test_the_worst_of_several_attributes_is_the_overall_value() -> None:
    target, data = seer.build(accuracy={"f": 0.9, "m": 0.6}, rows=200)
    rng = np.random.default_rng(0)
    tones: list[str | None] = [str(tone) for tone in rng.integers(5, size=400)]
    data = regrouped(data, gender=data.groups("gender"), tone=tones)
    measured, findings, _ = run(target, data)
    alone = measured["accuracy_gap", "gender"]
    overall = measured["accuracy_gap", ""]
    assert overall.value == alone.value == pytest.approx(0.3, abs=0.01)
    assert measured["accuracy_gap", "tone"].value < 0.2
    assert 0 < overall.interval.low < alone.interval.low
    assert all("gender m" in item.summary for item in findings if item.row is None)
    only_tone, _, _ = run(target, data, attributes=["tone"])
    assert ("accuracy_gap", "gender") not in only_tone


def test_findings_name_the_group_the_label_and_the_rows() -> None:
    accuracy = {"a": [1.0, 1.0, 1.0, 1.0], "b": [1.0, 0.2, 1.0, 1.0]}
    target, data = partial.build(accuracy=accuracy, rows={"a": [30] * 4, "b": [30] * 4})
    _, findings, _ = run(target, data)
    by_kind = {item.kind: item for item in findings}
    label = by_kind["misread_label"]
    assert label.summary.startswith("gender b: 6 of 30 pictures of 'thing1' are named right, ")
    assert label.severity == "high"
    rows = [item.row for item in findings if item.kind == "misread_row"]
    mistakes = {str(row) for row in range(120 + 30 + 6, 120 + 60)}
    assert len(rows) == 20
    assert set(rows) <= mistakes


def test_missing_labels_and_groups_are_left_out_and_said() -> None:
    target, data = seer.build(accuracy={"f": 0.9, "m": 0.9}, rows=100)
    labels = [None, "", *data.texts(Role.LABEL)[2:]]
    genders = [*data.groups("gender")[:-3], None, "", "other"]
    data = regrouped(relabelled(data, labels), gender=genders)
    measured, _, notes = run(target, data)
    assert measured["accuracy", ""].samples == 198
    assert measured["accuracy_gap", ""].samples == 195
    assert measured["group_accuracy", "other"].samples == 1
    assert "gender: 4 rows without group or label are left out." in notes
    assert "gender: too few rows to compare: other." in notes
    assert any("would show an accuracy_gap of" in note for note in notes)


def test_underscores_in_labels_are_read_as_spaces() -> None:
    target, data = seer.build(accuracy={"a": 1.0, "b": 1.0}, rows=40)
    labels: list[str | None] = [f"_{label}" for label in data.texts(Role.LABEL)]
    measured, _, _ = run(target, relabelled(data, labels))
    assert measured["accuracy", ""].value == 1.0


def test_several_templates_are_averaged() -> None:
    target, data = seer.build(accuracy={"a": 0.9, "b": 0.9}, rows=40)
    one, _, _ = run(target, data)
    # The second template hides the name, so that it adds the same to every class.
    two, _, _ = run(target, data, templates=["a photo of a {}", "nothing.{}"])
    assert two["accuracy", ""].value == one["accuracy", ""].value


def test_an_attribute_with_one_group_is_said_not_compared() -> None:
    target, data = seer.build(accuracy={"f": 0.9, "m": 0.9}, rows=40)
    data = regrouped(data, gender=data.groups("gender"), age=["old"] * 80)
    measured, _, notes = run(target, data)
    assert ("accuracy_gap", "age") not in measured
    assert "age has no two groups of 10 labelled rows (old 80): not compared." in notes


@pytest.mark.parametrize(
    ("world", "settings", "reason"),
    [
        ({"accuracy": {"a": 0.9}, "rows": 40}, {}, "no two groups of 10"),
        ({"accuracy": {"a": 0.9, "b": 0.9}, "rows": {"a": 40, "b": 2}}, {}, "a 40, b 2"),
        ({"accuracy": {"a": 1.0, "b": 1.0}, "classes": 1}, {}, "1 class"),
        ({"accuracy": {"a": 1, "b": 1}}, {"attributes": ["sex"]}, "named sex; there are: gender"),
        ({"accuracy": {"a": 1, "b": 1}}, {"templates": ["a photo"]}, "has no {} for the class"),
    ],
)
def test_data_that_cannot_answer_is_skipped_with_the_reason(
    world: Mapping[str, Any], settings: Mapping[str, Any], reason: str
) -> None:
    with pytest.raises(Inapplicable, match=reason.replace("{}", r"\{\}")):
        run(*seer.build(**world), **settings)


def test_labels_are_reported_one_by_one_the_commonest_first() -> None:
    accuracy = {"a": [1.0, 0.9, 0.8], "b": [1.0, 0.5, 0.8]}
    world = partial.build(accuracy=accuracy, rows={"a": [50, 60, 40], "b": [50, 60, 40]})
    measured, _, _ = run(*world, most_labels=2)
    by_label = {where for metric, where in measured if metric == "equal_opportunity_difference"}
    assert by_label == {"", "gender", "gender thing0", "gender thing1"}
    found = measured["equal_opportunity_difference", "gender thing1"]
    assert found.value == pytest.approx(0.4)
    assert found.samples == 120
    assert found.slice == {"attribute": "gender", "label": "thing1"}
    assert found.interval.low > 0.2
    # Mistakes of `b` on thing1 go to the two other labels in turn.
    wrong = measured["false_positive_rate_difference", "gender thing0"]
    assert wrong.value == pytest.approx((15 + 4) / 100 - (3 + 4) / 100)


def test_intersections_of_every_two_attributes_are_compared() -> None:
    target, data = crossed.build(
        accuracy={"woman": {"old": 0.6, "young": 0.9}, "man": {"old": 0.9, "young": 0.9}}, rows=100
    )
    tones: list[str | None] = [["light", "dark", None][row % 3] for row in range(400)]
    groups = {name: data.groups(name) for name in ("gender", "age")}
    measured, findings, _ = run(target, regrouped(data, **groups, tone=tones))
    accuracies = {where for metric, where in measured if metric == "group_accuracy"}
    assert {"woman old", "woman dark", "old dark"} <= accuracies
    assert measured["group_accuracy", "woman old"].slice == {"gender": "woman", "age": "old"}
    worse = [item for item in findings if item.kind == "underserved_intersection"]
    assert [item.evidence["group"] for item in worse] == ["woman and old"]
    assert worse[0].summary.startswith("woman and old: 60 of 100 pictures are named right, ")
    few, _, _ = run(target, regrouped(data, **groups), min_intersection_rows=101)
    assert ("intersection_gap", "") not in few


def test_a_model_that_is_never_right_has_no_ratio() -> None:
    measured, _, _ = run(*seer.build(accuracy={"a": 0.0, "b": 0.0}, rows=100))
    assert ("accuracy_ratio", "") not in measured
    assert measured["matched_accuracy_gap", ""].interval.low == 0.0
    assert measured["worst_group_accuracy", ""].interval.high > 0.0


def test_many_pictures_of_few_people_prove_little() -> None:
    rng = np.random.default_rng(0)
    target, data = seer.build(accuracy={"a": 0.9, "b": 0.9}, rows=200)
    people = np.arange(400) // 20
    known = rng.random(20) < np.where(np.arange(20) < 10, 0.9, 0.5)
    labels = [
        label if known[who] else ("thing1" if label == "thing0" else "thing0")
        for label, who in zip(data.texts(Role.LABEL), people, strict=True)
    ]
    named: dict[Role, list[str | None]] = {Role.LABEL: labels}
    apart, _, _ = run(target, MemoryDataset(data.pictures, named, data.attributes))
    named[Role.IDENTITY] = [f"person {who}" for who in people]
    together, findings, _ = run(target, MemoryDataset(data.pictures, named, data.attributes))
    gap = "matched_accuracy_gap", ""
    assert together[gap].value == pytest.approx(apart[gap].value, abs=0.02)
    assert apart[gap].interval.low > 0.02
    assert together[gap].interval.low == 0.0
    assert [item for item in findings if item.kind == "underserved_group"] == []
