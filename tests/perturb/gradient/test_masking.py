"""Masked gradients are told from honest ones."""

import pytest
import torch

from vlaudit.core.dataset import Role
from vlaudit.perturb.gradient.masking import Masking, check_masking
from vlaudit.perturb.gradient.oracle import zero_shot
from vlaudit.selftest.fakes.linear import build


def check(strengths: list[int], masking: str | None, *, seed: int = 0) -> Masking:
    target, data = build(strengths=strengths, masking=masking)
    oracle = zero_shot(target, target.classes, ["a photo of a {}"], batch_size=64)
    labels = [target.classes.index(str(label)) for label in data.texts(Role.LABEL)]
    found = check_masking(
        oracle,
        target.pixels(data.images(range(len(data)))),
        torch.tensor(labels),
        generator=torch.Generator().manual_seed(seed),
    )
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("strength", [1, 6, 40])
def test_an_honest_model_shows_no_sign(strength: int, seed: int) -> None:
    found = check([strength], None, seed=seed)
    assert found.signs == []
    assert found.unbroken == 0


@pytest.mark.parametrize(
    ("masking", "sign"),
    [
        ("rounded", "zero"),
        ("saturated", "zero"),
        ("reversed", "wrong way"),
        ("noisy", "equal pixels"),
    ],
)
def test_each_kind_of_masking_is_named(masking: str, sign: str) -> None:
    assert any(sign in said for said in check([1, 3], masking).signs)


def test_a_weakness_that_gradients_miss_is_found_without_them() -> None:
    found = check([1], "rounded")
    assert found.unbroken == found.images
    assert found.shortcuts == found.images


def test_a_model_too_strong_for_64_levels_is_not_called_masked() -> None:
    found = check([100], None)
    assert found.unbroken == found.images
    assert found.signs == []


def test_a_constant_model_is_not_called_masked() -> None:
    found = check([3], "constant")
    assert (found.flat, found.constant, found.signs) == (1.0, True, [])


def test_nothing_can_be_checked_where_nothing_is_right() -> None:
    target, data = build(strengths=[3])
    oracle = zero_shot(target, target.classes, ["{}"], batch_size=64)
    labels = [(target.classes.index(str(label)) + 1) % 4 for label in data.texts(Role.LABEL)]
    pixels = target.pixels(data.images(range(len(data))))
    generator = torch.Generator().manual_seed(0)
    assert check_masking(oracle, pixels, torch.tensor(labels), generator=generator) is None
