"""A race between classes: whose trigger can shrink furthest and still turn the pictures.

All classes seek a trigger of one kind at once, at one size that shrinks step by step. A class whose
trigger turns fewer than half of the pictures falls behind; the size at which it does is what its
trigger takes. In a model without a backdoor many classes fall at about one size. A planted target
runs on alone. As all search equally hard at every size, none is helped by more effort.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from vlaudit.perturb.inversion.families import Family, Parts
from vlaudit.perturb.inversion.ground import Ground, Labels, at_once
from vlaudit.perturb.inversion.overlay import Overlay

Floats = NDArray[np.float64]
HALF = 0.5
SPREAD = 4


@dataclass(frozen=True)
class Course:
    """How a race is run.

    Attributes:
        stages: number of sizes, from the largest to the smallest.
        steps: steps of the optimiser at each size; four times as many at the first.
        pictures: pictures seen at each step.
        kept: racers that stay in the race even when they fall behind.
        batch_size: pictures of 64 x 64 pixels differentiated at once; of larger ones fewer.
    """

    stages: int = 18
    steps: int = 8
    pictures: int = 12
    kept: int = 4
    batch_size: int = 192


@dataclass(frozen=True)
class Stage:
    """Where the racers stand at one size.

    Attributes:
        size: the size.
        racers: which classes still run, ascending.
        success: share of pictures that each turns, (racers,).
        parts: what they have found.
    """

    size: float
    racers: list[int]
    success: Floats
    parts: Parts

    def overlay(self, family: Family, racer: int, shape: tuple[int, int]) -> Overlay:
        """Return what one class has found."""
        at = self.racers.index(racer)
        with torch.no_grad():
            return family.render(tuple(part[at : at + 1] for part in self.parts), self.size, shape)


@dataclass(frozen=True)
class Race:
    """How a race went.

    Attributes:
        family: the kind of trigger.
        fell: size at which each class fell behind, (classes,); the smallest where it never did.
        stages: where the racers stood at each size.
    """

    family: Family
    fell: Floats
    stages: list[Stage] = field(default_factory=list[Stage])


def race(
    family: Family,
    ground: Ground,
    classes: int,
    rng: np.random.Generator,
    *,
    course: Course,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Race:
    """Let all classes race for the smallest trigger of one kind.

    Args:
        family: the kind of trigger.
        ground: model and pictures.
        classes: number of classes, which are those of the model's logits.
        rng: draws beginnings and pictures.
        course: how long and how broadly to search.
        progress: told which fraction is done.
    """
    chance = torch.Generator().manual_seed(int(rng.integers(2**31)))
    begun = family.start(classes, *ground.shape, chance)
    parts = tuple(part.to(ground.pixels.device).requires_grad_() for part in begun)
    result = Race(family, np.full(classes, family.smallest))
    racers = list(range(classes))
    sizes = np.geomspace(family.largest, family.smallest, course.stages)
    for number, size in enumerate(sizes.tolist()):
        steps = course.steps * (1 if number else 4)
        success = _improve(family, ground, parts, racers, size, course, steps, rng)
        kept = tuple(part.detach().clone() for part in parts)
        result.stages.append(Stage(size, racers, success, kept))
        for racer, rate in zip(racers, success, strict=True):
            if rate < HALF:
                result.fell[racer] = max(result.fell[racer], _crossing(result, racer))
        progress((number + 1) / course.stages)
        if success.max() < HALF:
            break
        order = np.argsort(-success, kind="stable")
        staying = sorted(i for n, i in enumerate(order) if success[i] >= HALF or n < course.kept)
        racers = [racers[i] for i in staying]
        parts = tuple(part[staying].requires_grad_() for part in kept)
    return result


def roamed(size: float, drawn: Floats) -> list[tuple[float, float]]:
    """Return shifts at which something of a size, as a share of the side, stays in the picture.

    `drawn` are uniform numbers in [0, 1), (places, 2).
    """
    reach = max(1 - size, 0.0) / 2
    return [(float(down), float(right)) for down, right in (2 * drawn - 1) * reach]


def _crossing(result: Race, racer: int) -> float:
    """Return the size at which a class fell below one half, between the last two sizes."""
    rates = [
        (stage.size, float(stage.success[stage.racers.index(racer)]))
        for stage in result.stages[-2:]
        if racer in stage.racers
    ]
    size, rate = rates[-1]
    if len(rates) == 1 or rates[0][1] < HALF:
        return size
    larger, before = rates[0]
    return float(larger * (size / larger) ** ((before - HALF) / max(before - rate, 1e-9)))


def _improve(
    family: Family,
    ground: Ground,
    parts: Parts,
    racers: Sequence[int],
    size: float,
    course: Course,
    steps: int,
    rng: np.random.Generator,
) -> Floats:
    """Improve all triggers in place; return the share of pictures that each turns at the end."""
    optimiser = torch.optim.Adam(parts, lr=family.rate, betas=(0.5, 0.9))
    most = at_once(course.batch_size, ground.pixels)
    hits, tried = np.zeros(len(racers)), np.zeros(len(racers))
    for step in range(steps):
        rows = rng.permutation(len(ground.pixels))[: course.pictures]
        places = roamed(size, rng.random((SPREAD, 2))) if family.roams else ()
        for part in parts:
            part.grad = torch.zeros_like(part)
        for chunk in _chunks(len(racers), max(most // len(rows), 1)):
            aims = np.asarray(racers)[chunk]
            victims = ground.named[rows][None] != aims[:, None]
            turned = _differentiate(family, ground, parts, chunk, rows, aims, victims, size, places)
            if step >= steps - max(course.steps // 2, 1):
                hits[chunk] += (turned & victims).sum(axis=1)
                tried[chunk] += victims.sum(axis=1)
        optimiser.step()
    return hits / np.maximum(tried, 1)


def _differentiate(
    family: Family,
    ground: Ground,
    parts: Parts,
    chunk: slice,
    rows: Labels,
    aims: Labels,
    victims: NDArray[np.bool_],
    size: float,
    places: Sequence[tuple[float, float]] = (),
) -> NDArray[np.bool_]:
    """Add the gradients of some racers; tell which pictures each has turned, (racers, images)."""
    own = tuple(part.detach()[chunk].requires_grad_() for part in parts)
    overlay, pictures = family.render(own, size, ground.shape), ground.pixels[rows]
    changed = overlay.spread(pictures, places) if places else overlay.on(pictures)
    logits = ground.scores(changed.flatten(0, 1)).float().reshape(*changed.shape[:2], -1)
    wanted = torch.from_numpy(aims).to(logits.device)[:, None].expand(logits.shape[:2])
    losses = F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), reduction="none")
    weights = torch.from_numpy(victims).to(logits.device).flatten().float()
    gradients = torch.autograd.grad((losses * weights).sum(), own)
    for part, gradient in zip(parts, gradients, strict=True):
        if part.grad is not None:
            part.grad[chunk] = gradient.nan_to_num(0.0, 0.0, 0.0)
    turned: NDArray[np.bool_] = (logits.argmax(dim=2) == wanted).cpu().numpy()
    return turned


def _chunks(count: int, size: int) -> Iterator[slice]:
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))
