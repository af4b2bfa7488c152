"""Changes of the L2 form of Square Attack: smooth bumps that trade length between windows."""

import torch
from torch import Tensor

from vlaudit.perturb.gradient.ball import Ball

TILES, SMALLEST = 5, 3


def bump(side: int) -> Tensor:
    """Return two opposite bumps side by side, of length 1, (side, side)."""
    first = _hill(side // 2, side)
    both = torch.cat([first, -_hill(side - side // 2, side)])
    length: Tensor = both.norm()
    return both / length


def tiled(clean: Tensor, ball: Ball, generator: torch.Generator) -> Tensor:
    """Return pictures under tiles of bumps with random signs, as far away as the ball reaches."""
    images, channels, height, width = clean.shape
    side = max(SMALLEST, min(height, width) // TILES)
    down, across = -(-height // side), -(-width // side)
    sign = _coin((images, channels, down, across), generator)
    change = torch.kron(sign, bump(side))[..., :height, :width].to(clean)
    return _at_length(clean, change, ball.epsilon)


def exchanged(
    now: Tensor, clean: Tensor, ball: Ball, side: int, generator: torch.Generator
) -> Tensor:
    """Return pictures whose change is taken from one window and added to another as a bump.

    Args:
        now: changed pictures, (images, channels, height, width).
        clean: the pictures.
        ball: what may be reached.
        side: of the windows, in pixels.
        generator: source of places and signs, on the CPU.
    """
    images, channels, height, width = now.shape
    side = min(max(side, SMALLEST), height, width)
    change = now - clean
    spare = (ball.epsilon**2 - _length(change) ** 2).clamp(min=0) / channels
    taken, given = (_windows(now, side, generator) for _ in range(2))
    old = change[given]
    both = torch.zeros_like(change)
    both[given] = both[taken] = 1.0
    held = (change * both).square().sum((2, 3), keepdim=True)
    sign = _coin((images, channels, 1, 1), generator).to(now)
    flip = bool(torch.randint(2, (1,), generator=generator))
    shape = bump(side).T if flip else bump(side)
    new = shape.to(now) * sign + old / _of_channel(old)
    change[taken] = 0.0
    change[given] = new / _of_channel(new) * (spare + held).sqrt()
    return _at_length(clean, change, ball.epsilon)


def _hill(height: int, width: int) -> Tensor:
    """Return values that fall with the distance, in rings, from the middle, of length 1."""
    down = (torch.arange(height) - height // 2).abs()[:, None]
    across = (torch.arange(width) - width // 2).abs()[None]
    rings = 1 / torch.arange(1.0, max(height, width) + 2) ** 2
    hill = rings.flip(0).cumsum(0).flip(0)[torch.maximum(down, across)]
    length: Tensor = hill.norm()
    return hill / length


def _windows(
    now: Tensor, side: int, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the index of a square at a random place of each picture, in all channels."""
    images, channels, height, width = now.shape
    top = torch.randint(height - side + 1, (images, 1, 1, 1), generator=generator)
    left = torch.randint(width - side + 1, (images, 1, 1, 1), generator=generator)
    index = (
        torch.arange(images)[:, None, None, None],
        torch.arange(channels)[None, :, None, None],
        top + torch.arange(side)[None, None, :, None],
        left + torch.arange(side)[None, None, None],
    )
    one, two, three, four = (part.to(now.device) for part in index)
    return one, two, three, four


def _at_length(clean: Tensor, change: Tensor, length: float) -> Tensor:
    return clean + change * length / _length(change)


def _length(change: Tensor) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(change.flatten(1), dim=1)
    return length.clamp(min=1e-12)[:, None, None, None]


def _of_channel(window: Tensor) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(window, dim=(2, 3), keepdim=True)
    return length.clamp(min=1e-12)


def _coin(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return torch.randint(2, shape, generator=generator) * 2.0 - 1
