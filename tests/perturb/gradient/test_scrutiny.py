"""Honest models pass the checks whatever their strength; each kind of hiding is seen."""

import pytest
import torch
from torch import Tensor, nn

from vlaudit.core.dataset import Role
from vlaudit.perturb.gradient.ball import LinfBall
from vlaudit.perturb.gradient.oracle import Oracle, zero_shot
from vlaudit.perturb.gradient.scrutiny import Scrutiny, scrutinise
from vlaudit.selftest.fakes.linear import build

FLAGS = ("hidden", "faint", "misled", "unsteady", "stalled", "unbounded", "by_restart", "by_steps")


def check(oracle: Oracle, clean: Tensor, labels: Tensor, *, budget: float = 4.0) -> Scrutiny:
    return scrutinise(
        oracle, clean, labels, LinfBall(budget / 255), steps=8, queries=40,
        generator=torch.Generator().manual_seed(0), progress=lambda done: None,
    )  # fmt: skip


def fake(masking: str | None) -> Scrutiny:
    target, data = build(strengths=[1, 3], masking=masking, images=16)
    oracle = zero_shot(target, target.classes, ["a photo of a {}"], batch_size=64)
    labels = [target.classes.index(str(label)) for label in data.texts(Role.LABEL)]
    return check(oracle, target.pixels(data.images(range(len(data)))), torch.tensor(labels))


def shares(seen: Scrutiny) -> dict[str, float]:
    return {flag: float(getattr(seen, flag).float().mean()) for flag in FLAGS}


@pytest.mark.parametrize("seed", range(2))
def test_an_honest_network_shows_no_sign(seed: int) -> None:
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(3, 12, 3), nn.GELU(), nn.Conv2d(12, 12, 3), nn.GELU(), nn.Flatten(),
        nn.Linear(768, 5),
    ).requires_grad_(False)  # fmt: skip
    generator = torch.Generator().manual_seed(seed)
    clean = torch.randint(30, 226, (16, 3, 12, 12), generator=generator) / 255
    oracle = Oracle(lambda pixels: 20 * network((pixels - 0.5) * 4), batch_size=24)
    labels = oracle.logits(clean).argmax(1)
    seen = shares(check(oracle, clean, labels, budget=1.0))
    assert {flag for flag, share in seen.items() if share > 0.1} == set()


@pytest.mark.parametrize(
    ("masking", "flag"),
    [("rounded", "faint"), ("saturated", "faint"), ("reversed", "misled"), ("noisy", "unsteady")],
)
def test_each_kind_of_hiding_is_seen(masking: str, flag: str) -> None:
    assert shares(fake(masking))[flag] >= 0.9


def test_what_is_found_behind_a_hidden_gradient_is_counted_once() -> None:
    seen = fake("rounded")
    assert float(seen.by_transfer.float().mean()) > 0
    assert float(seen.hidden.float().mean()) >= 0.5
    assert not (seen.by_questions & seen.by_transfer).any()
    assert not (seen.hidden & ~seen.standing).any()
