"""Defences by changes of the picture: what they do, and that attacks through them work."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from vlaudit.perturb.gradient.ball import LinfBall
from vlaudit.perturb.gradient.defences import DEFENCES, QUALITY, defended, jpeg
from vlaudit.perturb.gradient.ensemble import ApgdEnsemble
from vlaudit.perturb.gradient.oracle import Oracle, right


def smooth(count: int) -> Tensor:
    """Return pictures without fine detail, of whole levels."""
    coarse = torch.rand((count, 3, 4, 4), generator=torch.Generator().manual_seed(0))
    large = torch.nn.functional.interpolate(coarse, (32, 32), mode="bicubic").clamp(0, 1)
    return (large * 255).round() / 255


@pytest.mark.parametrize("name", DEFENCES)
def test_a_defence_keeps_the_picture_about_as_it_is_and_lets_gradients_through(name: str) -> None:
    change, _ = DEFENCES[name]
    pixels = smooth(3).requires_grad_()
    seen = change(pixels, torch.Generator().manual_seed(1))
    assert seen.shape == pixels.shape
    assert float(seen.detach().min()) > -0.1
    (gradient,) = torch.autograd.grad(seen.square().sum(), pixels)
    assert float(gradient.abs().sum()) > 0
    if name != "random size and place":
        assert float((seen - pixels).detach().abs().mean()) < 0.06


def test_jpeg_is_that_of_a_file() -> None:
    pixels = smooth(1)
    file = io.BytesIO()
    drawn = (pixels[0] * 255).byte().permute(1, 2, 0).numpy()
    Image.fromarray(drawn).save(file, "JPEG", quality=QUALITY)
    seen = jpeg(pixels, torch.Generator())[0].permute(1, 2, 0).numpy() * 255
    assert np.abs(seen - np.asarray(Image.open(file))).max() < 1e-2


@pytest.mark.parametrize("name", DEFENCES)
def test_an_attack_that_knows_the_defence_breaks_a_linear_model_behind_it(name: str) -> None:
    weights = smooth(2).flatten(1) - 0.5
    towards = 0.3 * (weights - weights.flip(0)).reshape(2, 3, 32, 32)

    def scores(pixels: Tensor) -> Tensor:
        return (pixels - 0.5).flatten(1) @ weights.T

    change, draws = DEFENCES[name]
    oracle = defended(Oracle(scores, batch_size=8), change, draws, torch.Generator().manual_seed(2))
    clean, labels = ((0.5 + towards) * 255).round() / 255, torch.tensor([0, 1])
    assert right(oracle.logits(clean), labels).all()
    attempt = ApgdEnsemble(20)(
        oracle, clean, labels, LinfBall(64 / 255), generator=torch.Generator().manual_seed(3),
        progress=lambda _: None,
    )  # fmt: skip
    assert attempt.won.all()
