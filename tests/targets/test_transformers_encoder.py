"""The target gives the numbers that a plain transformers loop gives."""

import shutil
import sys
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from PIL import Image

from tests.targets.conftest import MAKERS, FolderMaker, tokenizer, transformers
from vlaudit import targets
from vlaudit.core.config import TargetConfig
from vlaudit.core.errors import InputError, MissingExtraError, TargetError
from vlaudit.core.target import Ability, DualEncoder, GivesGradients
from vlaudit.targets import LoadedTarget

TEXTS = ["a photo of a cat", "two", "", "a " * 40]
PADDING: dict[str, dict[str, Any]] = {
    "clip": {"padding": True},
    "siglip": {"padding": "max_length"},
    "siglip2": {"padding": "max_length", "patch_size": 8, "max_num_patches": 16},
    "align": {"padding": "max_length"},
}


def load(folder: Path, **settings: Any) -> LoadedTarget:
    return targets.load(TargetConfig(model=str(folder), **settings), base=Path())


@pytest.mark.parametrize("kind", list(MAKERS))
def test_scores_equal_those_of_plain_transformers(
    make_folder: FolderMaker, images: list[Image.Image], kind: str
) -> None:
    folder = make_folder(kind)
    model: Any = transformers.AutoModel.from_pretrained(folder).eval()
    processor: Any = transformers.AutoProcessor.from_pretrained(folder)
    given = processor(
        images=images, text=TEXTS, truncation=True, max_length=16, return_tensors="pt",
        **PADDING[kind],
    )  # fmt: skip
    with torch.no_grad():
        expected = model(**given).logits_per_image.numpy()
    assert np.ptp(expected) > 0.1

    loaded = load(folder, batch_size=2)
    target = cast("DualEncoder", loaded.target)
    np.testing.assert_allclose(target.score_pairs(images, TEXTS), expected, atol=1e-5)
    served = target.scores(target.embed_images(images), target.embed_texts(TEXTS))
    np.testing.assert_allclose(served, expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(target.embed_images(images), axis=1), 1, atol=1e-5)
    if Ability.GIVES_GRADIENTS in loaded.facts.abilities:
        differentiable = cast("GivesGradients", target)
        scores = differentiable.pixel_scores(differentiable.pixels(images), TEXTS)
        np.testing.assert_allclose(scores.numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["clip", "siglip", "align"])
def test_pixels_are_what_the_user_sees_and_have_gradients(
    make_folder: FolderMaker, kind: str
) -> None:
    """A picture of the model's own size comes back unchanged; slopes are finite differences."""
    rng = np.random.default_rng(1)
    seen = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    target = cast("GivesGradients", load(make_folder(kind)).target)
    pixels = target.pixels([Image.fromarray(seen)])
    np.testing.assert_allclose(pixels[0].permute(1, 2, 0).numpy(), seen / 255, atol=1e-6)
    pixels.requires_grad_()
    (slope,) = torch.autograd.grad(target.pixel_scores(pixels, TEXTS[:1]).sum(), pixels)
    step = torch.randn(pixels.shape, generator=torch.Generator().manual_seed(0)) * 1e-3
    with torch.no_grad():
        moved = target.pixel_scores(pixels + step, TEXTS[:1])
        back = target.pixel_scores(pixels - step, TEXTS[:1])
    assert float((slope * step).sum()) == pytest.approx(float(moved - back) / 2, rel=0.05)


def test_a_model_that_pads_patches_has_no_gradients_and_says_why(make_folder: FolderMaker) -> None:
    facts = load(make_folder("siglip2")).facts
    assert Ability.GIVES_GRADIENTS not in facts.abilities
    assert "rectangle of pixels" in facts.lacks[Ability.GIVES_GRADIENTS]
    assert "writes none" in facts.lacks[Ability.WRITES_TEXT]


def test_the_fingerprint_is_of_the_content_not_of_the_place(
    make_folder: FolderMaker, tmp_path: Path
) -> None:
    folder = make_folder("clip")
    copy = shutil.copytree(folder, tmp_path / "elsewhere")
    before = load(folder).facts
    assert load(Path(f"local-dir:{copy}")).facts.fingerprint == before.fingerprint
    assert load(Path(f"transformers:{copy}")).facts.fingerprint == before.fingerprint
    assert load(make_folder("clip", seed=1)).facts.fingerprint != before.fingerprint
    shaping = copy / "processor_config.json"
    shaping.write_text(shaping.read_text().replace("0.48145466", "0.5"))
    assert load(copy).facts.fingerprint != before.fingerprint
    assert before.kind == "transformers dual encoder"
    assert before.details["architecture"] == "CLIPModel"


