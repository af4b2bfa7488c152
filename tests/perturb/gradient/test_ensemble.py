"""APGD and its ensemble, against analytic optima and against the toolbox."""

from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from vlaudit.perturb.gradient.ball import L2Ball, LinfBall
from vlaudit.perturb.gradient.campaign import Campaign
from vlaudit.perturb.gradient.curve import robustness_curve
from vlaudit.perturb.gradient.ensemble import ApgdEnsemble, Attack
from vlaudit.perturb.gradient.losses import LIKELIHOOD, MARGIN
from vlaudit.perturb.gradient.oracle import Oracle, right
from vlaudit.perturb.gradient.runs import reviews
from vlaudit.perturb.gradient.toolbox import ToolboxAutoPgd

SHAPE = (3, 6, 6)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def linear_world(seed: int, *, classes: int) -> tuple[Tensor, Oracle, Tensor, Tensor]:
    """Return weights, oracle, 8-bit pictures away from 0 and 1, and labels: its own answers."""
    generator = seeded(seed)
    size = SHAPE[0] * SHAPE[1] * SHAPE[2]
    weights = torch.randn((classes, size), generator=generator)
    clean = torch.randint(40, 216, (96, *SHAPE), generator=generator) / 255
    oracle = Oracle(lambda pixels: (pixels - 0.5).flatten(1) @ weights.T, batch_size=32)
    return weights, oracle, clean, oracle.logits(clean).argmax(1)


def analytic(weights: Tensor, logits: Tensor, labels: Tensor, epsilon: float) -> Tensor:
    """Tell which images no attack can break: margin above epsilon times the L1 distance."""
    reach = (weights[labels][:, None] - weights[None]).abs().sum(2)
    gap = logits.gather(1, labels[:, None]) - logits
    return ((gap > epsilon * reach) | (reach == 0)).all(1)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("classes", [2, 5, 12])
@pytest.mark.parametrize("give_up", [True, False])
def test_linear_models_are_broken_exactly_where_theory_says(
    seed: int, classes: int, *, give_up: bool
) -> None:
    weights, oracle, clean, labels = linear_world(seed, classes=classes)
    attack = ApgdEnsemble(steps=20, targets=classes, give_up=give_up)
    budgets = [1 / 255, 2 / 255, 4 / 255]
    curve = robustness_curve(oracle, clean, labels, budgets, attack=attack, generator=seeded(seed))
    for result in curve:
        expected = analytic(weights, oracle.logits(clean), labels, result.epsilon)
        assert not (expected & ~result.robust).any()
        # Giving up early may leave one picture in a hundred that a costlier attack would win.
        assert int((result.robust & ~expected).sum()) <= int(give_up)
    assert 0 < int(curve[-1].robust.sum()) < int(curve[0].robust.sum()) < len(clean)


@pytest.mark.parametrize("give_up", [True, False])
def test_lengths_are_bounded_as_theory_says_too(*, give_up: bool) -> None:
    weights, oracle, clean, labels = linear_world(1, classes=5)
    logits = oracle.logits(clean)
    reach = (weights[labels][:, None] - weights[None]).norm(dim=2)
    gap = logits.gather(1, labels[:, None]) - logits
    for epsilon in (0.05, 0.1, 0.2):
        (result,) = robustness_curve(
            oracle, clean, labels, [epsilon],
            attack=ApgdEnsemble(50, targets=5, give_up=give_up), generator=seeded(), ball=L2Ball,
        )  # fmt: skip
        # A step of 8 bits on every pixel is about 0.02 long: what lies so near may go either way.
        surely = ((gap > (epsilon + 1e-4) * reach) | (reach == 0)).all(1)
        never = (gap < (epsilon - 0.02) * reach).any(1)
        assert not (surely & ~result.robust).any()
        assert int((never & result.robust).sum()) <= int(give_up)


