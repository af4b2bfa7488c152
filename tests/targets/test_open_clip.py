"""The target gives the numbers that a plain open_clip loop gives."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

from vlaudit import targets
from vlaudit.core.config import TargetConfig
from vlaudit.targets.open_clip import OpenClipTarget

TEXTS = ["a photo of a cat", "a photo of a dog", ""]
SIGLIP = {"init_logit_bias": -3.0, "init_logit_scale": 1.5, "custom_text": True}


def load(folder: Path) -> OpenClipTarget:
    target = targets.load(TargetConfig(model=str(folder), batch_size=2), base=Path()).target
    assert isinstance(target, OpenClipTarget)
    return target


@pytest.mark.parametrize("overrides", [{}, SIGLIP], ids=["clip", "siglip"])
def test_scores_equal_those_of_plain_open_clip(
    make_model: Callable[..., Path], images: list[Image.Image], overrides: dict[str, object]
) -> None:
    folder = make_model(**overrides)
    made: Any = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    model, _, preprocess = made
    tokenize: Any = open_clip.get_tokenizer(f"local-dir:{folder}")
    model.eval()
    with torch.no_grad():
        batch = torch.stack([preprocess(image) for image in images])
        expected = model.get_logits(batch, tokenize(TEXTS))[0].numpy()

    target = load(folder)
    np.testing.assert_allclose(target.score_pairs(images, TEXTS), expected, atol=2e-5)
    served = target.scores(target.embed_images(images), target.embed_texts(TEXTS))
    np.testing.assert_allclose(served, expected, atol=2e-5)
    through_pixels = target.pixel_scores(target.pixels(images), TEXTS)
    np.testing.assert_allclose(through_pixels.numpy(), expected, atol=2e-5)


def test_pixels_are_what_the_user_sees_and_have_gradients(
    make_model: Callable[..., Path], images: list[Image.Image]
) -> None:
    target = load(make_model())
    pixels = target.pixels(images)
    assert pixels.shape == (3, 3, 32, 32)
    assert 0 <= float(pixels.min()) <= float(pixels.max()) <= 1
    pixels.requires_grad_()
    (slope,) = torch.autograd.grad(target.pixel_scores(pixels, TEXTS).sum(), pixels)
    assert float(slope.abs().max()) > 0


def test_embeddings_have_unit_length(
    make_model: Callable[..., Path], images: list[Image.Image]
) -> None:
    target = load(make_model())
    for matrix in (target.embed_images(images), target.embed_texts(TEXTS)):
        np.testing.assert_allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-5)
        assert matrix.dtype == np.float32
