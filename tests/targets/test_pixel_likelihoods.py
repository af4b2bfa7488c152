"""Words weighed from pixels, and the probes that ask models of transformers about orders."""

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from PIL import Image

from tests.targets.writers import WRITERS
from vlaudit import registry, targets
from vlaudit.core.config import GenerationConfig, TargetConfig
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import WeighsTokens, WritesText
from vlaudit.perturb.gradient.spoken import WritesFromPixels
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.memory import MemoryDataset


@pytest.fixture(scope="module", params=["llava", "blip", "smolvlm"])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp(request.param)
    torch.manual_seed(0)
    model, processor = WRITERS[request.param]()
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    brief = GenerationConfig(max_tokens=4)
    config = TargetConfig(model=str(folder), device="cpu", generation=brief)
    return targets.load(config, base=Path()).target


def test_the_likelihood_of_words_follows_from_pixels(
    target: Any, images: list[Image.Image]
) -> None:
    if not isinstance(target, WritesFromPixels):
        assert not hasattr(target, "pixels")
        return
    pixels = target.pixels(images).requires_grad_()
    prompts, texts = ["What is it ?"] * 3, ["two", "a dog", "cat"]
    found = target.pixel_likelihoods(pixels, prompts, texts)
    weighed = cast("WeighsTokens", target).weigh_tokens(images, prompts, texts)
    assert found.detach().numpy() == pytest.approx([one.sum() for one in weighed], abs=1e-3)
    (slope,) = torch.autograd.grad(found.sum(), pixels)
    assert bool((slope.abs().amax((1, 2, 3)) > 0).all())


@pytest.mark.parametrize("probe", ["adversarial.prompt_injection", "adversarial.jailbreak"])
def test_a_model_that_writes_at_random_is_measured_or_said_to_be_silent(
    target: Any, probe: str
) -> None:
    assert isinstance(target, WritesText)
    rng = np.random.default_rng(0)
    shape = (4, 80, 96, 3)
    data = MemoryDataset([Image.fromarray(p) for p in rng.integers(0, 256, shape, dtype=np.uint8)])
    settings = {"optimised": 2, "steps": 2} if probe.endswith("jailbreak") else {}
    try:
        found = run_in_memory(registry.load(probe), target, data, settings=settings)
    except Inapplicable:
        return
    values = {item.metric: item.value for item in found if isinstance(item, Measurement)}
    metric = "rendered_rate" if probe.endswith("jailbreak") else "obeyed_rate"
    assert values[metric] == 0
    assert ("optimised_rate" in values) == (
        probe.endswith("jailbreak") and isinstance(target, WritesFromPixels)
    )
