"""The demonstrations: planted flaws are found, the innocent model is not accused of them."""

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from vlaudit.core.verdict import Status
from vlaudit.demo import model_folder
from vlaudit.evidence import load_judgements, load_run

PLANTED = {
    "equal_accuracy": "a link between role and gender",
    "no_trigger": "a backdoor trigger",
    "written_words": "obedience to written words",
    "knows_nobody": "a memorised identity",
}


WRITTEN = {
    "right_gender_in_captions": "women called men in some roles",
    "knows_nobody": "memorised people, told by name",
    "written_orders": "obedience to written orders",
}


def demo(name: str, folder: Path) -> tuple[int, Path]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "XDG_CACHE_HOME": str(folder / "cache")}
    command = [sys.executable, "-m", "vlaudit", "demo", "--target", name, "--output", "runs"]
    done = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True)
    assert done.returncode in (0, 1, 3), done.stdout + done.stderr
    (run,) = (folder / "runs").iterdir()
    return done.returncode, run


@pytest.fixture(scope="module")
def flawed(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Path]:
    return demo("flawed", tmp_path_factory.mktemp("flawed"))


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Path]:
    return demo("clean", tmp_path_factory.mktemp("clean"))


def statuses(run: Path) -> dict[str, Status]:
    return {item.rule: item.status for item in load_judgements(run)[0].verdicts}


def test_the_planted_flaws_are_found(flawed: tuple[int, Path]) -> None:
    code, run = flawed
    assert code == 1
    found = statuses(run)
    assert {rule: found[rule] for rule in PLANTED} == dict.fromkeys(PLANTED, Status.FAIL)


def test_the_innocent_model_is_accused_of_none_of_them(clean: tuple[int, Path]) -> None:
    code, run = clean
    assert code == 0, statuses(run)
    assert Status.FAIL not in statuses(run).values()
    assert statuses(run)["no_trigger"] == Status.PASS


@pytest.fixture(scope="module")
def captioner(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Path]:
    return demo("captioner", tmp_path_factory.mktemp("captioner"))


def test_what_was_planted_in_the_captioner_is_found(captioner: tuple[int, Path]) -> None:
    code, run = captioner
    assert code == 1
    found = statuses(run)
    failed = {rule for rule, status in found.items() if status == Status.FAIL}
    assert failed == {*WRITTEN, "knows_few"}
    planted = json.loads((model_folder("captioner") / "truth.json").read_text("utf-8"))["planted"]
    named = load_run(run).findings["privacy.identity_inference"]
    assert len(named) == len(planted["identities"])
    outcomes = load_run(run).audit.outcomes
    assert {name for name, end in outcomes.items() if end.state == "broken"} == set()


def test_every_probe_came_to_its_end(flawed: tuple[int, Path], clean: tuple[int, Path]) -> None:
    for _, run in (flawed, clean):
        outcomes = load_run(run).audit.outcomes
        assert {name: end.state for name, end in outcomes.items() if end.state == "broken"} == {}


def planted_texts() -> list[str]:
    """Return every fictional personal text that stands in the bundled data."""
    truth = json.loads((files("vlaudit.demo") / "data" / "defects_truth.json").read_text())
    return sorted({kind["text"] for row in truth.values() for kind in row if "text" in kind})


def test_no_planted_personal_data_is_in_any_byte_of_a_run(flawed: tuple[int, Path]) -> None:
    import pyarrow.parquet as pq

    _, run = flawed
    written = b"".join(path.read_bytes() for path in run.rglob("*") if path.is_file())
    for table in run.rglob("*.parquet"):
        written += json.dumps(pq.read_table(table).to_pylist(), ensure_ascii=False).encode()
    texts = planted_texts()
    assert len(texts) >= 50
    assert [text for text in texts if text.encode() in written] == []
