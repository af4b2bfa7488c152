"""Pixels optimised against what a model writes, where the optimum is known."""

from typing import Any

import numpy as np
import pytest
import torch

from vlaudit.perturb.forbidden import Channel, read_ban
from vlaudit.perturb.gradient.spoken import WritesFromPixels, forced, persuaded
from vlaudit.registry import load
from vlaudit.selftest.fakes.warden import Persuadable, build

SETTINGS: dict[str, Any] = {**load("adversarial.jailbreak").card.settings, "steps": 10}


def persuadable() -> tuple[Persuadable, Any]:
    target, data = build(hardness=32.0, side=16, images=8)
    assert isinstance(target, Persuadable)
    return target, data


def test_the_likelihood_reaches_its_optimum_within_the_budget() -> None:
    target, data = persuadable()
    epsilon = 16 / 255
    made, noise = persuaded(
        target, data.pictures, "Describe", "banana", epsilon=epsilon, steps=20, seed=0
    )
    clean = target.pixels(data.pictures)
    lean = target.lean(target.pixels(made)) - target.lean(clean)
    # The pattern lies in 16 / 255 of every value; the dark half of it costs brightness less.
    assert lean.numpy() == pytest.approx(epsilon, abs=0.5 / 255)
    for pictures in (made, noise):
        moved = (target.pixels(pictures) - clean).abs().amax((1, 2, 3))
        assert torch.all(moved <= epsilon + 1e-6)
    assert torch.all(target.lean(target.pixels(noise)) < target.lean(target.pixels(made)))


def test_attempts_come_with_as_many_controls() -> None:
    target, data = persuadable()
    ban, rng = read_ban(SETTINGS), np.random.default_rng(0)
    made = forced(target, ban, data, Channel.TRANSFER, SETTINGS, rng, lambda done: None)
    assert [one.channel for one, _ in made] == [Channel.TRANSFER] * 8 + [Channel.NOISE] * 8
    assert len({one.marker for one, _ in made}) == 1


def test_a_model_without_gradients_is_not_optimised_against() -> None:
    target, data = build(side=32, images=4)
    assert not isinstance(target, WritesFromPixels)
    ban, rng = read_ban(SETTINGS), np.random.default_rng(0)
    for model in (target, None):
        assert forced(model, ban, data, Channel.OPTIMISED, SETTINGS, rng, lambda done: None) == []
