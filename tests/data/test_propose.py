"""What `vlaudit init --data` finds."""

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from vlaudit.cli import build
from vlaudit.core.dataset import Columns
from vlaudit.core.errors import InputError
from vlaudit.data.propose import propose
from vlaudit.reading.config import read_config


@pytest.fixture
def photos(tmp_path: Path, pictures: list[str]) -> Path:
    rows = 20
    table = pd.DataFrame(
        {
            "file_name": [pictures[row % 5].removeprefix("img/") for row in range(rows)],
            "text": [f"caption, {row}" for row in range(rows)],
            "gender": ["f", "m"] * 10,
            "Split": ["train"] * 15 + ["Test"] * 5,
            "city: [x]": ["Köln"] * 12 + ["Ulm"] * 8,
            "rare": ["a"] * 19 + ["b"],
            "number": range(rows),
        }
    )
    table.to_csv(tmp_path / "img" / "metadata.csv", index=False)
    return tmp_path


def test_roles_groups_and_the_split_for_evaluation(photos: Path) -> None:
    found = propose("img", base=photos)
    assert found.rows == 20
    assert found.columns == Columns(
        image="file_name", caption="text", groups=("gender",), split="Split"
    )
    assert found.evaluate_on == "Test"
    assert found.candidates == {"city: [x]": ["Köln", "Ulm"]}


def test_the_configuration_that_init_writes_can_be_read(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(photos)
    done = CliRunner().invoke(build(), ["init", "audit.yaml", "--data", "img"])
    assert done.exit_code == 0, done.output
    assert "found 20 rows" in done.output
    assert "could be groups too: city: [x] (Köln, Ulm)" in done.output
    config = read_config(photos / "audit.yaml")
    assert config.data.columns == propose("img", base=photos).columns
    assert config.data.evaluate_on == "Test"


def test_data_that_cannot_be_read_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    done = CliRunner().invoke(build(), ["init", "--data", "empty"])
    assert done.exit_code == 0
    assert "no columns are proposed" in done.output
    assert "holds no pictures" in done.output
    (tmp_path / "empty.csv").write_text("caption\n")
    with pytest.raises(InputError, match="holds no rows"):
        propose("empty.csv", base=tmp_path)


def test_a_name_of_the_hub_is_written_without_looking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(build(), ["init", "--data", "owner/name"])
    assert done.exit_code == 0
    assert "fill in the columns" in done.output
    assert read_config(tmp_path / "vlaudit.yaml").data.source == "owner/name"
    assert "owner/name is taken for a name" in done.output


@pytest.mark.parametrize("source", ["/nowhere/at/all", "./nowhere", "../nowhere"])
def test_a_path_that_leads_nowhere_is_no_name(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(build(), ["init", "--data", source])
    assert done.exit_code == 2
    assert "no such file or folder" in done.output
    assert not (tmp_path / "vlaudit.yaml").exists()
