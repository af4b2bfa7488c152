"""`vlaudit report` and `vlaudit card` work from a run folder alone."""

from pathlib import Path

from huggingface_hub import DatasetCard, ModelCard

from tests.cli.conftest import POLICY, Verb


def test_report_writes_every_document_into_the_run(vlaudit: Verb, run: Path) -> None:
    done = vlaudit("report", run)
    assert done.exit_code == 0, done.output
    names = {"report.html", "report.md", "model_card.md", "dataset_card.md"}
    assert names <= {path.name for path in run.iterdir()}
    assert done.output.count("wrote ") == 4
    assert "30.0%" in (run / "report.html").read_text(encoding="utf-8")


def test_report_writes_elsewhere_and_leaves_the_run_alone(
    vlaudit: Verb, run: Path, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    done = vlaudit("report", run, "--output", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "report.html").is_file()
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


def test_another_policy_judges_the_same_run(vlaudit: Verb, run: Path, tmp_path: Path) -> None:
    policy = tmp_path / "mild.yaml"
    policy.write_text(POLICY.replace("0.1", "0.9"))
    done = vlaudit("report", run, "--policy", policy, "--output", tmp_path / "out")
    assert done.exit_code == 0, done.output
    text = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "Nothing stands against it: all 1 rule that must hold do." in text


def test_cards_are_printed_or_written(vlaudit: Verb, run: Path, tmp_path: Path) -> None:
    printed = vlaudit("card", "model", run)
    assert printed.exit_code == 0, printed.output
    assert printed.output.startswith("---\n")
    done = vlaudit("card", "model", run, "--output", tmp_path / "README.md")
    assert done.exit_code == 0, done.output
    written = tmp_path / "README.md"
    assert written.read_text(encoding="utf-8") == printed.output
    assert ModelCard.load(written).data.to_dict()["tags"] == ["vision", "vlaudit"]
    done = vlaudit("card", "dataset", run, "--output", tmp_path / "data" / "README.md")
    assert done.exit_code == 0, done.output
    assert "Dataset Card for d" in DatasetCard.load(tmp_path / "data" / "README.md").text


def test_what_is_no_run_is_said(vlaudit: Verb, tmp_path: Path) -> None:
    done = vlaudit("report", tmp_path)
    assert done.exit_code == 2
    assert "is not a run folder" in done.output
    assert vlaudit("card", "modle", tmp_path).exit_code == 2