def test_half_precision_is_close_and_said(
    make_folder: FolderMaker, images: list[Image.Image]
) -> None:
    folder = make_folder("clip")
    exact, coarse = load(folder), load(folder, precision="bf16")
    assert (exact.facts.precision, coarse.facts.precision) == ("fp32", "bf16")
    wanted = cast("DualEncoder", exact.target).embed_images(images)
    given = cast("DualEncoder", coarse.target).embed_images(images)
    assert float((wanted * given).sum(axis=1).min()) > 0.99


def test_pickled_weights_are_refused_or_become_a_finding(
    make_folder: FolderMaker, tmp_path: Path
) -> None:
    from safetensors.torch import load_file

    folder = shutil.copytree(make_folder("clip"), tmp_path / "pickled")
    weights = folder / "model.safetensors"
    torch.save(load_file(weights), folder / "pytorch_model.bin")
    assert not load(folder).findings
    weights.unlink()
    with pytest.raises(TargetError, match=r"pytorch_model\.bin.*--allow-pickle"):
        load(folder)
    loaded = load(folder, allow_pickle=True)
    assert [(finding.kind, finding.where) for finding in loaded.findings] == [
        ("unsafe_weights", "pytorch_model.bin")
    ]
    assert loaded.facts.fingerprint == load(make_folder("clip")).facts.fingerprint


def test_code_of_the_repository_runs_only_when_asked_for_and_is_a_finding(
    make_folder: FolderMaker, tmp_path: Path
) -> None:
    folder = shutil.copytree(make_folder("clip"), tmp_path / "coded")
    ran = tmp_path / "ran"
    (folder / "own.py").write_text(
        "from pathlib import Path\n"
        "from transformers import CLIPConfig, CLIPModel\n"
        f"Path({str(ran)!r}).touch()\n"
        "class Config(CLIPConfig):\n    model_type = 'own_clip'\n"
        "class Model(CLIPModel):\n    config_class = Config\n"
    )
    settings = folder / "config.json"
    settings.write_text(
        settings.read_text()
        .replace('"model_type": "clip",', '"model_type": "own_clip",', 1)
        .replace("{", '{"auto_map": {"AutoConfig": "own.Config", "AutoModel": "own.Model"},', 1)
    )
    with pytest.raises(TargetError, match="trust_remote_code"):
        load(folder)
    assert not ran.exists()
    loaded = load(folder, trust_remote_code=True)
    assert ran.exists()
    assert [(finding.kind, finding.where) for finding in loaded.findings] == [
        ("remote_code", "own.py")
    ]


def _without_a_weight(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    kept = load_file(folder / "model.safetensors")
    del kept["logit_scale"]
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})


def _of_another_width(folder: Path) -> None:
    settings = folder / "config.json"
    settings.write_text(settings.read_text().replace('"hidden_size": 16', '"hidden_size": 32'))


def _damaged(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"nonsense")


def _without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _without_processor(folder: Path) -> None:
    (folder / "processor_config.json").unlink()


def _unknown_type(folder: Path) -> None:
    settings = folder / "config.json"
    settings.write_text(settings.read_text().replace('"model_type": "clip"', '"model_type": "x"'))


def _broken_config(folder: Path) -> None:
    (folder / "config.json").write_text("{")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_without_a_weight, "another architecture.*missing: logit_scale"),
        (_of_another_width, "another architecture"),
        (_damaged, "deserializing header"),
        (_without_weights, "holds no weights"),
        (_without_processor, "image processor"),
        (_unknown_type, "model type `x`"),
        (_broken_config, "not a valid JSON"),
    ],
)
def test_a_folder_that_cannot_be_loaded_says_why(
    make_folder: FolderMaker, tmp_path: Path, spoil: Any, said: str
) -> None:
    folder = shutil.copytree(make_folder("clip"), tmp_path / "spoiled")
    spoil(folder)
    with pytest.raises(TargetError, match=said) as caught:
        load(folder)
    assert str(caught.value).startswith("target ")
    assert len(str(caught.value)) < 900


def test_a_model_that_is_no_dual_encoder_is_refused(tmp_path: Path) -> None:
    small = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}
    transformers.ViTModel(
        transformers.ViTConfig(**small, num_attention_heads=2, image_size=32)
    ).save_pretrained(tmp_path)
    transformers.CLIPProcessor(transformers.CLIPImageProcessor(), tokenizer()).save_pretrained(
        tmp_path
    )
    with pytest.raises(TargetError, match="ViTModel is neither a dual encoder"):
        load(tmp_path)


def test_names_that_are_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(InputError, match="neither a folder nor a model of the Hub"):
        targets.load(TargetConfig(model="transformers:nowhere"), base=tmp_path)
    with pytest.raises(InputError, match=r"no config\.json"):
        targets.load(TargetConfig(model=f"transformers:{tmp_path}"), base=Path())


def test_a_missing_library_names_the_extra(
    make_folder: FolderMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder("clip")
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'vlaudit\[hf\]'"):
        load(folder)
