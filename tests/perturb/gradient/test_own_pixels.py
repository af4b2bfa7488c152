"""Attacks that go back through resizing and cropping to the picture as it is."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torchvision import transforms

from vlaudit.core.probe import Inapplicable
from vlaudit.perturb.gradient.ball import LinfBall
from vlaudit.perturb.gradient.ensemble import ApgdEnsemble
from vlaudit.perturb.gradient.oracle import Oracle
from vlaudit.perturb.gradient.own_pixels import own_pixels_curve
from vlaudit.perturb.gradient.shaping import find_shaping

BICUBIC = transforms.InterpolationMode.BICUBIC
BILINEAR = transforms.InterpolationMode.BILINEAR
WAYS: dict[str, list[Callable[..., object]]] = {
    "shortest": [transforms.Resize(24, BICUBIC), transforms.CenterCrop(24)],
    "enlarged": [transforms.Resize(27, BILINEAR), transforms.CenterCrop(24)],
    "squeezed": [transforms.Resize((24, 24), BICUBIC)],
}


def noise(seed: int, width: int, height: int) -> Image.Image:
    generator = np.random.default_rng(seed)
    coarse = Image.fromarray(generator.integers(0, 256, (6, 6, 3), dtype=np.uint8))
    return coarse.resize((width, height), Image.Resampling.BICUBIC)


class Target:
    """Names a picture by which half of what it sees is brighter."""

    name = fingerprint = "halves"

    def __init__(self, way: Sequence[Callable[..., object]]) -> None:
        self._prepare: Any = transforms.Compose([*way, transforms.ToTensor()])

    def pixels(self, images: Sequence[Image.Image]) -> Tensor:
        return torch.stack([self._prepare(image) for image in images])

    def pixel_scores(self, pixels: Tensor, texts: Sequence[str]) -> Tensor:
        return 100 * torch.stack([part.mean((1, 2, 3)) for part in pixels.chunk(2, 3)], 1)


@pytest.mark.parametrize("way", WAYS)
def test_the_way_of_resizing_is_found_and_followed(way: str) -> None:
    target = Target(WAYS[way])
    pictures = [noise(0, 50, 40), noise(1, 37, 61), noise(2, 24, 24), noise(3, 300, 200)]
    found = find_shaping(target.pixels, pictures)
    assert found is not None
    assert (found.shorter is None) == (way == "squeezed")
    other = noise(4, 80, 33)
    followed = found(transforms.ToTensor()(other)[None])
    assert float((followed - target.pixels([other])).abs().mean()) < 1 / 255


def test_an_unknown_way_is_not_taken_for_a_known_one() -> None:
    mirrored = Target([transforms.Resize((24, 24)), transforms.RandomHorizontalFlip(1.0)])
    assert find_shaping(mirrored.pixels, [noise(0, 50, 40)]) is None


def test_whole_pictures_are_broken_within_the_budget_and_verified_as_files() -> None:
    target = Target(WAYS["shortest"])
    pictures: list[Image.Image] = []
    for lead, size in ((2, (48, 48)), (20, (48, 48)), (3, (61, 40)), (2, (30, 55))):
        levels = np.full((size[1], size[0], 3), 120, dtype=np.uint8)
        levels[:, : size[0] // 2] += lead
        pictures.append(Image.fromarray(levels))
    oracle = Oracle(lambda p: target.pixel_scores(p, []), batch_size=4)
    labels = torch.zeros(4, dtype=torch.int64)
    curve = own_pixels_curve(
        oracle, target, pictures, labels, [0.0, 3 / 255], attack=ApgdEnsemble(10),
        generator=torch.Generator().manual_seed(0), ball=LinfBall,
    )  # fmt: skip
    assert curve[0].robust.all()
    assert curve[1].robust.tolist() == [False, True, False, False]
    assert oracle.gradients > 0
    for index in (0, 2, 3):
        broken = curve[1].picture(index)
        assert broken.shape == np.asarray(pictures[index]).shape
        assert np.abs(broken.astype(int) - np.asarray(pictures[index])).max() <= 3
        scores = target.pixel_scores(target.pixels([Image.fromarray(broken)]), [])
        assert int(scores.argmax()) == 1


def test_what_cannot_be_followed_is_refused() -> None:
    mirrored = Target([transforms.Resize((24, 24)), transforms.RandomHorizontalFlip(1.0)])
    with pytest.raises(Inapplicable, match="`pixels` to `model`"):
        own_pixels_curve(
            Oracle(lambda p: p, batch_size=1), mirrored, [noise(0, 50, 40)], torch.zeros(1), [0.0],
            attack=ApgdEnsemble(1), generator=torch.Generator(), ball=LinfBall,
        )  # fmt: skip
