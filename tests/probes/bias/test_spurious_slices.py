from tests.probes.bias.conftest import Runner
from vlaudit.core.dataset import Role
from vlaudit.selftest.fakes import shortsighted
from vlaudit.selftest.memory import MemoryDataset

PROBE = "bias.spurious_slices"


def test_a_slice_is_named_by_the_nearest_word_and_shows_its_rows(run: Runner) -> None:
    target, data = shortsighted.build(accuracy=0.97, of_kind=0.3, share=0.12)
    measured, findings, _ = run(PROBE, target, data)
    assert measured["worst_slice_gap", ""].interval.low > 0.3
    slices = [item for item in findings if item.kind == "failing_slice"]
    assert "snow" in str(slices[0].evidence["words"]).split(", ")[0]
    assert slices[0].severity == "high"
    rows = [item for item in findings if item.kind == "row_of_failing_slice"]
    labels = data.texts(Role.LABEL)
    for item in rows:
        assert repr(labels[int(str(item.row))]) in item.summary


def test_rows_without_a_label_are_left_out(run: Runner) -> None:
    target, data = shortsighted.build(accuracy=0.9, of_kind=0.5)
    labels = [None if row % 3 == 0 else label for row, label in enumerate(data.texts(Role.LABEL))]
    data = MemoryDataset(data.pictures, {Role.LABEL: labels}, {})
    measured, findings, _ = run(PROBE, target, data)
    assert measured["failing_share", ""].samples == 400
    assert all(item.row is None or labels[int(item.row)] for item in findings)
