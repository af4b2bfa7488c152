"""A model that takes pictures of any size as rows of patches is audited like any other."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from tests.targets.writers import qwen
from vlaudit import targets
from vlaudit.core.config import GenerationConfig, TargetConfig
from vlaudit.core.target import Ability
from vlaudit.targets.conformance import broken_promises


def test_pictures_of_many_sizes_are_answered_in_a_batch_as_alone(
    tmp_path: Path, images: list[Image.Image]
) -> None:
    torch.manual_seed(0)
    for part in qwen():
        part.save_pretrained(tmp_path)
    written = GenerationConfig(max_tokens=5)
    config = TargetConfig(model=str(tmp_path), batch_size=4, generation=written)
    loaded = targets.load(config, base=Path())
    assert list(broken_promises(loaded.target)) == []
    assert "one rectangle of pixels" in loaded.facts.lacks[Ability.GIVES_GRADIENTS]
    target: Any = loaded.target
    texts = ["a cat", "two dog . dog"]
    together = target.score_pairs(images, texts)
    alone = np.concatenate([target.score_pairs([image], texts) for image in images])
    np.testing.assert_allclose(together, alone, atol=1e-4)
    assert np.unique(together.round(3)).size == together.size
    said = target.write_text(images, ["What is it ?"] * 3)
    assert said == [target.write_text([image], ["What is it ?"])[0] for image in images]