def test_native_is_no_weaker_than_the_toolbox_by_length() -> None:
    model, clean, labels = trained_model(0)
    clean, labels = clean[:48], labels[:48]
    left: list[float] = []
    for attack in (ApgdEnsemble(20), ToolboxAutoPgd(20, losses=("cross_entropy",))):
        attempt = attack(
            Oracle(model, batch_size=32), clean, labels, L2Ball(0.3),
            generator=seeded(), progress=len_of,
        )  # fmt: skip
        left.append(float((~attempt.won).float().mean()))
    assert 0.02 < left[1] < 0.9
    assert left[0] <= left[1] + 0.01


class Scaled(nn.Module):
    """Normalisation inside the model."""

    def forward(self, pixels: Tensor) -> Tensor:
        return (pixels - 0.5) * 8


def trained_model(seed: int) -> tuple[nn.Module, Tensor, Tensor]:
    """Return a small convolutional classifier of noisy stripes and blobs, pictures and labels."""
    torch.manual_seed(seed)
    down, across = torch.meshgrid(torch.arange(12.0), torch.arange(12.0), indexing="ij")
    waves = [across, down, across + down, across - down, across * 2, down * 2]
    shapes = torch.stack([torch.sin(wave * 0.8) for wave in waves])
    labels = torch.arange(600) % len(shapes)
    noisy = 0.5 + 0.03 * shapes[labels][:, None] + 0.04 * torch.randn(600, 3, 12, 12)
    pictures = (noisy.clamp(0, 1) * 255).round() / 255
    model = nn.Sequential(
        nn.Conv2d(3, 12, 3), nn.ReLU(), nn.Conv2d(12, 16, 3, 2), nn.ReLU(), nn.Flatten(),
        nn.Linear(256, len(shapes)),
    )  # fmt: skip
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(60):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model((pictures[96:] - 0.5) * 8), labels[96:])
        torch.autograd.backward(loss)
        optimizer.step()
    optimizer.zero_grad()
    return nn.Sequential(Scaled(), model).eval(), pictures[:96], labels[:96]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_native_is_no_weaker_than_the_toolbox_and_asks_less(seed: int) -> None:
    model, clean, labels = trained_model(seed)
    native, toolbox = Oracle(model, batch_size=32), Oracle(model, batch_size=32)
    named = right(native.logits(clean), labels)
    assert named.float().mean() > 0.8
    clean, labels = clean[named], labels[named]
    plain = ToolboxAutoPgd(50, losses=("cross_entropy",))
    attacks: dict[Oracle, Attack] = {native: ApgdEnsemble(50), toolbox: plain}
    left: dict[Oracle, float] = {}
    for oracle, attack in attacks.items():
        attempt = attack(
            oracle, clean, labels, LinfBall(4 / 255), generator=seeded(seed), progress=len_of
        )
        left[oracle] = float((~attempt.won).float().mean())
    assert 0.02 < left[toolbox] < 0.9
    assert left[native] <= left[toolbox] + 0.01
    # A gradient costs two forward passes; the toolbox takes one of each a step and picture.
    assert native.forwards + native.gradients <= 3 * 50 * len(clean) / 4


def len_of(fraction: float) -> None:
    assert 0 <= fraction <= 1


def test_parameters_get_no_gradient_from_either_back_end() -> None:
    model, clean, labels = trained_model(0)
    for parameter in model.parameters():
        parameter.grad = None
    oracle = Oracle(model, batch_size=32)
    attacks: tuple[Attack, ...] = (ApgdEnsemble(3), ToolboxAutoPgd(3))
    for attack in attacks:
        attack(oracle, clean, labels, LinfBall(1 / 255), generator=seeded(), progress=len_of)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_what_is_returned_is_eight_bit_in_the_ball_and_misnamed() -> None:
    model, clean, labels = trained_model(1)
    oracle, ball = Oracle(model, batch_size=32), LinfBall(3 / 255)
    attacks: tuple[Attack, ...] = (ApgdEnsemble(20), ToolboxAutoPgd(20))
    for attack in attacks:
        attempt = attack(oracle, clean, labels, ball, generator=seeded(), progress=len_of)
        levels = (attempt.pictures * 255).round()
        torch.testing.assert_close(attempt.pictures, levels / 255, atol=1e-6, rtol=0)
        again = levels.byte().float() / 255
        assert ball.contains(again, clean).all()
        assert attempt.won.any()
        assert (oracle.logits(again).argmax(1) != labels)[attempt.won].all()
        assert again[~attempt.won].equal((clean[~attempt.won] * 255).round() / 255)


