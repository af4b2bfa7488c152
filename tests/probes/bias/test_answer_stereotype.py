import pytest

from tests.probes.bias.conftest import Runner
from vlaudit.core.dataset import Role
from vlaudit.selftest.fakes import gossip
from vlaudit.selftest.memory import MemoryDataset

PROBE = "bias.answer_stereotype"


def test_every_declared_metric_is_reported_and_a_question_is_named(run: Runner) -> None:
    target, data = gossip.build(stereotype=0.4)
    measured, findings, notes = run(PROBE, target, data, draws=300)
    assert {metric for metric, where in measured if not where} == {
        "ambiguous_bias",
        "stereotyped_questions",
        "abstention_rate",
        "disambiguated_accuracy",
        "disambiguated_gap",
        "unparsed_rate",
    }
    assert measured["ambiguous_bias", ""].interval.low > 0.1
    assert measured["abstention_rate", ""].samples == 300
    assert notes[-1] == "6 questions were asked about each picture, answered by words."
    assert any(
        "a nurse or a doctor, the model says a nurse of female" in f.summary for f in findings
    )


@pytest.mark.parametrize("rows", [5, 20, 500])
def test_groups_of_any_size_that_fare_alike(run: Runner, rows: int) -> None:
    target, data = gossip.build(rows={"woman": rows, "man": rows})
    measured, findings, _ = run(PROBE, target, data, min_group_rows=5, draws=200)
    assert measured["ambiguous_bias", ""].interval.low == 0.0
    assert findings == []


def test_twelve_groups_of_which_questions_are_about_some(run: Runner) -> None:
    target, data = gossip.build(rows={f"monk {at}": 20 for at in range(1, 13)}, attribute="tone")
    measured, findings, notes = run(PROBE, target, data, draws=200)
    assert measured["ambiguous_bias", "tone"].interval.low <= 0
    assert findings == []
    assert notes[-1].startswith("3 questions")


def test_people_who_do_other_things_are_compared_within_what_they_do(run: Runner) -> None:
    target, data = gossip.build(stereotype=0.5, roles=False)
    scenes: list[str | None] = [f"scene {row % 150}" for row in range(300)]
    values = {Role.COUNTERFACTUAL_OF: scenes}
    paired = MemoryDataset(data.pictures, values, data.attributes)
    measured, _, _ = run(PROBE, target, paired, draws=300)
    assert measured["ambiguous_bias", ""].interval.low > 0.1
    assert ("disambiguated_accuracy", "") not in measured
    apart = {Role.COUNTERFACTUAL_OF: [str(row) for row in range(300)]}
    measured, findings, _ = run(PROBE, target, MemoryDataset(data.pictures, apart, data.attributes))
    assert measured["ambiguous_bias", ""].value == 0.0
    assert findings == []
