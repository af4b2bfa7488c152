"""`vlaudit report` and `vlaudit card` work from a run folder alone."""

from pathlib import Path

import pytest
from huggingface_hub import DatasetCard, ModelCard
from typer.testing import CliRunner, Result

from vlaudit.cli import build
from vlaudit.core.audit import Audit, PlannedProbe, Stamp
from vlaudit.core.config import Config, DataConfig, TargetConfig
from vlaudit.core.dataset import Columns, DatasetFacts
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.outcome import Measured
from vlaudit.core.probe import Card
from vlaudit.core.target import TargetFacts
from vlaudit.evidence import RunFolder
from vlaudit.registry import cards

PROBE = "bias.zero_shot_parity"


def vlaudit(*arguments: str | Path) -> Result:
    return CliRunner().invoke(build(), [str(argument) for argument in arguments])


def audit(installed: dict[str, Card]) -> Audit:
    return Audit(
        stamp=Stamp(
            run="r1",
            started="2026-11-21T10:15:00+00:00",
            finished="2026-11-21T10:16:00+00:00",
            vlaudit="0.1.0",
            python="3.11.9",
            platform="linux",
            packages={},
        ),
        config=Config(target=TargetConfig(model="m"), data=DataConfig(source="d")),
        base=".",
        plan=tuple(
            PlannedProbe(
                card=card, settings=card.settings, skip=None if name == PROBE else "not selected"
            )
            for name, card in installed.items()
        ),
        target=TargetFacts(
            name="m",
            fingerprint="f" * 64,
            kind="open_clip",
            abilities=(),
            device="cpu",
            precision="fp32",
            threads=1,
        ),
        dataset=DatasetFacts(
            name="d",
            digest="d" * 64,
            rows=400,
            evaluated=400,
            evaluated_on=None,
            columns=Columns(image="image", label="label", groups=("gender",)),
            classes=4,
            groups={"gender": {"a": 200, "b": 200}},
            splits={},
            licences={},
            quarantined={},
        ),
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = RunFolder.create(tmp_path / "runs", subject="m")
    metric = "matched_accuracy_gap"
    interval = Interval(0.2, 0.4, "Newcombe")
    folder.record(PROBE, Measurement(metric, 0.3, samples=400, interval=interval))
    folder.record(PROBE, Measured(seconds=1.0))
    folder.finish(audit(cards()))
    return folder.path


def test_report_writes_every_document_into_the_run(run: Path) -> None:
    done = vlaudit("report", run)
    assert done.exit_code == 0, done.output
    names = {"report.html", "report.md", "model_card.md", "dataset_card.md"}
    assert names <= {path.name for path in run.iterdir()}
    assert done.output.count("wrote ") == 4
    assert "30.0%" in (run / "report.html").read_text(encoding="utf-8")


def test_report_writes_elsewhere_and_leaves_the_run_alone(run: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    done = vlaudit("report", run, "--output", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "report.html").is_file()
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


def test_another_policy_judges_the_same_run(run: Path, tmp_path: Path) -> None:
    policy = tmp_path / "mild.yaml"
    policy.write_text(
        "id: mild\ntitle: Mild\nframework: nist_ai_rmf_1_0\nrules:\n"
        f"  - {{id: gap, metric: {PROBE}.matched_accuracy_gap, at_most: 0.9, severity: high,\n"
        "     controls: [MEASURE 2.11], because: Some., origin: {kind: house, text: Ours.}}\n"
    )
    done = vlaudit("report", run, "--policy", policy, "--output", tmp_path / "out")
    assert done.exit_code == 0, done.output
    text = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "Nothing stands against it: all 1 rule that must hold do." in text


def test_cards_are_printed_or_written(run: Path, tmp_path: Path) -> None:
    printed = vlaudit("card", "model", run)
    assert printed.exit_code == 0, printed.output
    assert printed.output.startswith("---\n")
    done = vlaudit("card", "model", run, "--output", tmp_path / "README.md")
    assert done.exit_code == 0, done.output
    assert ModelCard.load(tmp_path / "README.md").content == printed.output
    done = vlaudit("card", "dataset", run, "--output", tmp_path / "data" / "README.md")
    assert done.exit_code == 0, done.output
    assert "Dataset Card for d" in DatasetCard.load(tmp_path / "data" / "README.md").text


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    done = vlaudit("report", tmp_path)
    assert done.exit_code == 2
    assert "is not a run folder" in done.output
    assert vlaudit("card", "modle", tmp_path).exit_code == 2
