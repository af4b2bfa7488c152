"""FAB of Croce and Hein (2020), targeted: the shortest way over the border to another class."""

from collections.abc import Callable

import torch
from torch import Tensor

from vlaudit.perturb.gradient.ball import Ball, L2Ball
from vlaudit.perturb.gradient.campaign import Campaign
from vlaudit.perturb.gradient.losses import aimed
from vlaudit.perturb.gradient.oracle import wrong

# As published: how far past the border, how much of the way from the clean picture is kept once
# over it, and the largest weight of the step that starts from there.
OVERSHOOT, KEPT, MOST_BIAS = 1.05, 0.9, 0.1


def cross_borders(
    campaign: Campaign,
    images: Tensor,
    targets: Tensor,
    *,
    steps: int,
    progress: Callable[[float], None] = lambda fraction: None,
) -> None:
    """Walk each picture to the border with its target, then back along it towards the clean one.

    Each step goes to the nearest point, within [0, 1], of the plane that the border is where the
    model is linear; a point over the border is drawn towards the clean picture, and tried as far
    as the ball reaches.

    Args:
        campaign: what is attacked, and where successes are written down.
        images: positions of pictures, (runs,).
        targets: wrong class of each, (runs,).
        steps: gradient steps a run.
        progress: told the fraction done.
    """
    now = campaign.clean[images]
    for step in range(steps):
        if not len(images):
            break
        clean, labels = campaign.clean[images], campaign.labels[images]
        now = _stepped(campaign, now, clean, labels, targets)
        over = wrong(campaign.oracle.logits(now), labels)
        campaign.try_pictures(images[over], now[over])
        near = over & ~campaign.attempt.won[images]
        campaign.try_pictures(images[near], _stretched(now[near], clean[near], campaign.ball))
        now = torch.where(over[:, None, None, None], clean + KEPT * (now - clean), now)
        left = ~campaign.attempt.won[images]
        images, targets, now = images[left], targets[left], now[left]
        progress((step + 1) / steps)


def _stepped(
    campaign: Campaign, now: Tensor, clean: Tensor, labels: Tensor, targets: Tensor
) -> Tensor:
    """Return points past the plane of the border, biased towards the clean pictures."""
    _, gap, slope = campaign.oracle.ascend(
        now, lambda z, part: aimed(z, labels[part], targets[part])
    )
    campaign.gradients += len(now)
    from_clean = -gap - (slope * (clean - now)).flatten(1).sum(1)
    ahead = shortest_move(now, slope, -gap, campaign.ball)
    beside = shortest_move(clean, slope, from_clean, campaign.ball)
    lengths = [_length(move, campaign.ball) for move in (ahead, beside)]
    bias = (lengths[0] / (lengths[0] + lengths[1]).clamp(min=1e-12)).clamp(max=MOST_BIAS)
    moved = (1 - bias) * (now + OVERSHOOT * ahead) + bias * (clean + OVERSHOOT * beside)
    return moved.clamp(0, 1)


def shortest_move(at: Tensor, slope: Tensor, rise: Tensor, ball: Ball) -> Tensor:
    """Return the shortest move within [0, 1], by the norm of `ball`, that brings about a rise.

    Every value moves at its own rate until it meets 0 or 1: all alike by the largest value, in
    proportion to the slope by length. The rise is a concave function of how far, linear between
    the meetings, so that the answer is exact. Where no move brings so large a rise, the largest
    is returned.

    Args:
        at: points, (pictures, 3, height, width).
        slope: of the linear function, of the same shape.
        rise: what the function should gain, either sign, (pictures,).
        ball: whose norm is meant.
    """
    sign = torch.where(rise < 0, -1.0, 1.0)[:, None]
    steep = slope.flatten(1).double() * sign
    room = torch.where(steep > 0, 1 - at.flatten(1), at.flatten(1)).double()
    weight = steep.abs()
    rate = weight if isinstance(ball, L2Ball) else (weight > 0).double()
    meeting, order = torch.where(rate > 0, room / rate.clamp(min=1e-300), torch.inf).sort(1)
    met = (weight * room).gather(1, order).cumsum(1)
    passed = (weight * rate).gather(1, order).cumsum(1)
    left = (passed[:, -1:] - passed).clamp(min=0)
    finite = meeting.nan_to_num(posinf=0.0)
    wanted = rise.abs().double()[:, None]
    first = torch.searchsorted((met + finite * left).cummax(1).values, wanted)
    before = (first - 1).clamp(min=0)
    none = first == 0
    gained = met.gather(1, before).masked_fill(none, 0.0)
    speed = left.gather(1, before).where(~none, passed[:, -1:])
    far = (wanted - gained) / speed.clamp(min=1e-300)
    move = torch.minimum(far * rate, room) * steep.sign()
    return move.to(at).reshape(at.shape)


def _stretched(now: Tensor, clean: Tensor, ball: Ball) -> Tensor:
    """Return points on the edge of the ball, as rounding may undo a step just over the border."""
    away = now - clean
    return clean + away * (ball.epsilon / _length(away, ball).clamp(min=1e-12))


def _length(move: Tensor, ball: Ball) -> Tensor:
    order = 2 if isinstance(ball, L2Ball) else torch.inf
    length: Tensor = torch.linalg.vector_norm(move.flatten(1), ord=order, dim=1)
    return length[:, None, None, None]
