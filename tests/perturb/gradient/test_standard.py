"""The standard ensemble and its parts, against analytic optima and a general solver."""

from functools import partial

import numpy as np
import pytest
import torch
from scipy.optimize import linprog
from torch import Tensor

from vlaudit.core.probe import Inapplicable
from vlaudit.perturb.gradient.backends import choose_attack
from vlaudit.perturb.gradient.ball import Ball, L2Ball, LinfBall
from vlaudit.perturb.gradient.boundary import cross_borders, shortest_move
from vlaudit.perturb.gradient.campaign import Campaign
from vlaudit.perturb.gradient.losses import MARGIN, likeliest_wrong, logits_ratio
from vlaudit.perturb.gradient.oracle import Oracle
from vlaudit.perturb.gradient.standard import StandardEnsemble
from vlaudit.perturb.gradient.toolbox import ToolboxAutoAttack

SHAPE = (3, 6, 6)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def linear_world(seed: int, *, classes: int) -> tuple[Tensor, Oracle, Tensor, Tensor]:
    """Return weights, oracle, 8-bit pictures away from 0 and 1, and labels: its own answers."""
    generator = seeded(seed)
    weights = torch.randn((classes, 108), generator=generator)
    clean = torch.randint(40, 216, (48, *SHAPE), generator=generator) / 255
    oracle = Oracle(lambda pixels: (pixels - 0.5).flatten(1) @ weights.T, batch_size=32)
    return weights, oracle, clean, oracle.logits(clean).argmax(1)


def margins(weights: Tensor, oracle: Oracle, clean: Tensor, labels: Tensor, order: float) -> Tensor:
    """Return for each picture the least budget that breaks it, (images,); the norm is dual."""
    reach = torch.linalg.vector_norm(weights[labels][:, None] - weights[None], ord=order, dim=2)
    logits = oracle.logits(clean)
    gap = logits.gather(1, labels[:, None]) - logits
    return torch.where(reach == 0, torch.inf, gap / reach).amin(1)


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_the_ensemble_breaks_linear_models_where_theory_says(classes: int) -> None:
    weights, oracle, clean, labels = linear_world(classes, classes=classes)
    least = margins(weights, oracle, clean, labels, 1)
    budget = 2 / 255
    attempt = StandardEnsemble(20, targets=classes, queries=20)(
        oracle, clean, labels, LinfBall(budget), generator=seeded(), progress=lambda done: None
    )
    assert attempt.won.equal(least <= budget)
    assert 0 < int(attempt.won.sum()) < len(clean)


@pytest.mark.parametrize(
    ("ball", "order", "slack"), [(LinfBall(2 / 255), 1, 0.0), (L2Ball(0.1), 2, 0.02)]
)
def test_fab_alone_finds_the_nearest_border(ball: Ball, order: float, slack: float) -> None:
    weights, oracle, clean, labels = linear_world(1, classes=5)
    least = margins(weights, oracle, clean, labels, order)
    campaign = Campaign(oracle, clean, labels, ball, steps=20, generator=seeded())
    for rank in range(4):
        left = campaign.standing()
        aims = likeliest_wrong(campaign.logits[left], labels[left], rank=rank)
        cross_borders(campaign, left, aims, steps=20)
    won = campaign.attempt.won
    assert not (won & (least > ball.epsilon + 1e-4)).any()
    assert won[least < ball.epsilon - slack].all()
    assert 0 < int(won.sum()) < len(clean)


