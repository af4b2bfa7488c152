"""One change for all pictures: a patch to print, or a perturbation to add."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from vlaudit.perturb.gradient.ball import LEVELS, Ball
from vlaudit.perturb.gradient.losses import MARGIN, aimed
from vlaudit.perturb.gradient.oracle import Oracle

# What a print goes through: share of the full size, turn in radians, contrast and brightness.
SCALE, TURN, CONTRAST, BRIGHTNESS = (0.8, 1.0), 0.35, (0.8, 1.1), 0.08
RATE, BATCH, BLOCKS, COARSEST = 0.05, 16, 4, 2


@dataclass(frozen=True)
class Spots:
    """Where and how a patch is put on each picture; every tensor is (images, 1, 1).

    Attributes:
        across: middle, as a share of the width.
        down: middle, as a share of the height.
        half: half of the side, in pixels.
        turn: angle, in radians.
        contrast: factor of the patch's values, around grey.
        brightness: what is added to them.
    """

    across: Tensor
    down: Tensor
    half: Tensor
    turn: Tensor
    contrast: Tensor
    brightness: Tensor

    @classmethod
    def drawn(cls, pixels: Tensor, area: float, generator: torch.Generator) -> "Spots":
        """Draw spots for pictures (images, 3, height, width), all of each patch inside.

        `area` is the share of the picture that the patch covers at full size.
        """
        height, width = pixels.shape[2:]

        def uniform(low: float, high: float) -> Tensor:
            share = torch.rand((len(pixels), 1, 1), generator=generator).to(pixels)
            return low + (high - low) * share

        half = 0.5 * (area * height * width) ** 0.5 * uniform(*SCALE)
        turn = uniform(-TURN, TURN)
        reach = half * (turn.cos() + turn.sin().abs())
        down, across = (
            0.5 + (uniform(0, 1) - 0.5) * (1 - 2 * reach / side).clamp(min=0)
            for side in (height, width)
        )
        contrast, brightness = uniform(*CONTRAST), uniform(-BRIGHTNESS, BRIGHTNESS)
        return cls(across, down, half, turn, contrast, brightness)

    def put(self, patch: Tensor, pixels: Tensor) -> Tensor:
        """Return the pictures with the patch, (3, side, side), on them; differentiable in it."""
        height, width = pixels.shape[2:]
        rows = torch.arange(height).to(pixels)[:, None] + 0.5 - self.down * height
        columns = torch.arange(width).to(pixels)[None] + 0.5 - self.across * width
        cos, sin = self.turn.cos(), self.turn.sin()
        x, y = (cos * columns + sin * rows) / self.half, (cos * rows - sin * columns) / self.half
        inside = ((x.abs() <= 1) & (y.abs() <= 1))[:, None]
        grid = torch.stack([x, y], 3)
        printed = (patch - 0.5) * self.contrast[..., None] + 0.5 + self.brightness[..., None]
        laid = torch.nn.functional.grid_sample(
            printed.clamp(0, 1), grid, padding_mode="border", align_corners=False
        )
        return torch.where(inside, laid, pixels)


@dataclass(frozen=True)
class Labelled:
    """Pictures, float32 of shape (images, 3, height, width) in [0, 1], and their classes."""

    clean: Tensor
    labels: Tensor

    def only(self, chosen: Tensor) -> "Labelled":
        """Return the chosen pictures."""
        return Labelled(self.clean[chosen], self.labels[chosen])


@dataclass(frozen=True)
class Aim:
    """What a universal change is to bring about, for pictures of some labels.

    Attributes:
        oracle: the model.
        target: class that every picture is to be named; None for any wrong one.
    """

    oracle: Oracle
    target: int | None

    def gain(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Return how much the aimed class leads by; positive once it is named, (images,)."""
        if self.target is None:
            return aimed(logits, labels, torch.full_like(labels, MARGIN))
        at = torch.full_like(labels, self.target)
        rivals = logits.scatter(1, at[:, None], -torch.inf).argmax(1)
        return aimed(logits, rivals, at)

    def reached(self, pictures: Tensor, labels: Tensor) -> Tensor:
        """Tell for each picture, in 8 bits, whether the aim is reached, (images,)."""
        seen = (pictures.clamp(0, 1) * LEVELS).round() / LEVELS
        return self.gain(self.oracle.logits(seen), labels) > 0


def train_patch(
    aim: Aim,
    on: Labelled,
    *,
    area: float,
    side: int,
    steps: int,
    generator: torch.Generator,
    progress: Callable[[float], None],
) -> Tensor:
    """Return an 8-bit patch, (3, side, side), that reaches the aim on most of the pictures.

    Adam on pictures drawn anew at each step, each patch at a spot, size, turn and light of its
    own (Brown et al. 2017; Athalye et al. 2018).
    """
    patch = torch.rand((3, side, side), generator=generator).to(on.clean).requires_grad_()
    optimizer = torch.optim.Adam([patch], RATE)
    for step, batch in enumerate(_batches(len(on.clean), steps, generator)):
        spots = Spots.drawn(on.clean[batch], area, generator)
        with torch.enable_grad():
            pictures = spots.put(patch, on.clean[batch])
        patch.grad = _slope(aim, pictures, on.labels[batch], patch)
        optimizer.step()
        with torch.no_grad():
            patch.clamp_(0, 1)
        progress((step + 1) / steps)
    return (patch.detach() * LEVELS).round() / LEVELS


