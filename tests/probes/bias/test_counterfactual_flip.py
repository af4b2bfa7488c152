import pytest

from tests.probes.bias.conftest import Runner
from vlaudit.core.dataset import Role
from vlaudit.core.probe import Inapplicable
from vlaudit.selftest.fakes import twins
from vlaudit.selftest.memory import MemoryDataset

PROBE = "bias.counterfactual_flip"


def test_every_declared_metric_is_reported_and_findings_name_rows(run: Runner) -> None:
    target, data = twins.build(accuracy={"a": 0.9, "b": 0.5}, copies=2)
    measured, findings, _ = run(PROBE, target, data)
    assert {metric for metric, where in measured if not where} == {
        "paired_accuracy_gap",
        "paired_probability_gap",
        "flip_rate",
        "excess_flip_rate",
    }
    assert measured["paired_accuracy_gap", ""].interval.low > 0.2
    first, *rows = findings
    assert first.summary.startswith("gender b: pictures are called right 4")
    genders, scenes = data.groups("gender"), data.texts(Role.COUNTERFACTUAL_OF)
    assert len(rows) == 20
    for item in rows:
        row, counterpart = int(str(item.row)), int(str(item.evidence["counterpart"]))
        assert (genders[row], genders[counterpart]) == ("b", "a")
        assert scenes[row] == scenes[counterpart]


def test_rows_that_name_the_picture_they_were_made_from_are_sets(run: Runner) -> None:
    target, data = twins.build(accuracy={"a": 0.9, "b": 0.6})
    made_from = [None if row % 2 == 0 else str(row - 1) for row in range(len(data))]
    values = {**data.values, Role.COUNTERFACTUAL_OF: made_from}
    measured, _, _ = run(PROBE, target, MemoryDataset(data.pictures, values, data.attributes))
    assert measured["paired_accuracy_gap", ""].value == pytest.approx(0.3)


def test_an_attribute_that_never_differs_within_a_set_is_said(run: Runner) -> None:
    target, data = twins.build(accuracy={"a": 0.9, "b": 0.6})
    ages: list[str | None] = [["old", "young"][row // 60] for row in range(120)]
    groups = {"gender": data.groups("gender"), "age": ages}
    measured, _, notes = run(PROBE, target, MemoryDataset(data.pictures, data.values, groups))
    assert ("flip_rate", "age") not in measured
    assert any(note.startswith("age: no set holds pictures of two groups") for note in notes)
    lonely = {**data.values, Role.COUNTERFACTUAL_OF: [str(row) for row in range(120)]}
    with pytest.raises(Inapplicable, match=r"no set of data\.columns\.counterfactual_of holds"):
        run(PROBE, target, MemoryDataset(data.pictures, lonely, groups))


def test_without_labels_answers_are_needed(run: Runner) -> None:
    target, data = twins.build(accuracy={"a": 0.9, "b": 0.6}, labels=False)
    with pytest.raises(Inapplicable, match="pictures can be called one thing only"):
        run(PROBE, target, data)
    measured, findings, _ = run(PROBE, target, data, answers=twins.CLASSES)
    assert measured["flip_rate", ""].value == pytest.approx(0.3)
    assert {metric for metric, _ in measured} == {"flip_rate"}
    assert findings == []
