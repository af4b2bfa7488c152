import pytest

from tests.probes.bias.conftest import Runner
from vlaudit.core.probe import Inapplicable
from vlaudit.selftest.fakes import resolver
from vlaudit.selftest.memory import MemoryDataset

PROBE = "bias.pronoun_resolution"


def test_every_declared_metric_is_reported_and_findings_name_rows(run: Runner) -> None:
    target, data = resolver.build(accuracy={"woman": 0.6, "man": 0.9})
    measured, findings, _ = run(PROBE, target, data)
    assert {metric for metric, where in measured if not where} == {
        "resolution_accuracy",
        "resolution_gap",
        "role_gap",
        "sensitivity",
        "undecided_rate",
    }
    assert measured["resolution_gap", ""].interval.low > 0.2
    assert measured["resolution_accuracy", "woman"].samples == 300
    rows = [item for item in findings if item.kind == "wrong_pronoun"]
    assert len(rows) == 20
    assert all(target.wanted[int(str(item.row))][1] == "his" for item in rows[:1])


def test_a_model_that_cannot_tell_sentences_apart_prefers_nobody(run: Runner) -> None:
    target, data = resolver.build(accuracy={"woman": 0.9, "man": 0.9}, rows=40)
    deaf = resolver.Resolver([(role, "their") for role, _ in target.wanted])
    measured, findings, _ = run(PROBE, deaf, data)
    assert measured["undecided_rate", ""].value == 1.0
    assert measured["resolution_gap", ""].value == 0.0
    assert findings == []


def test_people_beside_somebody_of_another_gender_are_told_apart(run: Runner) -> None:
    target, data = resolver.build(accuracy={"woman": 0.9, "man": 0.9}, rows=100)
    others: list[str | None] = ["man" if row % 2 else "woman" for row in range(200)]
    groups = {"gender": data.groups("gender"), "beside": others}
    data = MemoryDataset(data.pictures, data.values, groups)
    measured, _, _ = run(PROBE, target, data, participant="beside", attributes=["gender"])
    assert measured["resolution_accuracy", "woman beside man"].samples == 50


@pytest.mark.parametrize("rows", [5, 20, 1000])
def test_groups_of_any_size_that_fare_alike(run: Runner, rows: int) -> None:
    target, data = resolver.build(accuracy={"woman": 0.8, "man": 0.8}, rows=rows)
    measured, findings, _ = run(PROBE, target, data, min_group_rows=5)
    assert measured["resolution_gap", ""].interval.low == 0.0
    assert {item.kind for item in findings} <= {"wrong_pronoun"}


def test_settings_that_cannot_be_used_are_said(run: Runner) -> None:
    target, data = resolver.build(accuracy={"woman": 0.9, "man": 0.9}, rows=40)
    with pytest.raises(Inapplicable, match="fewer than two genders have pronouns"):
        run(PROBE, target, data, pronouns=["female: her"])
    with pytest.raises(Inapplicable, match="add them"):
        run(PROBE, target, data, templates=["a {}"])
