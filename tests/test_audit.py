"""A whole audit, as a user runs it: from a configuration file to documents and an exit code."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from vlaudit.evidence import load_judgements, load_run

ROWS = 160
LABELS = ("circle", "square")


def vlaudit(
    *arguments: str | Path, cwd: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-m", "vlaudit", *map(str, arguments)]
    variables = {**os.environ, "OMP_NUM_THREADS": "1", **(environment or {})}
    return subprocess.run(command, cwd=cwd, env=variables, text=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path, make_model: Callable[..., Path]) -> Path:
    """Return a folder with a model, pictures with metadata, and a configuration."""
    rng = np.random.default_rng(0)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    lines = ["file_name,caption,label,gender,split"]
    for row in range(ROWS):
        pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(pictures / f"{row}.png")
        label, gender = LABELS[row % 2], ("woman", "man")[row // 2 % 2]
        lines.append(f"{row}.png,a photo of a {label} number {row},{label},{gender},test")
    (pictures / "metadata.csv").write_text("\n".join(lines) + "\n")
    os.symlink(make_model(), tmp_path / "model")
    (tmp_path / "vlaudit.yaml").write_text(
        "target: {model: 'local-dir:model', threads: 1}\n"
        "data:\n  source: pictures\n  evaluate_on: test\n  columns:\n    groups: [gender]\n"
        "probes:\n  settings:\n    adversarial.gradient_attack: {max_images: 16, steps: 5}\n"
        "cache: cache\nself_check: off\n"
    )
    return tmp_path


def only_run(project: Path) -> Path:
    (run,) = (project / "runs").iterdir()
    return run


def test_one_command_measures_judges_and_writes_the_documents(project: Path) -> None:
    done = vlaudit("run", cwd=project)
    assert done.returncode in (0, 1, 3), done.stderr
    run = only_run(project)
    held = {path.name for path in run.iterdir()}
    assert held >= {"run.json", "measurements.parquet", "findings.jsonl", "verdicts.json",
                    "report.html", "report.md", "model_card.md", "dataset_card.md",
                    "MANIFEST.json"}  # fmt: skip
    evidence = load_run(run)
    states = {name: outcome.state for name, outcome in evidence.audit.outcomes.items()}
    assert "broken" not in states.values(), evidence.audit.outcomes
    assert states["bias.zero_shot_parity"] == "measured"
    assert len(load_judgements(run)[0].controls) == 72
    assert evidence.audit.dataset.rows == ROWS

    again = vlaudit("check", run, cwd=project)
    assert again.returncode == done.returncode

    second = vlaudit("run", cwd=project)
    assert f"{ROWS} read back" in second.stderr
    first, other = (sorted((project / "runs").iterdir())[at] for at in (0, 1))
    assert load_run(first).measurements == load_run(other).measurements


def test_killed_at_random_and_resumed_gives_the_same_measurements(project: Path) -> None:
    whole = vlaudit("run", "--output", "whole", cwd=project)
    assert whole.returncode in (0, 1, 3), whole.stderr
    expected = load_run(next((project / "whole").iterdir()))

    run = _killed_run(project, random.Random(7))
    for delay in (0.5, 3.0):
        resumed = subprocess.Popen(
            [sys.executable, "-m", "vlaudit", "resume", str(run)],
            cwd=project,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(delay)
        resumed.send_signal(signal.SIGKILL)
        resumed.wait()
    done = vlaudit("resume", run, cwd=project)
    assert done.returncode == whole.returncode, done.stderr
    assert load_run(run).measurements == expected.measurements
    assert load_run(run).findings == expected.findings


def _killed_run(project: Path, rng: random.Random) -> Path:
    """Start a run and kill it once its first probe has begun."""
    process = subprocess.Popen(
        [sys.executable, "-m", "vlaudit", "run"],
        cwd=project,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not list((project / "runs").glob("*/run.json")):
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.02)
    time.sleep(rng.uniform(0.1, 1.0))
    process.send_signal(signal.SIGKILL)
    process.wait()
    return only_run(project)


def _listen_to_interrupts() -> None:
    """Undo what a shell does to commands in the background, which are deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interrupted_run_says_so_and_can_be_resumed(project: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "vlaudit", "run"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_listen_to_interrupts,
    )
    while not list((project / "runs").glob("*/run.json")):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    # A library may hold the signal at that moment and end the process by it: 130 to any shell.
    assert process.returncode in (130, -signal.SIGINT), said
    assert "resume" in said or process.returncode < 0
    assert "Traceback" not in said
    assert vlaudit("resume", only_run(project), cwd=project).returncode in (0, 1, 3)


def test_a_changed_model_or_dataset_is_not_resumed(
    project: Path, make_model: Callable[..., Path]
) -> None:
    os.symlink(make_model(seed=5), project / "other")
    with (project / "vlaudit.yaml").open("a") as config:
        config.write("reference: {model: 'local-dir:other'}\n")
    vlaudit("run", "--probe", "bias", cwd=project)
    run = only_run(project)
    known = load_run(run).audit
    assert known.reference is not None
    assert known.reference.fingerprint != known.target.fingerprint
    for link, said in (("other", "`reference` has changed"), ("model", "the model has changed")):
        (project / link).unlink()
        os.symlink(make_model(seed=9), project / link)
        done = vlaudit("resume", run, cwd=project)
        assert done.returncode == 2
        assert said in done.stderr


