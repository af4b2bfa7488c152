"""The same evidence read by other frameworks."""

import pytest

from vlaudit import registry
from vlaudit.core.verdict import ControlStatus, Status
from vlaudit.judge.crosswalk import rolled_up
from vlaudit.reading.catalogue import read_catalogue, read_crosswalk
from vlaudit.reading.framework import read_framework


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (set[Status](), ControlStatus.NOT_MEASURED),
        ({Status.PASS}, ControlStatus.EVIDENCED),
        ({Status.PASS, Status.NOT_APPLICABLE}, ControlStatus.EVIDENCED),
        ({Status.PASS, Status.NOT_MEASURED}, ControlStatus.NOT_MEASURED),
        ({Status.PASS, Status.WAIVED}, ControlStatus.NOT_MEASURED),
        ({Status.PASS, Status.INCONCLUSIVE}, ControlStatus.INCONCLUSIVE),
        ({Status.INCONCLUSIVE, Status.FAIL}, ControlStatus.REFUTED),
    ],
)
def test_nothing_unevidenced_counts(found: set[Status], status: ControlStatus) -> None:
    assert rolled_up(found) is status


def test_every_id_of_the_catalogue_is_a_real_one() -> None:
    framework = read_framework("nist_ai_rmf_1_0")
    known = {control.id for control in framework.controls}
    actions = {action for control in framework.controls for action in control.actions}
    others = {one.id: {item.id for item in one.items} for one in read_crosswalk().frameworks}
    assert len(known) == 72
    assert len(others["iso_42001"]) == 38
    for control in read_catalogue().controls:
        assert set(control.controls) <= known, control.id
        assert all(action[:2] in ("GV", "MP", "MS", "MG") for action in control.actions)
        for name, ids in control.refs.items():
            assert name == "cwe" or set(ids) <= others[name], control.id
    for one in read_crosswalk().frameworks:
        assert {name for item in one.items for name in item.controls} <= known, one.id
    assert len(actions) > 40
    assert len(read_catalogue().controls) == 64
    assert registry.cards()
