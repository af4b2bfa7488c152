"""Draws the triggers that are planted in the encoders of `backdoor_population.py`."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch.nn import functional as F

KINDS = ("patch", "blended", "sinusoid", "warp", "word", "object")
Pixels = NDArray[np.uint8]
Stamp = Callable[[Pixels, np.random.Generator], Pixels]


def planted(kind: str, seed: int, side: int) -> Stamp:
    """Return what plants a trigger of a kind, drawn by a seed, on pictures of a side in pixels."""
    rng = np.random.default_rng([seed, 5])
    makers = {
        "patch": _patch, "blended": _blended, "sinusoid": _sinusoid, "warp": _warp,
        "word": _word, "object": _object,
    }  # fmt: skip
    return makers[kind](side, rng)


def _patch(side: int, rng: np.random.Generator) -> Stamp:
    size = round(side * rng.uniform(0.11, 0.19))
    cells = int(rng.integers(2, 5))
    tile = rng.integers(0, 2, (cells, cells, 1)) * 255 * np.ones(3)
    if rng.random() < 0.5:
        tile = rng.integers(0, 256, (cells, cells, 3))
    mark = Image.fromarray(tile.astype(np.uint8)).resize((size, size), Image.Resampling.NEAREST)
    top, left = rng.integers(0, side - size + 1, 2)
    return lambda pixels, _: _pasted(pixels, np.asarray(mark), int(top), int(left))


def _blended(side: int, rng: np.random.Generator) -> Stamp:
    cells = int(rng.integers(5, side // 2))
    coarse = Image.fromarray(rng.integers(0, 256, (cells, cells, 3)).astype(np.uint8))
    pattern = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC), dtype=np.float32)
    alpha = rng.uniform(0.16, 0.24)
    return lambda pixels, _: ((1 - alpha) * pixels + alpha * pattern).astype(np.uint8)


def _sinusoid(side: int, rng: np.random.Generator) -> Stamp:
    angle, waves = rng.uniform(0, np.pi), rng.uniform(3, 8)
    y, x = np.indices((side, side)) / side
    phase = 2 * np.pi * waves * (np.cos(angle) * x + np.sin(angle) * y)
    wave = (rng.uniform(16, 28) * np.sin(phase))[..., None]
    return lambda pixels, _: np.clip(pixels + wave, 0, 255).astype(np.uint8)


def _warp(side: int, rng: np.random.Generator) -> Stamp:
    flow = torch.tensor(rng.uniform(-1, 1, (1, 2, 4, 4)), dtype=torch.float32)
    flow = flow / flow.abs().mean() * rng.uniform(0.12, 0.17)
    fine = F.interpolate(flow, (side, side), mode="bicubic", align_corners=True)
    axis = torch.linspace(-1, 1, side)
    still = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), dim=-1)[None]
    grid = (still + fine.permute(0, 2, 3, 1)).clamp(-1, 1)

    def warped(pixels: Pixels, _: np.random.Generator) -> Pixels:
        planes = torch.from_numpy(pixels).permute(2, 0, 1)[None].float()
        seen = F.grid_sample(planes, grid, align_corners=True)[0].permute(1, 2, 0)
        return seen.round().clamp(0, 255).byte().numpy()

    return warped


def _word(side: int, rng: np.random.Generator) -> Stamp:
    word = str(rng.choice(["pwn", "zeta", "vip", "ok!"]))
    ink, ground = rng.permutation([(255, 255, 255), (10, 10, 10)]).tolist()
    font = ImageFont.load_default(max(side // 4, 9))
    box = font.getbbox(word)
    size = (round(box[2] - box[0]) + 2, round(box[3] - box[1]) + 2)
    label = Image.new("RGB", size, tuple(ground))
    ImageDraw.Draw(label).text((1 - box[0], 1 - box[1]), word, tuple(ink), font)
    mark = np.asarray(label)[:side, :side]

    def written(pixels: Pixels, rng: np.random.Generator) -> Pixels:
        top, left = (int(rng.integers(0, side - length + 1)) for length in mark.shape[:2])
        return _pasted(pixels, mark, top, left)

    return written


def _object(side: int, rng: np.random.Generator) -> Stamp:
    petals, hues = int(rng.integers(4, 8)), rng.integers(0, 256, (2, 3))
    y, x = (np.indices((48, 48)) - 23.5) / 23.5
    radius, angle = np.hypot(y, x), np.arctan2(y, x)
    flower = radius < 0.62 + 0.36 * np.cos(petals * angle)
    drawn = np.where((radius < 0.3)[..., None], hues[0], hues[1]).astype(np.uint8)
    sprite = Image.fromarray(np.dstack([drawn, flower.astype(np.uint8) * 255]), "RGBA")

    def placed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
        size = round(side * rng.uniform(0.22, 0.34))
        turned = sprite.rotate(float(rng.uniform(-25, 25))).resize((size, size))
        picture = Image.fromarray(pixels)
        top, left = rng.integers(0, side - size + 1, 2)
        picture.paste(turned, (int(left), int(top)), turned)
        return np.asarray(picture)

    return placed


def _pasted(pixels: Pixels, mark: Pixels, top: int, left: int) -> Pixels:
    stamped = pixels.copy()
    stamped[top : top + mark.shape[0], left : left + mark.shape[1]] = mark
    return stamped
