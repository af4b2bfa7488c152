"""What is written into a run folder comes back as it was, whole or not at all."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from vlaudit.core.errors import EvidenceError, InputError
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.outcome import Broken, Measured, Outcome, Skipped
from vlaudit.evidence import RunFolder, load_run, write_manifest
from vlaudit.evidence.files import write_whole
from vlaudit.evidence.journal import Journal, OutcomeLine
from vlaudit.evidence.manifest import digests
from vlaudit.evidence.tables import (
    read_findings,
    read_measurements,
    write_findings,
    write_measurements,
)

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=64)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@st.composite
def measurements(draw: st.DrawFn) -> Measurement:
    low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
    return Measurement(
        draw(TEXTS),
        draw(NUMBERS),
        samples=draw(st.integers(1, 10**12)),
        interval=Interval(low, high, draw(TEXTS), 0.9),
        clusters=draw(st.none() | st.integers(1, 99)),
        slice=draw(st.dictionaries(TEXTS, TEXTS, max_size=2)),
    )


@settings(deadline=None, max_examples=40)
@given(st.dictionaries(TEXTS, st.lists(measurements(), min_size=1, max_size=3).map(tuple)))
def test_measurements_come_back(written: dict[str, tuple[Measurement, ...]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "measurements.parquet"
        write_measurements(path, written)
        assert read_measurements(path) == written


def test_findings_come_back(tmp_path: Path) -> None:
    finding = Finding(
        "trigger",
        "a line\nand another \u2028 one",
        Severity.HIGH,
        Confidence.LOW,
        row="7",
        where="image",
        evidence={"share": 0.5, "count": 3, "sure": True, "name": "<b>"},
    )
    written = {"poisoning.a": (finding, finding), "vlaudit": (finding,)}
    write_findings(tmp_path / "findings.jsonl", written)
    assert read_findings(tmp_path / "findings.jsonl") == written


def test_the_journal_returns_what_was_recorded_in_order(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, subject="local-dir:/models/My Model!")
    assert "my-model" in folder.path.name
    ends: dict[str, Outcome] = {
        "a.b": Measured(seconds=1.5, notes=("n",)),
        "a.c": Skipped(reason="r"),
        "a.d": Broken(error="e"),
    }
    for probe, end in ends.items():
        folder.record(probe, Measurement("m", 0.5, samples=1, interval=Interval(0, 1, "none")))
        folder.record(probe, end)
    assert folder.collected()[2] == ends
    folder.journal.keep_only({"a.b"})
    found, _, outcomes = folder.collected()
    assert set(found) == set(outcomes) == {"a.b"}


def test_a_journal_that_does_not_exist_is_empty(tmp_path: Path) -> None:
    assert list(Journal(tmp_path / "journal.jsonl").lines()) == []


def test_a_file_is_replaced_whole_or_stays(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "deep" / "file", "old")
    (path.parent / ".file.part").mkdir()
    with pytest.raises(EvidenceError, match="resume"):
        write_whole(path, "new")
    assert path.read_text() == "old"


def test_pictures_are_kept_under_safe_names(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, subject="m")
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    kept = folder.keep_picture("a.b", "../../evil name", pixels)
    assert kept.startswith("artifacts/a.b/")
    assert (folder.path / kept).resolve().is_relative_to(folder.path.resolve())
    np.testing.assert_array_equal(np.asarray(Image.open(folder.path / kept)), pixels)


def test_the_manifest_finds_one_changed_byte(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_bytes(b"two")
    manifest = json.loads(write_manifest(tmp_path).read_text())["sha256"]
    assert manifest == digests(tmp_path)
    (tmp_path / "b" / "c").write_bytes(b"twO")
    changed = {name for name, digest in digests(tmp_path).items() if manifest[name] != digest}
    assert changed == {"b/c"}


@pytest.mark.parametrize("content", [None, "{", '{"schema_version": 1}'])
def test_what_is_no_run_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    with pytest.raises(InputError, match=str(tmp_path)):
        load_run(tmp_path)


def test_lines_are_on_disk_at_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(OutcomeLine(probe="a.b", item=Skipped(reason="r")))
    assert (tmp_path / "journal.jsonl").read_bytes().endswith(b"}\n")
