from pathlib import Path

import pytest

from vlaudit import demo
from vlaudit.core.errors import InputError


@pytest.mark.parametrize("name", demo.ENCODERS)
def test_every_model_folder_is_one_that_open_clip_takes(name: str) -> None:
    folder = demo.model_folder(name)
    names = {path.name for path in folder.iterdir()}
    assert {"open_clip_config.json", "open_clip_model.safetensors", "truth.json"} <= names


@pytest.mark.parametrize("name", list(demo.DATA))
def test_every_data_file_is_there(name: str) -> None:
    assert all(path.is_file() for path in demo.data_files(name))


@pytest.mark.parametrize("name", demo.CONFIGS)
def test_every_configuration_is_there(name: str) -> None:
    assert f"reference:{name}" in demo.config_file(name).read_text("utf-8")


def test_an_unknown_name_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(InputError, match="did you mean 'flawed'"):
        demo.model_folder("flawd")
    with pytest.raises(InputError, match="there are clean, flawed, identities, captioner"):
        demo.data_files("xyz")


def _size(path: Path) -> float:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) / 1e6


def test_what_is_bundled_is_small() -> None:
    assert _size(demo.data_files("clean")[0].parent) <= 11
    for name in demo.MODELS:
        assert _size(demo.model_folder(name)) <= 12
