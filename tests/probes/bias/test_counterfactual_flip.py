import numpy as np
import pytest
from PIL import Image

from tests.probes.bias.conftest import Runner
from vlaudit.core.dataset import Role
from vlaudit.core.probe import Inapplicable
from vlaudit.metrics.counterfactual import linked
from vlaudit.selftest.fakes import twins
from vlaudit.selftest.fakes.seer import Seer
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


def test_without_labels_a_judgement_is_made_of_every_picture(run: Runner) -> None:
    target, data = twins.build(accuracy={"a": 0.9, "b": 0.6}, labels=False, scenes=200)
    with pytest.raises(Inapplicable, match="pictures can be called one thing only"):
        run(PROBE, target, data, answers=[])
    # The seer knows none of the usual answers, and gives the first one to everybody.
    measured, findings, _ = run(PROBE, target, data)
    assert measured["answer_gap", ""].value == 0.0
    assert findings == []
    measured, findings, _ = run(PROBE, target, data, answers=twins.CLASSES)
    assert measured["flip_rate", ""].value == pytest.approx(0.3)
    # Mistakes go round: every answer is given as often to either group.
    assert measured["answer_gap", ""].value == pytest.approx(0.0, abs=0.02)
    assert {metric for metric, _ in measured} == {"flip_rate", "answer_gap"}


def few_scenes(*, harsh: float) -> tuple[Seer, MemoryDataset]:
    """Twelve scenes with people of two genders and two tones, judged by two poles."""
    rng = np.random.default_rng(0)
    pictures: list[Image.Image] = []
    values: dict[Role, list[str | None]] = {Role.LABEL: [], Role.COUNTERFACTUAL_OF: []}
    groups: dict[str, list[str | None]] = {"gender": [], "tone": []}
    for scene in range(12):
        doubtful = rng.random() < 0.5
        for gender in ("woman", "man"):
            for tone in ("dark", "light"):
                criminal = (doubtful and rng.random() < 0.5) or (
                    tone == "dark" and rng.random() < harsh
                )
                pictures.append(Image.new("RGB", (8, 8), (int(criminal), 0, 0)))
                values[Role.LABEL].append("a street" if scene % 2 else "an office")
                values[Role.COUNTERFACTUAL_OF].append(f"scene {scene}")
                groups["gender"].append(gender)
                groups["tone"].append(tone)
    return Seer(["hero", "criminal"]), MemoryDataset(pictures, values, groups)


@pytest.mark.parametrize(("harsh", "accused"), [(0.0, False), (0.95, True)])
def test_a_judgement_by_two_poles_over_few_scenes(run: Runner, harsh: float, accused: bool) -> None:
    poles = {"answers": ["hero", "criminal"], "judge_labelled": True}
    measured, findings, _ = run(PROBE, *few_scenes(harsh=harsh), **poles)
    judged = [item for item in findings if item.kind == "judged_by_group"]
    assert bool(judged) is accused
    assert (measured["answer_gap", "tone"].interval.low > 0) is accused
    assert measured["answer_gap", "gender"].interval.low == 0
    if accused:
        assert "tone dark: pictures are called hero" in judged[0].summary
        assert {item.row for item in findings if item.kind == "turned_row"}


def test_sets_that_share_a_person_are_one_observation(run: Runner) -> None:
    assert linked(["x", "x", "y", "z", None], ["ann", "bob", "bob", None, "ann"]) == {
        "x": "x", "y": "x", "z": "z",
    }  # fmt: skip
    target, data = twins.build(accuracy={"a": 0.9, "b": 0.6}, scenes=120)
    people: list[str | None] = [f"{row % 2} {row // 2 % 12}" for row in range(240)]
    values = {**data.values, Role.IDENTITY: people}
    alone, _, _ = run(PROBE, target, data)
    shared, _, _ = run(PROBE, target, MemoryDataset(data.pictures, values, data.attributes))
    ends = [of["paired_accuracy_gap", ""].interval for of in (alone, shared)]
    assert ends[1].high > ends[0].high
