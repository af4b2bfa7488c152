"""Random squares, on models whose breaking points are known and on the toolbox's own terms."""

import pytest
import torch
from torch import Tensor

from vlaudit.perturb.blackbox.square import SquareAttack
from vlaudit.perturb.gradient.ball import LinfBall
from vlaudit.perturb.gradient.oracle import Oracle


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def silent(fraction: float) -> None:
    assert 0 <= fraction <= 1


def halves(pixels: Tensor) -> Tensor:
    """Name a picture by which half is brighter: the margin is what a square can move."""
    left, right = pixels[..., :4].mean((1, 2, 3)), pixels[..., 4:].mean((1, 2, 3))
    return 100 * torch.stack([left, right], 1)


def world(lead: int) -> tuple[Oracle, Tensor, Tensor]:
    clean = torch.full((12, 3, 8, 8), 128 / 255)
    clean[..., :4] += lead / 255
    return Oracle(halves, batch_size=5), clean, torch.zeros(12, dtype=torch.int64)


@pytest.mark.parametrize("seed", range(3))
def test_it_wins_what_can_be_won_and_nothing_else(seed: int) -> None:
    for lead, breakable in ((2, True), (4, True), (9, False), (40, False)):
        oracle, clean, labels = world(lead)
        attempt, asked = SquareAttack(300)(
            oracle, clean, labels, LinfBall(4 / 255), generator=seeded(seed), progress=silent
        )
        share = float(attempt.won.float().mean())
        assert share >= 0.9 if breakable else share == 0
        assert oracle.forwards == int(asked.sum())
        assert (asked[~attempt.won] == 300).all()


def test_what_it_returns_is_eight_bit_in_the_ball_and_misnamed() -> None:
    oracle, clean, labels = world(5)
    ball = LinfBall(4 / 255)
    attempt, asked = SquareAttack(300)(
        oracle, clean, labels, ball, generator=seeded(), progress=silent
    )
    assert attempt.won.all()
    assert (asked < 300).all()
    again = (attempt.pictures * 255).round().byte().float() / 255
    assert ball.contains(again, clean).all()
    assert (oracle.logits(again).argmax(1) == 1).all()


def test_same_seed_same_squares() -> None:
    runs = [
        SquareAttack(300)(*world(5), LinfBall(4 / 255), generator=seeded(s), progress=silent)
        for s in (3, 3, 4)
    ]
    assert runs[0][0].pictures.equal(runs[1][0].pictures)
    assert not runs[0][1].equal(runs[2][1])


def test_squares_shrink_as_published() -> None:
    attack = SquareAttack(10_000)
    sides = [attack.side(query, 224, 224) for query in (1, 11, 51, 201, 501, 1001, 9000)]
    assert sides == [200, 142, 100, 71, 50, 35, 9]
    assert SquareAttack(100).side(99, 4, 4) == 1


def test_nothing_to_attack_is_nothing_asked() -> None:
    oracle, clean, labels = world(3)
    attempt, asked = SquareAttack(10)(
        oracle, clean[:0], labels[:0], LinfBall(0.1), generator=seeded(), progress=silent
    )
    assert len(attempt.won) == len(asked) == oracle.forwards == 0
