"""A real OpenAI-compatible server, `transformers serve`, in a process of its own on loopback."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from vlaudit import targets
from vlaudit.core.config import EndpointConfig, GenerationConfig, TargetConfig
from vlaudit.core.target import ChoosesAnswers, ScoresPairs, WritesText
from vlaudit.demo import data_files, model_folder
from vlaudit.demo.lessons import DESCRIBE, GENDER
from vlaudit.demo.rows import read_rows

FOLDER = model_folder("captioner")
PATIENCE = 180.0
WRITTEN = GenerationConfig(max_tokens=16)
KEY = "sk-of-nobody-9876543210"


def free_port() -> int:
    with closing(socket.socket()) as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the server on the folder of the captioner and return its address."""
    home, port = tmp_path_factory.mktemp("home"), free_port()
    script = str(Path(sys.executable).with_name("transformers"))
    place = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"]
    environment = {**os.environ, "HF_HOME": str(home), "HF_HUB_OFFLINE": "1"}
    with (
        (home / "log").open("w") as log,
        subprocess.Popen(
            [script, "serve", str(FOLDER), *place], env=environment, stdout=log, stderr=log
        ) as process,
    ):
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + PATIENCE
        while not answers(address):
            assert process.poll() is None, (home / "log").read_text()
            assert time.monotonic() < deadline, (home / "log").read_text()
            time.sleep(0.5)
        yield address
        process.kill()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=5) as got:
            return bool(got.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def pictures() -> list[Image.Image]:
    return [row.image for row in read_rows(data_files("captioner")[0])[:12]]


def test_a_real_server_answers_what_the_same_model_answers_here(
    server: str, pictures: list[Image.Image], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVE_KEY", KEY)
    endpoint = EndpointConfig(url=f"{server}/v1", key_variable="SERVE_KEY", concurrency=4)
    asked = TargetConfig(model=f"endpoint:{FOLDER}", endpoint=endpoint, generation=WRITTEN)
    remote = targets.load(asked, base=Path(), cache=tmp_path).target
    local = targets.load(TargetConfig(model=str(FOLDER), generation=WRITTEN), base=Path()).target
    for target in (remote, local):
        assert isinstance(target, WritesText)
        assert isinstance(target, ChoosesAnswers)
    assert isinstance(remote, WritesText)
    assert isinstance(local, WritesText)
    prompts = [DESCRIBE, GENDER[0]] * 6
    said = local.write_text(pictures, prompts)
    assert len(set(said)) > 4
    assert remote.write_text(pictures, prompts) == said
    assert isinstance(remote, ChoosesAnswers)
    assert isinstance(local, ChoosesAnswers)
    questions, options = [GENDER[0]] * 12, ["woman", "man"]
    chosen = local.choose_answers(pictures, questions, options)
    assert remote.choose_answers(pictures, questions, options) == chosen
    assert not isinstance(remote, ScoresPairs)
    kept = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert kept
    assert not any(KEY.encode() in file.read_bytes() for file in kept)
