"""Every example works as it stands, as far as it needs no network."""

import csv
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from ruamel.yaml import YAML
from typer.testing import CliRunner

from vlaudit import registry
from vlaudit.cli import build
from vlaudit.evidence import foreign
from vlaudit.reading.config import read_config
from vlaudit.reading.policy import read_policy

TREE = Path(__file__).resolve().parent.parent
EXAMPLES = TREE / "examples"


def loaded(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text())


def test_the_policy_can_be_used() -> None:
    cards = {**registry.cards(), **foreign.cards()}
    assert read_policy(str(EXAMPLES / "custom_policy" / "policy.yaml"), cards=cards).rules


@pytest.mark.parametrize("name", ["local_model", "hub_model"])
def test_configurations_can_be_read(name: str) -> None:
    config = read_config(EXAMPLES / name / "vlaudit.yaml", cards=registry.cards())
    assert config.data.columns.groups


def test_a_local_model_is_audited(tmp_path: Path, make_model: Callable[..., Path]) -> None:
    config = loaded(EXAMPLES / "local_model" / "vlaudit.yaml")
    config["target"] = {"model": str(make_model())}
    config["probes"]["select"] = ["bias.zero_shot_parity"]
    (tmp_path / "pictures").mkdir()
    rows: list[list[str]] = []
    for index in range(60):
        name = f"{index}.png"
        Image.new("RGB", (32, 32), (4 * index, 90, 200 - 3 * index)).save(
            tmp_path / "pictures" / name
        )
        rows.append([name, "a thing", "ab"[index % 2], "wm"[index // 2 % 2], "test"])
    with (tmp_path / "pictures" / "metadata.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["file_name", "caption", "label", "gender", "split"], *rows])
    with (tmp_path / "vlaudit.yaml").open("w") as stream:
        YAML().dump(config, stream)
    done = CliRunner().invoke(build(), ["run", str(tmp_path / "vlaudit.yaml")])
    assert done.exit_code in {1, 3}, done.output
    assert "report.html" in done.output
    assert list(tmp_path.glob("runs/*/artifacts/vlaudit/embedding_map.parquet"))


def test_python(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = importlib.util.spec_from_file_location("example", EXAMPLES / "python" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(tmp_path)
    assert "bias.zero_shot_parity" in capsys.readouterr().out


def test_adversarial_finetuning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = EXAMPLES / "adversarial_finetuning" / "finetune.py"
    spec = importlib.util.spec_from_file_location("finetune", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    few = ["--steps", "1", "--batch", "2", "--images", "4", "--output", str(tmp_path / "model")]
    module.main(few)
    said = capsys.readouterr().out
    assert said.count("2/255: ") == 2
    assert (tmp_path / "model" / "open_clip_model.safetensors").exists()


def test_the_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = json.loads((EXAMPLES / "notebook" / "audit.ipynb").read_text())
    assert notebook["nbformat"] == 4
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            exec("".join(cell["source"]), names)
    assert names["report"].is_file()
