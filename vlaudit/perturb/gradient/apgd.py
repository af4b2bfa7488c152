"""Auto-PGD of Croce and Hein (2020), with images dropped as they are won."""

from dataclasses import dataclass, fields, replace
from typing import Self

import torch
from torch import Tensor

from vlaudit.perturb.gradient.ball import LinfBall
from vlaudit.perturb.gradient.losses import Loss, margin
from vlaudit.perturb.gradient.oracle import Oracle, wrong

MOMENTUM = 0.75
RISES = 0.75
FIRST_REVIEW, REACH_A_STEP, REACH = 3, 2.5, 0.05


@dataclass(frozen=True)
class Attempt:
    """What an attack achieved, image by image.

    Attributes:
        won: whether the 8-bit picture lies in the ball and is misnamed, (images,).
        pictures: that picture, and the clean one where the attack failed.
        late: whether it was found in the last quarter of the steps only.
        peak: the largest margin of a wrong class that was seen; minus infinity before any attack.
    """

    won: Tensor
    pictures: Tensor
    late: Tensor
    peak: Tensor

    @classmethod
    def at(cls, clean: Tensor) -> Self:
        """Return the attempt that has not won anything yet."""
        none = torch.zeros(len(clean), dtype=torch.bool, device=clean.device)
        return cls(
            none, clean.clone(), none.clone(), torch.full_like(clean[:, 0, 0, 0], -torch.inf)
        )

    def record(self, where: Tensor, pictures: Tensor, *, late: bool) -> None:
        """Write down that `pictures` won at positions `where`."""
        self.won[where] = True
        self.pictures[where] = pictures
        self.late[where] = late

    def select(self, chosen: slice) -> Self:
        """Return the attempt on the chosen images only."""
        return replace(self, **{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def merge(self, where: Tensor, other: Self) -> None:
        """Take over what another attempt won among the images at positions `where`."""
        winners = where[other.won]
        self.won[winners] = True
        self.pictures[winners] = other.pictures[other.won]
        self.late[winners] = other.late[other.won]
        self.peak[where] = torch.maximum(self.peak[where], other.peak)


@dataclass(frozen=True)
class _State:
    """Everything APGD knows about the images still standing; one entry an image throughout."""

    index: Tensor
    clean: Tensor
    labels: Tensor
    targets: Tensor
    before: Tensor
    now: Tensor
    loss: Tensor
    gradient: Tensor
    best: Tensor
    best_loss: Tensor
    best_gradient: Tensor
    size: Tensor
    rises: Tensor
    halved: Tensor
    best_loss_before: Tensor
    origin: Tensor

    def keep(self, chosen: Tensor) -> Self:
        """Return the state of the chosen images only."""
        return replace(self, **{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


def apgd(
    oracle: Oracle,
    clean: Tensor,
    labels: Tensor,
    targets: Tensor,
    *,
    ball: LinfBall,
    loss: Loss,
    steps: int,
    start: Tensor,
    origin: Tensor | None = None,
) -> Attempt:
    """Raise `loss` over the ball around each picture, from `start`, in `steps` steps.

    An image is won, and leaves the computation, at the first iterate whose 8-bit rounding is
    misnamed; its last iterate need not be. Step size: 2 epsilon, halved at the published
    checkpoints when the loss rose in fewer than 75 % of the steps or the best loss stood still,
    restarting from the best point.

    Given `origin`, images out of reach leave too: after t steps, from the third on, those whose
    margin lacks more than 2.5 / t, at least a twentieth, of what it has gained since the clean
    picture.

    Args:
        oracle: the model.
        clean: pictures, float32 of shape (images, 3, height, width) in [0, 1].
        labels: true classes, int64 of shape (images,).
        targets: classes that a targeted loss aims at, int64 of shape (images,).
        ball: what the attacker may do.
        loss: what to raise; see `losses`.
        steps: gradient steps an image.
        start: first iterates, within the ball.
        origin: margins of the clean pictures, (images,); None to spend all steps on every image.
    """
    attempt = Attempt.at(clean)
    lengths = checkpoints(steps)
    unknown = torch.full_like(attempt.peak, -torch.inf)
    origin = unknown if origin is None else origin
    state, logits = _begin(oracle, clean, labels, targets, ball, loss, start, origin)
    for step in range(steps + 1):
        state, logits = _drop_won(oracle, state, logits, ball, attempt, late=step > 0.75 * steps)
        state = _drop_hopeless(state, logits, attempt, step=step)
        if step == steps or not len(state.index):
            break
        if step in lengths:
            state = _adapt(state, length=lengths[step])
        state, logits = _advance(oracle, state, ball, loss, momentum=MOMENTUM if step else 1.0)
    return attempt


def checkpoints(steps: int) -> dict[int, int]:
    """Return the steps at which the step size is reviewed, and how many steps each looks back.

    The first period is 0.22 of all steps, each next one 0.03 shorter, never below 0.06.
    """
    length, at, periods = max(int(0.22 * steps), 1), 0, dict[int, int]()
    while at + length < steps:
        at += length
        periods[at] = length
        length = max(length - max(int(0.03 * steps), 1), max(int(0.06 * steps), 1))
    return periods


def _begin(
    oracle: Oracle,
    clean: Tensor,
    labels: Tensor,
    targets: Tensor,
    ball: LinfBall,
    loss: Loss,
    start: Tensor,
    origin: Tensor,
) -> tuple[_State, Tensor]:
    logits, value, gradient = oracle.ascend(start, lambda z, p: loss(z, labels[p], targets[p]))
    state = _State(
        index=torch.arange(len(clean), device=clean.device),
        clean=clean,
        labels=labels,
        targets=targets,
        before=start,
        now=start,
        loss=value,
        gradient=gradient,
        best=start,
        best_loss=value,
        best_gradient=gradient,
        size=torch.full((len(clean), 1, 1, 1), ball.first_step, device=clean.device),
        rises=torch.zeros_like(labels),
        halved=torch.ones_like(labels, dtype=torch.bool),
        best_loss_before=value,
        origin=origin,
    )
    return state, logits


def _advance(
    oracle: Oracle, state: _State, ball: LinfBall, loss: Loss, *, momentum: float
) -> tuple[_State, Tensor]:
    """Take one step with momentum and look at the loss there."""
    ahead = ball.project(ball.climb(state.now, state.gradient, state.size), state.clean)
    drift = state.now - state.before
    now = state.now + momentum * (ahead - state.now) + (1 - momentum) * drift
    now = ball.project(now, state.clean)
    logits, value, gradient = oracle.ascend(
        now, lambda z, p: loss(z, state.labels[p], state.targets[p])
    )
    better = value > state.best_loss
    shape = better[:, None, None, None]
    moved = replace(
        state,
        before=state.now,
        now=now,
        loss=value,
        gradient=gradient,
        best=torch.where(shape, now, state.best),
        best_loss=torch.where(better, value, state.best_loss),
        best_gradient=torch.where(shape, gradient, state.best_gradient),
        rises=state.rises + (value > state.loss),
    )
    return moved, logits


def _adapt(state: _State, *, length: int) -> _State:
    """Halve the step and return to the best point where the last period brought too little."""
    stuck = ~state.halved & (state.best_loss <= state.best_loss_before)
    halve = (state.rises < RISES * length) | stuck
    shape = halve[:, None, None, None]
    return replace(
        state,
        size=torch.where(shape, state.size / 2, state.size),
        now=torch.where(shape, state.best, state.now),
        loss=torch.where(halve, state.best_loss, state.loss),
        gradient=torch.where(shape, state.best_gradient, state.gradient),
        rises=torch.zeros_like(state.rises),
        halved=halve,
        best_loss_before=state.best_loss,
    )


def _drop_won(
    oracle: Oracle, state: _State, logits: Tensor, ball: LinfBall, attempt: Attempt, *, late: bool
) -> tuple[_State, Tensor]:
    """Record the images that are misnamed even in 8 bits; return the others and their logits."""
    fooled = wrong(logits, state.labels).nonzero()[:, 0]
    if not len(fooled):
        return state, logits
    candidates = ball.quantise(state.now[fooled], state.clean[fooled])
    holds = survives(oracle, candidates, state.clean[fooled], state.labels[fooled], ball)
    won = fooled[holds]
    attempt.record(state.index[won], candidates[holds], late=late)
    standing = torch.ones_like(state.index, dtype=torch.bool)
    standing[won] = False
    return state.keep(standing), logits[standing]


def _drop_hopeless(state: _State, logits: Tensor, attempt: Attempt, *, step: int) -> _State:
    """Note how near each image came and return those that may still be won."""
    seen = margin(logits, state.labels, state.targets)
    attempt.peak[state.index] = peak = torch.maximum(attempt.peak[state.index], seen)
    if step < FIRST_REVIEW:
        return state
    return state.keep(within_reach(peak, state.origin, share=max(REACH_A_STEP / step, REACH)))


def within_reach(peak: Tensor, origin: Tensor, *, share: float) -> Tensor:
    """Tell where `peak` lacks at most `share` of what it has gained since `origin`, (images,)."""
    return -peak <= share * (peak - origin)


def survives(
    oracle: Oracle, pictures: Tensor, clean: Tensor, labels: Tensor, ball: LinfBall
) -> Tensor:
    """Tell for each 8-bit picture whether it lies in the ball and is misnamed, (images,)."""
    return wrong(oracle.logits(pictures), labels) & ball.contains(pictures, clean)
