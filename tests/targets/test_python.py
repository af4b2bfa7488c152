"""Targets from Python code are held to what their abilities promise."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vlaudit import targets
from vlaudit.core.config import TargetConfig
from vlaudit.core.errors import InputError, TargetError, VlauditError
from vlaudit.core.target import Ability, ScoresPairs
from vlaudit.targets.conformance import broken_promises

MODULE = '''
import numpy as np

class Mean:
    """Scores a picture by its brightness."""
    name, fingerprint = "mean", "0" * 64
    def __init__(self, factor=1.0):
        self.factor = factor
    def score_pairs(self, images, texts):
        bright = [np.asarray(image).mean() for image in images]
        return np.outer(bright, [len(text) for text in texts]).astype(np.float32) * self.factor

class Wrong(Mean):
    def score_pairs(self, images, texts):
        return np.zeros((len(texts), len(images)))
    def write_text(self, images, prompts):
        raise KeyError("no words")
    def embed_images(self, images):
        return np.full((len(images), 4), np.nan, dtype=np.float32)
    def embed_texts(self, texts):
        return np.ones((len(texts), 4), dtype=np.float32)

class Mute:
    name, fingerprint = "mute", "1" * 64

def broken():
    raise ZeroDivisionError("at home")

number = 5
'''


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    import sys

    (tmp_path / "own_targets.py").write_text(MODULE)
    (tmp_path / "unimportable.py").write_text("1 / 0")
    yield tmp_path
    sys.modules.pop("own_targets", None)


def test_a_callable_beside_the_configuration_is_called_with_its_options(folder: Path) -> None:
    config = TargetConfig(model="python:own_targets:Mean", options={"factor": 2.0})
    loaded = targets.load(config, base=folder)
    assert isinstance(loaded.target, ScoresPairs)
    scores = loaded.target.score_pairs([Image.new("RGB", (4, 4), (10, 10, 10))], ["ab"])
    np.testing.assert_allclose(scores, [[40.0]])
    assert loaded.facts.abilities == (Ability.SCORES_PAIRS,)
    assert loaded.facts.details["class"] == "own_targets.Mean"
    assert "no such method" in loaded.facts.lacks[Ability.GIVES_GRADIENTS]


@pytest.mark.parametrize(
    ("model", "error", "said"),
    [
        ("python:own_targets", InputError, "must read python:MODULE:CALLABLE"),
        ("python:nowhere_at_all:f", InputError, "no module 'nowhere_at_all'"),
        ("python:own_targets:absent", InputError, "own_targets has no 'absent'"),
        ("python:own_targets:number", InputError, "cannot be called"),
        ("python:unimportable:f", TargetError, "ZeroDivisionError"),
        ("python:own_targets:broken", TargetError, "ZeroDivisionError: at home"),
        ("python:own_targets:Mute", TargetError, "has no ability"),
        ("python:builtins:dict", TargetError, "a dict is no target"),
        ("plugin:nobody", InputError, "no plug-in 'nobody' is installed"),
    ],
)
def test_what_is_no_target_says_why(
    folder: Path, model: str, error: type[VlauditError], said: str
) -> None:
    with pytest.raises(error, match=said):
        targets.load(TargetConfig(model=model), base=folder)


def test_every_broken_promise_is_listed(folder: Path) -> None:
    with pytest.raises(TargetError) as caught:
        targets.load(TargetConfig(model="python:own_targets:Wrong"), base=folder)
    said = str(caught.value)
    assert "score_pairs returned a float64 array of shape (3, 2), not a float32 matrix" in said
    assert "write_text raised KeyError" in said
    assert "embed_images returned values that are not finite" in said
    assert "embed_texts returned embeddings that are not of length 1" in said


def test_options_that_the_callable_does_not_know(folder: Path) -> None:
    config = TargetConfig(model="python:own_targets:Mean", options={"fcator": 2.0})
    with pytest.raises(TargetError, match=r"target\.options \(fcator\) raised TypeError"):
        targets.load(config, base=folder)


def test_an_installed_plug_in_is_found_by_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = folder / "own_targets-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: own-targets\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[vlaudit.targets]\nmean = own_targets:Mean\n")
    monkeypatch.syspath_prepend(folder)
    loaded = targets.load(TargetConfig(model="plugin:mean"), base=Path())
    assert loaded.facts.kind == "plug-in target"
    with pytest.raises(InputError, match=r"no plug-in 'men' is installed .*mean"):
        targets.load(TargetConfig(model="plugin:men"), base=Path())


def test_our_own_targets_keep_every_promise(make_model: Callable[..., Path], coca: Path) -> None:
    for folder in (make_model(), coca):
        target = targets.load(TargetConfig(model=str(folder)), base=Path()).target
        assert not list(broken_promises(target))