def test_damaged_pictures_are_quarantined_and_the_audit_goes_on(project: Path) -> None:
    pictures = project / "pictures"
    (pictures / "3.png").write_bytes((pictures / "3.png").read_bytes()[:200])
    (pictures / "4.png").write_bytes(b"not a picture")
    (pictures / "5.png").write_bytes(b"")
    done = vlaudit("run", "--probe", "bias", cwd=project)
    assert done.returncode in (0, 1, 3), done.stderr
    evidence = load_run(only_run(project))
    assert sum(evidence.audit.dataset.quarantined.values()) == 3
    named = [item for item in evidence.findings["vlaudit"] if item.kind == "unreadable_picture"]
    assert len(named) == 3
    report = (only_run(project) / "report.html").read_text()
    assert "quarantine" in report.lower() or "unreadable" in report.lower()


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (("model: 'local", "modle: 'local"), 2, "did you mean"),
        (("local-dir:model", "local-dir:nowhere"), 2, "not an open_clip folder"),
        (("groups: [gender]", "groups: [gendre]"), 2, "gendre"),
        (("groups: [gender]", "caption: captoin"), 2, "captoin"),
        (("source: pictures", "source: nowhere"), 2, "nowhere"),
        (("evaluate_on: test", "evaluate_on: tset"), 2, "tset"),
        (("cache: cache", "cache: cache\npolicy: relase"), 2, "relase"),
        (("cache: cache", "cache: cache\nsede: 3"), 2, "did you mean"),
        (("max_images: 16", "max_imges: 16"), 2, "max_imges"),
        (("cache: cache", "cache: cache\noutput: vlaudit.yaml"), 2, "cannot write"),
    ],
)
def test_bad_input_says_what_where_and_what_to_do(
    project: Path, change: tuple[str, str], code: int, said: str
) -> None:
    config = project / "vlaudit.yaml"
    config.write_text(config.read_text().replace(*change))
    done = vlaudit("run", cwd=project)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_config_that_is_not_there(tmp_path: Path) -> None:
    for arguments in (["run"], ["run", "nothing.yaml"], ["plan"], ["check", "nowhere"]):
        done = vlaudit(*arguments, cwd=tmp_path)
        assert done.returncode == 2, done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (["0.png,c,circle,woman,test", "1.png,c,square,woman,test"], "group"),
        (["0.png,c,circle,woman,test", "1.png,c,circle,man,test"], "class"),
    ],
)
def test_data_that_cannot_decide_is_not_measured(
    project: Path, rows: list[str], reason: str
) -> None:
    header = "file_name,caption,label,gender,split"
    (project / "pictures" / "metadata.csv").write_text("\n".join([header, *rows]) + "\n")
    done = vlaudit("run", "--probe", "bias.zero_shot_parity", cwd=project)
    assert done.returncode == 3, done.stderr
    outcome = load_run(only_run(project)).audit.outcomes["bias.zero_shot_parity"]
    assert outcome.state == "skipped"


def test_an_empty_dataset_is_refused(project: Path) -> None:
    (project / "pictures" / "metadata.csv").write_text("file_name,caption,label,gender,split\n")
    done = vlaudit("run", cwd=project)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr


def test_the_environment_comes_before_the_file_and_flags_before_both(project: Path) -> None:
    environment = {"VLAUDIT_SEED": "5", "VLAUDIT_OUTPUT": "elsewhere"}
    done = vlaudit(
        "run", "--probe", "privacy", "--output", "here", cwd=project, environment=environment
    )
    assert done.returncode in (0, 1, 3), done.stderr
    (run,) = (project / "here").iterdir()
    assert load_run(run).audit.config.seed == 5


def test_the_probes_are_tried_on_the_same_rows_and_nothing_is_written_back(project: Path) -> None:
    def files() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (project / "pictures").iterdir()}

    before = files()
    vlaudit("run", "--probe", "bias.zero_shot_parity", "--self-check", "quick", cwd=project)
    run = only_run(project)
    assert files() == before
    check = load_run(run).self_checks["bias.zero_shot_parity"]
    assert [rerun.kind for rerun in check.reruns] == ["innocent"] * 10 + ["planted"] * 3
    assert json.loads((run / "MANIFEST.json").read_text())["sha256"]["self_check.json"]
    verdicts = {item.rule: item for item in load_judgements(run)[0].verdicts}
    tried = verdicts["equal_accuracy"].tried
    assert tried is not None
    assert (tried.innocent, tried.planted, tried.alarms) == (10, 3, 0)
    assert "Tried on these very rows" in (run / "report.md").read_text()


def test_the_tables_are_plain_parquet_and_json(project: Path) -> None:
    vlaudit("run", "--probe", "bias", cwd=project)
    run = only_run(project)
    table = pq.read_table(run / "measurements.parquet").to_pandas()
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    assert (table["samples"] > 0).all()
    manifest = json.loads((run / "MANIFEST.json").read_text())
    assert set(manifest["sha256"]) == {
        path.relative_to(run).as_posix()
        for path in run.rglob("*")
        if path.is_file() and path.name != "MANIFEST.json"
    }


def test_help_is_quick_and_imports_no_heavy_library() -> None:
    script = (
        "import sys; from vlaudit.cli import build\n"
        "try: build()(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'pandas', 'datasets', 'open_clip', 'art', 'presidio_analyzer', 'scipy',"
        " 'pydantic', 'numpy'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], text=True, capture_output=True)
    assert "HEAVY []" in done.stdout, done.stdout + done.stderr