def train_perturbation(
    aim: Aim,
    on: Labelled,
    ball: Ball,
    *,
    steps: int,
    generator: torch.Generator,
    progress: Callable[[float], None],
) -> Tensor:
    """Return one change, (1, 3, height, width), that reaches the aim added to most pictures.

    Steps of falling size up the mean slope on pictures drawn anew, back into the ball of each
    (after Moosavi-Dezfooli et al. 2017).
    """
    grey = torch.full_like(on.clean[:1], 0.5)
    change = ball.start(grey, generator) - grey
    for step, batch in enumerate(_batches(len(on.clean), steps, generator)):
        leaf = change.clone().requires_grad_()
        with torch.enable_grad():
            pictures = (on.clean[batch] + leaf).clamp(0, 1)
        slope = _slope(aim, pictures, on.labels[batch], leaf)
        size = change.new_full((1, 1, 1, 1), ball.first_step / 4 * (1 - step / steps))
        change = ball.project(ball.climb(grey + change, -slope, size), grey) - grey
        progress((step + 1) / steps)
    return change


def textures(like: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """Return patches of random blocks, one a picture, (images, 3, side, side): the control."""
    blocks = torch.rand((len(like), 3, BLOCKS, BLOCKS), generator=generator).to(like)
    return torch.nn.functional.interpolate(blocks, (side, side), mode="nearest")


def added(change: Tensor, clean: Tensor, ball: Ball) -> Tensor:
    """Return 8-bit pictures with the change added, each within the ball."""
    return ball.quantise(ball.project(clean + change, clean), clean)


def _slope(aim: Aim, pictures: Tensor, labels: Tensor, leaf: Tensor) -> Tensor:
    """Return the gradient in `leaf` of the mean logistic loss of the gain."""

    def loss(logits: Tensor, part: slice) -> Tensor:
        return -torch.nn.functional.softplus(-aim.gain(logits, labels[part]))

    _, _, gradient = aim.oracle.ascend(pictures.detach(), loss)
    (slope,) = torch.autograd.grad(pictures, leaf, -gradient / len(pictures))
    return slope


def _batches(rows: int, steps: int, generator: torch.Generator) -> Iterator[Tensor]:
    for _ in range(steps):
        yield torch.randperm(rows, generator=generator)[:BATCH]


@dataclass(frozen=True)
class Judged:
    """What one change and its control did to pictures that it was not made on.

    Attributes:
        hit: whether the aim is reached under the change, (images,).
        control: whether it is under the control, (images,).
        before: whether it is on the clean pictures, (images,).
        pictures: under the change, (images, 3, height, width).
    """

    hit: Tensor
    control: Tensor
    before: Tensor
    pictures: Tensor

    @classmethod
    def of(cls, aim: Aim, judge: Labelled, pictures: Tensor, control: Tensor) -> "Judged":
        """Look at pictures under the change and under its control."""
        hit, by_chance, before = (
            aim.reached(seen, judge.labels) for seen in (pictures, control, judge.clean)
        )
        return cls(hit, by_chance, before, pictures)


def judge_patch(
    aim: Aim,
    train: Labelled,
    judge: Labelled,
    *,
    area: float,
    steps: int,
    generator: torch.Generator,
    progress: Callable[[float], None],
) -> Judged:
    """Train a patch on some pictures; put it, and random textures, on others at random spots."""
    height, width = judge.clean.shape[2:]
    side = max(COARSEST, round((area * height * width) ** 0.5))
    patch = train_patch(
        aim, train, area=area, side=side, steps=steps, generator=generator, progress=progress
    )
    spots = Spots.drawn(judge.clean, area, generator)
    control = spots.put(textures(judge.clean, side, generator), judge.clean)
    return Judged.of(aim, judge, spots.put(patch, judge.clean), control)


def judge_perturbation(
    aim: Aim,
    train: Labelled,
    judge: Labelled,
    ball: Ball,
    *,
    steps: int,
    generator: torch.Generator,
    progress: Callable[[float], None],
) -> Judged:
    """Train a perturbation on some pictures; add it, and random noise as large, to others."""
    change = train_perturbation(
        aim, train, ball, steps=steps, generator=generator, progress=progress
    )
    coin = torch.randint(2, change.shape, generator=generator).to(change) * 2 - 1
    grey = torch.full_like(change, 0.5)
    size = change.new_full((1, 1, 1, 1), ball.first_step)
    noise = ball.project(ball.climb(grey, coin, size), grey) - grey
    pictures, control = (added(some, judge.clean, ball) for some in (change, noise))
    return Judged.of(aim, judge, pictures, control)
