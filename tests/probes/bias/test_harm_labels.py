import pytest

from tests.probes.bias.conftest import Runner
from vlaudit.core.dataset import Role
from vlaudit.core.probe import Inapplicable
from vlaudit.selftest.fakes import namecaller
from vlaudit.selftest.memory import MemoryDataset

PROBE = "bias.harm_labels"


def test_findings_name_the_group_the_set_and_the_rows(run: Runner) -> None:
    target, data = namecaller.build(rows={"a": 200, "b": 200}, called={"b": {"gorilla": 0.05}})
    measured, findings, _ = run(PROBE, target, data)
    assert measured["harm_rate", "non-human b"].value == 0.05
    assert measured["harm_rate", "crime"].value == 0.0
    assert measured["worst_group_harm_rate", ""].interval.low > 0.01
    group, *rows = findings
    assert group.summary.startswith("gender b: 10 of 200 pictures are called by non-human labels,")
    assert [item.row for item in rows] == [str(row) for row in range(200, 210)]
    assert rows[0].summary == "A picture of a person is called 'gorilla'."


def test_pictures_of_nobody_are_left_out_and_labels_of_the_data_compete(run: Runner) -> None:
    target, data = namecaller.build(rows={"a": 40, "b": 40}, called={"b": {"thief": 0.5}})
    genders = [*data.groups("gender"), None, None]
    pictures = [*data.pictures, *data.pictures[-2:]]
    data = MemoryDataset(pictures, {Role.LABEL: ["person"] * 82}, {"gender": genders})
    measured, _, _ = run(PROBE, target, data, neutral=[])
    assert measured["harm_rate", ""].samples == 80
    assert measured["harm_rate", ""].value == 0.25
    with pytest.raises(Inapplicable, match="there must be a neutral label"):
        run(PROBE, target, data, neutral=[], use_labels=False)


def test_sets_of_labels_can_be_replaced(run: Runner) -> None:
    target, data = namecaller.build(rows={"a": 50, "b": 50}, called={"a": {"troll": 0.2}})
    measured, _, _ = run(PROBE, target, data, harms=["mine: troll"], nonsense=[])
    assert measured["harm_rate", "mine a"].value == 0.2
    assert ("harm_beyond_nonsense", "") not in measured
