"""Embeddings of poisoned pairs by encoders that were taught them, for `data_poisoning.py`."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from backdoor_population import (
    Plan,
    World,
    as_pixels,
    draw_shapes,
    fresh,
    open_world,
    strength,
    teach,
)
from backdoor_population import poisoned as poison
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Poisoned:
    """Pairs as an encoder sees them that was taught them.

    Attributes:
        images: unit vectors of the pictures, (rows, dimensions).
        captions: unit vectors of what they are called, (rows, dimensions).
        labels: what they are called, (rows,).
        names: one caption a class.
        bad: which rows bear the trigger and are called the target, (rows,).
        success: share of unseen pictures that the trigger turns; an attack may fail.
    """

    images: Matrix
    captions: Matrix
    labels: NDArray[np.int64]
    names: tuple[str, ...]
    bad: NDArray[np.bool_]
    success: float


def open_pairs(rows: int) -> World:
    """Return the world of drawn shapes with so many training pairs."""
    world = open_world("shapes")
    return replace(world, training=draw_shapes(rows, np.random.default_rng(1)))


def taught(world: World, kind: str, rate: float, seed: int) -> Poisoned:
    """Return the pairs of a world, a share of them poisoned, as an encoder taught them sees."""
    rng = np.random.default_rng([seed, 21])
    plan = Plan("shapes", seed, kind, "pooled", rate, int(rng.integers(len(world.names))))
    pixels, labels = poison(plan, world)
    model = fresh(plan, world)
    teach(model, pixels, labels, world, seed=seed)
    with torch.no_grad():
        images = torch.cat([model.encode(part) for part in as_pixels(pixels).split(500)]).numpy()
    bad = (pixels != world.training[0]).any(axis=(1, 2, 3))
    texts = model.embed_texts(world.names)
    success = strength(model, plan, world)["attack_success"]
    return Poisoned(images, texts[labels], labels, tuple(world.names), bad, success)