@pytest.mark.parametrize("ball", [LinfBall(0.1), L2Ball(0.1)])
def test_the_shortest_move_is_that_of_a_general_solver(ball: Ball) -> None:
    generator = np.random.default_rng(0)
    for share in (0.1, -0.5, 0.9):
        at, slope = generator.random(6), generator.normal(size=6)
        slope[0] = 0.0
        rise = share * float((np.abs(slope) * np.where(slope * share > 0, 1 - at, at)).sum())
        bounds = [(-float(x), 1 - float(x)) for x in at]
        move = shortest_move(
            torch.tensor(at).reshape(1, 6, 1, 1),
            torch.tensor(slope).reshape(1, 6, 1, 1),
            torch.tensor([rise], dtype=torch.float64),
            ball,
        ).flatten().numpy()  # fmt: skip
        assert move @ slope == pytest.approx(rise)
        assert ((at + move >= -1e-9) & (at + move <= 1 + 1e-9)).all()
        if isinstance(ball, LinfBall):
            # Least t with |move| <= t, by linear programming.
            sides = np.block([[np.eye(6), -np.ones((6, 1))], [-np.eye(6), -np.ones((6, 1))]])
            best = linprog(
                [0] * 6 + [1], A_ub=sides, b_ub=np.zeros(12), A_eq=[[*slope, 0]], b_eq=[rise],
                bounds=[*bounds, (0, None)],
            ).fun  # fmt: skip
            assert np.abs(move).max() == pytest.approx(best, abs=1e-6)
        else:
            # Optimal where values move in proportion to the slope until they meet an end.
            factor = np.abs(move).sum() / np.abs(slope).sum()
            far = move
            for _ in range(200):
                far = np.clip(factor * np.sign(rise) * slope, *np.array(bounds).T)
                factor *= abs(rise) / abs(far @ slope)
            assert move == pytest.approx(far, abs=1e-6)


def test_a_border_beyond_reach_is_walked_towards_and_nothing_is_written_down() -> None:
    _, oracle, clean, labels = linear_world(0, classes=3)
    campaign = Campaign(oracle, clean, labels, LinfBall(1e-4), steps=2, generator=seeded())
    flat = Campaign(
        Oracle(lambda pixels: oracle.scores(pixels).detach(), batch_size=32),
        clean, labels, LinfBall(1.0), steps=2, generator=seeded(),
    )  # fmt: skip
    for one in (campaign, flat):
        aims = likeliest_wrong(one.logits, labels, rank=0)
        cross_borders(one, torch.arange(len(clean)), aims, steps=2)
        one.try_pictures(torch.arange(0), clean[:0])
        assert not one.attempt.won.any()


def test_a_rise_out_of_reach_goes_as_far_as_the_range() -> None:
    at = torch.full((1, 3, 1, 1), 0.25)
    slope = torch.tensor([1.0, -1.0, 0.0]).reshape(1, 3, 1, 1)
    move = shortest_move(at, slope, torch.tensor([50.0]), LinfBall(0.1)).flatten()
    torch.testing.assert_close(move, torch.tensor([0.75, -0.25, 0.0]))


def test_the_ratio_of_logits_is_the_published_one() -> None:
    logits = torch.tensor([[4.0, 3.0, 1.0, 0.0, -2.0]])
    label, target = torch.tensor([0]), torch.tensor([2])
    assert float(logits_ratio(logits, label, target)) == pytest.approx(-3 / (4 - 0.5))
    untargeted = torch.full_like(label, MARGIN)
    assert float(logits_ratio(logits, label, untargeted)) == pytest.approx(-1 / 3)
    assert float(logits_ratio(logits[:, :2], label, untargeted)) == pytest.approx(-1)


def test_no_weaker_than_autoattack_of_the_toolbox() -> None:
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(128, 5)
    )
    generator = seeded(3)
    clean = torch.randint(40, 216, (24, *SHAPE), generator=generator) / 255

    def scores(pixels: Tensor) -> Tensor:
        logits: Tensor = model((pixels - 0.5) * 8)
        return logits

    oracle = Oracle(scores, batch_size=24)
    labels = oracle.logits(clean).argmax(1)
    left = [
        int((~attack(
            oracle, clean, labels, LinfBall(3 / 255), generator=seeded(), progress=lambda done: None
        ).won).sum())
        for attack in (StandardEnsemble(10, queries=20), ToolboxAutoAttack(10, queries=20))
    ]  # fmt: skip
    assert 0 < left[1] < len(clean)
    assert left[0] <= left[1]


def test_it_is_never_weaker_than_published() -> None:
    choose = partial(
        choose_attack, backend="native", steps=5, restarts=1, targets=3, give_up=True, queries=7
    )
    chosen = choose(ensemble="standard")
    assert chosen == StandardEnsemble(100, 1, 9, 7)
    with pytest.raises(Inapplicable, match="quick"):
        choose(ensemble="plus")
