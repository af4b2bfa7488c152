"""Models load from where users keep them, safely, or say why not."""

import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from vlaudit import targets
from vlaudit.core.config import TargetConfig
from vlaudit.core.errors import InputError, MissingExtraError, TargetError, VlauditError


class Runs:
    """Runs code when unpickled."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return (print, ("code ran",))


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with RN50 weights as safetensors, weights_only and pickled module."""
    from open_clip import create_model

    folder = tmp_path_factory.mktemp("checkpoints")
    model = create_model("RN50")
    state = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(state, folder / "plain.safetensors")
    torch.save(state, folder / "plain.pt")
    torch.save(model, folder / "module.pt")
    (folder / "evil.pt").write_bytes(pickle.dumps(Runs()))
    (folder / "empty.safetensors").write_bytes(b"")
    return folder


def test_an_architecture_with_a_checkpoint(checkpoints: Path) -> None:
    config = TargetConfig(model="RN50", pretrained="plain.safetensors")
    loaded = targets.load(config, base=checkpoints)
    assert loaded.facts.parameters == 102_007_137
    assert loaded.facts.device in ("cpu", "cuda")
    assert loaded.facts.precision == "fp32"
    assert {str(ability) for ability in loaded.facts.abilities} == {
        "embeds_images", "embeds_texts", "scores_pairs", "gives_gradients",
    }  # fmt: skip
    other = targets.load(config.model_copy(update={"pretrained": "plain.pt"}), base=checkpoints)
    assert other.facts.fingerprint == loaded.facts.fingerprint
    assert not other.findings


def test_a_local_folder_by_prefix_or_by_path(make_model: Callable[..., Path]) -> None:
    folder = make_model()
    by_prefix = targets.load(TargetConfig(model=f"local-dir:{folder}"), base=Path())
    by_path = targets.load(TargetConfig(model=folder.name), base=folder.parent)
    assert by_prefix.facts.fingerprint == by_path.facts.fingerprint
    other = targets.load(TargetConfig(model=str(make_model(seed=1))), base=Path())
    assert other.facts.fingerprint != by_path.facts.fingerprint


def test_a_pickle_is_refused(checkpoints: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("module.pt", "evil.pt"):
        with pytest.raises(TargetError, match=r"pickle that can run code.*--allow-pickle"):
            targets.load(TargetConfig(model="RN50", pretrained=name), base=checkpoints)
    assert "code ran" not in capsys.readouterr().out


def test_a_pickle_that_is_allowed_becomes_a_finding(checkpoints: Path) -> None:
    config = TargetConfig(model="RN50", pretrained="module.pt", allow_pickle=True)
    loaded = targets.load(config, base=checkpoints)
    plain = targets.load(TargetConfig(model="RN50", pretrained="plain.pt"), base=checkpoints)
    assert loaded.facts.fingerprint == plain.facts.fingerprint
    assert [finding.kind for finding in loaded.findings] == ["unsafe_weights"]


@pytest.mark.parametrize(
    ("model", "pretrained", "said"),
    [
        ("RN5", "openai", "no architecture 'RN5'; did you mean RN50"),
        ("RN50", None, "target.pretrained is missing"),
        ("RN50", "opnai", "did you mean openai"),
        ("RN101", "plain.pt", "of another architecture"),
        ("plain.pt", None, "is a checkpoint; name its architecture"),
        ("local-dir:nowhere", None, "is not an open_clip folder"),
        ("openai/clip-tiny", None, "a model of the Hub is transformers:OWNER/NAME"),
        ("RN50", "empty.safetensors", "header too small"),
    ],
)
def test_what_cannot_be_loaded_says_why(
    checkpoints: Path, model: str, pretrained: str | None, said: str
) -> None:
    with pytest.raises(VlauditError, match=said.replace(".", r"\.")):
        targets.load(TargetConfig(model=model, pretrained=pretrained), base=checkpoints)


def test_a_folder_without_weights_is_not_audited_at_random(
    make_model: Callable[..., Path],
) -> None:
    folder = make_model(seed=5)
    weights = folder / "open_clip_model.safetensors"
    kept = load_file(weights)
    weights.unlink()
    with pytest.raises(TargetError, match="pretrained weights"):
        targets.load(TargetConfig(model=str(folder)), base=Path())
    del kept["logit_scale"]
    save_file(kept, weights)
    with pytest.raises(TargetError, match="of another architecture"):
        targets.load(TargetConfig(model=str(folder)), base=Path())


def test_a_device_that_is_not_there(make_model: Callable[..., Path]) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    with pytest.raises(InputError, match="no CUDA device"):
        targets.load(TargetConfig(model=str(make_model()), device="cuda"), base=Path())


def test_a_tokenizer_of_an_extra_names_the_extra(
    make_model: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = {"context_length": 16, "width": 16, "heads": 2, "layers": 1}
    folder = make_model(text_cfg={**text, "hf_tokenizer_name": "nobody/nothing"})
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'vlaudit\[hf\]'"):
        targets.load(TargetConfig(model=str(folder)), base=Path())
