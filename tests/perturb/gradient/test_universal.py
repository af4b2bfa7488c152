"""One change for all: where patches lie, and what of a change is known beforehand."""

import pytest
import torch

from vlaudit.perturb.gradient.ball import LinfBall
from vlaudit.perturb.gradient.oracle import Oracle
from vlaudit.perturb.gradient.universal import (
    Aim,
    Labelled,
    Spots,
    added,
    textures,
    train_perturbation,
)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("shape", [(64, 64), (48, 80)])
def test_a_patch_covers_no_more_than_its_area_and_lies_inside(shape: tuple[int, int]) -> None:
    clean = torch.zeros(200, 3, *shape)
    spots = Spots.drawn(clean, 0.05, seeded())
    covered = spots.put(torch.ones(3, 9, 9), clean).amax(1) > 0
    share = covered.float().mean((1, 2))
    assert float(share.max()) <= 0.05 * 1.1
    assert 0.6 * 0.05 <= float(share.mean()) <= 0.05
    assert float(share.min()) >= 0.05 * 0.8**2 * 0.85  # none is cut off at an edge
    assert covered[:, :, : shape[1] // 3].any()
    assert covered[:, :, -shape[1] // 3 :].any()


def test_gradients_reach_the_patch_and_controls_differ_from_picture_to_picture() -> None:
    clean = torch.rand((4, 3, 32, 32), generator=seeded())
    patch = torch.full((3, 5, 5), 0.5, requires_grad=True)
    with torch.enable_grad():
        total = Spots.drawn(clean, 0.1, seeded()).put(patch, clean).sum()
    (slope,) = torch.autograd.grad(total, patch)
    assert (slope > 0).all()
    random = textures(clean, 7, seeded())
    assert random.shape == (4, 3, 7, 7)
    assert not random[0].equal(random[1])


@pytest.mark.parametrize(("lead", "turned"), [(6, True), (14, True), (20, False)])
def test_one_noise_turns_what_a_change_of_all_channels_can_turn(lead: int, *, turned: bool) -> None:
    """Two channels moved apart by 8 levels each turn leads below 16 and none above."""
    clean = torch.full((24, 3, 8, 8), 100 / 255)
    clean[:, 0] += lead / 255
    oracle = Oracle(lambda p: 100 * p.mean((2, 3))[:, :2], batch_size=24)
    labels = torch.zeros(24, dtype=torch.int64)
    aim, ball = Aim(oracle, None), LinfBall(8 / 255)
    change = train_perturbation(
        aim, Labelled(clean[:12], labels[:12]), ball, steps=30, generator=seeded(),
        progress=lambda done: None,
    )  # fmt: skip
    seen = added(change, clean[12:], ball)
    assert ball.contains(seen, clean[12:]).all()
    assert aim.reached(seen, labels[12:]).tolist() == [turned] * 12


def test_the_aim_of_a_target_is_reached_only_by_the_target() -> None:
    oracle = Oracle(lambda p: p.mean((2, 3)), batch_size=4)
    pictures = torch.zeros(3, 3, 2, 2)
    for row in range(3):
        pictures[row, row] = 1.0
    labels = torch.zeros(3, dtype=torch.int64)
    assert Aim(oracle, 2).reached(pictures, labels).tolist() == [False, False, True]
    assert Aim(oracle, None).reached(pictures, labels).tolist() == [False, True, True]