def test_same_seed_same_pictures_whatever_the_batch() -> None:
    model, clean, labels = trained_model(2)
    runs = [
        robustness_curve(
            Oracle(model, batch_size=size),
            clean,
            labels,
            [1 / 255, 3 / 255],
            attack=ApgdEnsemble(10),
            generator=seeded(5),
        )
        for size in (96, 96, 17)
    ]
    pairs = zip(runs[0][1].adversarial, runs[1][1].adversarial, strict=True)
    assert all(one.equal(other) for one, other in pairs)
    assert runs[0][1].robust.equal(runs[2][1].robust)


def test_the_curve_falls_and_broken_pictures_stay_broken() -> None:
    model, clean, labels = trained_model(0)
    budgets = [0.0, 1 / 255, 2 / 255, 8 / 255]
    curve = robustness_curve(
        Oracle(model, batch_size=32), clean, labels, budgets,
        attack=ApgdEnsemble(10), generator=seeded(),
    )  # fmt: skip
    assert curve[0].robust.equal(right(Oracle(model, batch_size=32).logits(clean), labels))
    for before, after in pairwise(curve):
        assert not (after.robust & ~before.robust).any()
    assert int(curve[-1].robust.sum()) == 0


def test_any_iterate_that_wins_counts_though_the_last_one_does_not() -> None:
    """The loss peaks where the model is right; only a point on the way there is misnamed."""

    def scores(pixels: Tensor) -> Tensor:
        at = pixels.mean((1, 2, 3)) * 255 - 100
        true = torch.where((at > 2.5) & (at < 4.5), -1.0, 1.0)
        return torch.stack([true - at, torch.zeros_like(at) - 10 * (true > 0) * (at + 1)], 1)

    clean = torch.full((4, 3, 4, 4), 100 / 255)
    labels = torch.zeros(4, dtype=torch.int64)
    oracle = Oracle(scores, batch_size=4)
    assert right(oracle.logits(clean), labels).all()
    campaign = Campaign(oracle, clean, labels, LinfBall(3 / 255), steps=30, generator=seeded())
    campaign.run(torch.arange(4), torch.full((4,), MARGIN), steps=30, start=clean)
    won = campaign.attempt.pictures[campaign.attempt.won]
    assert (oracle.logits(won).argmax(1) == 1).all()


def test_checkpoints_are_the_published_ones() -> None:
    periods = reviews(100)
    assert periods.nonzero()[:4, 0].tolist() == [22, 41, 57, 70]
    assert periods[periods > 0].min() >= 6
    assert not reviews(1).any()


def test_a_random_model_is_broken_and_a_constant_one_is_not() -> None:
    model, clean, labels = trained_model(0)
    shuffled = labels[torch.randperm(len(labels), generator=seeded())]
    oracle = Oracle(model, batch_size=32)
    (result,) = robustness_curve(
        oracle, clean, shuffled, [8 / 255], attack=ApgdEnsemble(10), generator=seeded()
    )
    assert int(result.robust.sum()) == 0
    constant = Oracle(
        lambda pixels: torch.tensor([[0.0, 1.0]]).expand(len(pixels), 2), batch_size=8
    )
    ones = torch.ones_like(labels)
    (result,) = robustness_curve(
        constant, clean, ones, [8 / 255], attack=ApgdEnsemble(10), generator=seeded()
    )
    assert result.robust.all()


def test_cross_entropy_alone_agrees_on_two_classes() -> None:
    weights, oracle, clean, labels = linear_world(4, classes=2)
    ball = LinfBall(2 / 255)
    campaign = Campaign(oracle, clean, labels, ball, steps=5, generator=seeded())
    everyone = torch.arange(len(clean))
    campaign.run(everyone, torch.full_like(everyone, LIKELIHOOD), steps=5)
    expected = analytic(weights, oracle.logits(clean), labels, ball.epsilon)
    assert (~campaign.attempt.won).equal(expected)
