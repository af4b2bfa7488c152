"""The balls: their points, their rounding and their bounds."""

import pytest
import torch
from torch import Tensor

from vlaudit.perturb.gradient.ball import Ball, L2Ball, LinfBall


def pictures(seed: int = 0, *, on_grid: bool = True) -> Tensor:
    drawn = torch.rand((6, 3, 8, 8), generator=torch.Generator().manual_seed(seed))
    return (drawn * 255).round() / 255 if on_grid else drawn


@pytest.mark.parametrize("ball", [LinfBall(4 / 255), L2Ball(0.5)])
def test_random_starts_lie_in_the_ball_and_repeat_with_their_seed(ball: Ball) -> None:
    clean = pictures()
    first = ball.start(clean, torch.Generator().manual_seed(7))
    assert ball.contains(first, clean).all()
    assert first.equal(ball.start(clean, torch.Generator().manual_seed(7)))
    assert not first.equal(ball.start(clean, torch.Generator().manual_seed(8)))


@pytest.mark.parametrize("ball", [LinfBall(2 / 255), L2Ball(0.2)])
def test_projection_brings_back_and_leaves_inner_points_alone(ball: Ball) -> None:
    clean = pictures()
    assert ball.contains(ball.project(clean + 0.3, clean), clean).all()
    inner = ball.project(clean + 1 / 255, clean)
    torch.testing.assert_close(ball.project(inner, clean), inner, atol=1e-6, rtol=0)


def test_rounding_to_eight_bits_never_leaves_the_ball() -> None:
    for on_grid in (True, False):
        clean = pictures(on_grid=on_grid)
        for epsilon in (1.0, 1.5, 2.0, 8.0):
            ball = LinfBall(epsilon / 255)
            rounded = ball.quantise(ball.start(clean, torch.Generator().manual_seed(1)), clean)
            assert ball.contains(rounded, clean).all()
            torch.testing.assert_close(rounded * 255, (rounded * 255).round(), atol=1e-4, rtol=0)


@pytest.mark.parametrize("length", [0.02, 0.1, 0.5, 3.0])
def test_rounding_keeps_lengths_too(length: float) -> None:
    ball, clean = L2Ball(length), pictures()
    rounded = ball.quantise(ball.start(clean, torch.Generator().manual_seed(1)), clean)
    assert ball.contains(rounded, clean).all()
    torch.testing.assert_close(rounded * 255, (rounded * 255).round(), atol=1e-4, rtol=0)


def test_the_steepest_step_has_its_size_and_stands_still_without_gradient() -> None:
    clean, step = pictures(), torch.full((6, 1, 1, 1), 0.25)
    moved = L2Ball(1.0).climb(clean, torch.ones_like(clean), step)
    torch.testing.assert_close((moved - clean).flatten(1).norm(dim=1), torch.full((6,), 0.25))
    assert L2Ball(1.0).climb(clean, torch.zeros_like(clean), step).equal(clean)


def test_corners_on_the_grid_survive_rounding() -> None:
    ball, clean = LinfBall(2 / 255), pictures().clamp(0.1, 0.9)
    clean = (clean * 255).round() / 255
    corner = ball.project(clean + 2 / 255, clean)
    torch.testing.assert_close(ball.quantise(corner, clean), corner, atol=1e-6, rtol=0)


def test_points_outside_are_told() -> None:
    ball, clean = LinfBall(2 / 255), pictures().clamp(0.2, 0.8)
    moved = clean.clone()
    moved[0, 0, 0, 0] += 3 / 255
    assert ball.contains(moved, clean).tolist() == [False] + [True] * 5
    assert not LinfBall(1.0).contains(clean - 0.9, clean).any()
