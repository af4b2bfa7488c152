from pathlib import Path

import pytest

from tests.probes.bias.conftest import Runner
from vlaudit.core.measurement import RowResults
from vlaudit.core.probe import Inapplicable
from vlaudit.selftest.fakes import seer
from vlaudit.selftest.memory import MemoryDataset

PROBE = "bias.quality_of_service"


def kept(data: MemoryDataset, right: list[bool], **groups: list[str | None]) -> RowResults:
    return RowResults("rate", data.ids()[: len(right)], right, groups)


def test_rates_of_all_probes_are_compared_by_the_groups_of_the_data(run: Runner) -> None:
    target, data = seer.build(accuracy={"a": 0.5, "b": 0.5}, rows=100)
    even = kept(data, [row % 2 == 0 for row in range(200)])
    odd = kept(data, [row < 100 or row % 4 == 0 for row in range(200)])
    measured, findings, _ = run(PROBE, target, data, kept={"x.one.rate": even, "y.two.rate": odd})
    assert measured["service_gap", ""].value == pytest.approx(0.75)
    assert measured["service_gap", "x.one.rate gender"].value == pytest.approx(0.0)
    assert measured["service_rate", "y.two.rate b"].value == pytest.approx(0.25)
    assert [item.evidence["metric"] for item in findings] == ["y.two.rate"]


def test_a_rate_over_some_of_the_rows_is_compared_over_these(run: Runner) -> None:
    target, data = seer.build(accuracy={"a": 0.5, "b": 0.5}, rows=100)
    part = kept(data, [True] * 150)
    measured, _, _ = run(PROBE, target, data, kept={"x.one.rate": part})
    assert measured["service_rate", "x.one.rate b"].samples == 50
    twice = RowResults("rate", ["0", "0"], [True, False])
    with pytest.raises(Inapplicable, match="no other probe kept which rows succeeded"):
        run(PROBE, target, data, kept={"x.one.rate": twice})
    with pytest.raises(Inapplicable, match="no other probe kept which rows succeeded"):
        run(PROBE, target, data, kept={"x.one.rate": part}, leave_out=["x.one"])


def test_rates_are_read_from_the_run_folder(run: Runner, tmp_path: Path) -> None:
    from vlaudit.evidence import RunFolder

    target, data = seer.build(accuracy={"a": 0.5, "b": 0.5}, rows=20)
    folder = RunFolder.create(tmp_path, subject="x")
    folder.keep_rows("x.one", kept(data, [True] * 40))
    measured, _, _ = run(PROBE, target, data, kept=folder.kept_rows())
    assert measured["service_rate", "x.one.rate a"].value == 1.0
