"""`vlaudit clean` copies data without, or with marks on, the rows a run speaks against."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from vlaudit import demo
from vlaudit.cli import build
from vlaudit.core.audit import Audit, Stamp
from vlaudit.core.config import Config, DataConfig, TargetConfig
from vlaudit.core.dataset import Columns, DatasetFacts
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.target import TargetFacts
from vlaudit.data import load
from vlaudit.evidence import RunFolder

COLUMNS = Columns(id="id", image="image", caption="caption", label="label", split="split")


def vlaudit(*arguments: str | Path) -> Result:
    return CliRunner().invoke(build(), [str(argument) for argument in arguments])


def finding(kind: str, row: str | None, **evidence: str) -> Finding:
    return Finding(
        kind, f"Is {kind}.", Severity.LOW, Confidence.HIGH, row=row, evidence={**evidence}
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    config = DataConfig(source="reference:identities", columns=COLUMNS)
    data = load(config, base=tmp_path, reference=demo.data_files)
    ids = data.ids()
    folder = RunFolder.create(tmp_path / "runs", subject="m")
    stamp = Stamp(
        run=folder.path.name, started="2026-11-21T10:00:00Z", vlaudit="0", python="3", platform="x",
        packages={},
    )  # fmt: skip
    facts = DatasetFacts(
        name=data.name, digest=data.digest, rows=len(data), evaluated=len(data), evaluated_on=None,
        columns=data.columns, classes=0, groups={}, splits={}, licences={}, quarantined={},
    )  # fmt: skip
    audit = Audit(
        stamp=stamp, config=Config(target=TargetConfig(model="m"), data=config), base=str(tmp_path),
        plan=(), dataset=facts,
        target=TargetFacts(
            name="m", fingerprint="0", kind="fake", abilities=(), device="cpu", precision="fp32",
            threads=1,
        ),
    )  # fmt: skip
    folder.write_audit(audit)
    for item in (
        finding("near_duplicate", ids[3], of=ids[1]),
        finding("leaked_row", ids[1], of=ids[3]),
        finding("leaked_row", ids[5], of=ids[4]),
        finding("doubtful_label", ids[7]),
        finding("trigger", None),
    ):
        folder.record("poisoning.some", item)
    folder.finish(audit.model_copy(update={"stamp": stamp.model_copy(update={"finished": "z"})}))
    return folder.path


def rows_of(source: str, tmp_path: Path) -> list[str]:
    config = DataConfig(source=source, columns=COLUMNS)
    return load(config, base=tmp_path, reference=demo.data_files).ids()


def test_flagged_rows_are_left_out_and_the_rest_is_as_it_was(run: Path, tmp_path: Path) -> None:
    ids = rows_of("reference:identities", tmp_path)
    done = vlaudit("clean", "reference:identities", run, "--output", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "2 left out" in done.output
    assert rows_of("out/rows.parquet", tmp_path) == [
        row for row in ids if row not in (ids[3], ids[5])
    ]
    document = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert document["run"] == run.name
    assert [change["row"] for change in document["changes"]] == [ids[3], ids[5]]
    assert document["changes"][0]["reasons"] == ["poisoning.some: Is near_duplicate."]
    table, whole = (
        pq.read_table(file).to_pylist()
        for file in (tmp_path / "out" / "rows.parquet", demo.data_files("identities")[0])
    )
    kept = [row for row in whole if row["id"] not in (ids[3], ids[5])]
    assert [row["image"]["bytes"] for row in table] == [row["image"]["bytes"] for row in kept]
    assert {name for row in table for name in row} == {*kept[0], "vlaudit_flags"}


def test_rows_are_marked_where_that_is_asked_for(run: Path, tmp_path: Path) -> None:
    done = vlaudit(
        "clean", "reference:identities", run, "--output", tmp_path / "out", "--action", "mark",
        "--kind", "doubtful_label",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    marks = pq.read_table(tmp_path / "out" / "rows.parquet").column("vlaudit_flags").to_pylist()
    assert {at: mark for at, mark in enumerate(marks) if mark} == {7: "doubtful_label"}


def test_nothing_is_written_over_or_guessed(run: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    source = "reference:identities"
    assert vlaudit("clean", source, run, "--output", tmp_path / "out").exit_code == 2
    unknown = vlaudit("clean", source, run, "--output", tmp_path / "new", "--kind", "trigger")
    assert unknown.exit_code == 2
    assert "it has doubtful_label" in unknown.output
    other = vlaudit("clean", "reference:clean", run, "--output", tmp_path / "new")
    assert other.exit_code == 2
    assert "not what the run was made on" in other.output
    assert not (tmp_path / "new").exists()
