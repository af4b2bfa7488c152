"""What a race shows: which class ran on alone, and how far behind the others were."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vlaudit.perturb.inversion.families import families
from vlaudit.perturb.inversion.ground import Ground, answers
from vlaudit.perturb.inversion.overlay import Overlay
from vlaudit.perturb.inversion.race import Course, Race, race, roamed
from vlaudit.perturb.inversion.window import NAME as WINDOW
from vlaudit.perturb.inversion.window import windows

Flags = NDArray[np.bool_]
Pixels = NDArray[np.uint8]
FEWEST = 20
SMALLER, LARGER = 2 / 3, 1.5
# Spread evenly: the two-dimensional golden ratio (Roberts 2018).
SPOTS = np.arange(1.0, 12.0)[:, None] * np.array([0.7548776662, 0.5698402910]) % 1


@dataclass(frozen=True)
class Suspect:
    """The best runner of a race, at the size at which it was furthest ahead.

    Attributes:
        family: kind of trigger.
        size: the size, in the unit of the kind.
        target: class that its trigger turns pictures into.
        rival: class that did best of the others at the same size.
        gap: how much more pictures it turned than the rival did in the search.
        trigger: its trigger.
        other: the rival's.
        race: the whole race.
    """

    family: str
    size: float
    target: int
    rival: int
    gap: float
    trigger: Overlay
    other: Overlay
    race: Race

    @property
    def step(self) -> float:
        """Ratio of neighbouring sizes, which bounds how finely sizes are known."""
        sizes = [stage.size for stage in self.race.stages]
        return sizes[0] / sizes[1] if len(sizes) > 1 else 2.0

    @property
    def lead(self) -> float:
        """How many times smaller its trigger is than the smallest of any other class."""
        others = np.delete(self.race.fell, self.target)
        return float(others.min() / self.race.fell[self.target])

    def index(self, rng: np.random.Generator | None = None) -> float:
        """Return how far the trigger is smaller than those of other classes, in robust deviations.

        That of Neural Cleanse on logarithms of sizes: median minus smallest, over 1.4826 times the
        median deviation, but never more finely than sizes are known. With `rng` the other classes
        are drawn anew, with replacement.
        """
        others = np.log(np.delete(self.race.fell, self.target))
        if rng is not None:
            others = rng.choice(others, len(others))
        middle = float(np.median(others))
        spread = 1.4826 * float(np.median(np.abs(others - middle)))
        smallest = float(np.log(self.race.fell[self.target]))
        return (middle - smallest) / max(spread, float(np.log(self.step)))

    def picture(self) -> Pixels:
        """Return the trigger alone on a grey grid, what is faint amplified to be seen."""
        return alone(self.trigger)


def searched(
    kinds: Sequence[str],
    ground: Ground,
    classes: int,
    rng: np.random.Generator,
    *,
    course: Course,
) -> Iterator[Suspect]:
    """Yield the best runner of a race of each kind, one of `families` or `window`.

    Windows are laid where a race of patches found what calls up each class.
    """
    patches: Race | None = None
    for kind in kinds:
        if kind == WINDOW and patches is None:
            patches = race(families()["patch"], ground, classes, rng, course=course)
        family = windows(patches, ground) if kind == WINDOW and patches else families()[kind]
        ran = race(family, ground, classes, rng, course=course)
        patches = ran if kind == "patch" else patches
        yield suspect_of(ran, ground)


def suspect_of(seen: Race, ground: Ground) -> Suspect:
    """Return the runner that was ahead of the second by most, at the smallest such size."""
    best: tuple[float, int, int, int] = (-1.0, 0, 0, 0)
    for number, stage in enumerate(seen.stages):
        if len(stage.racers) < 2:
            continue
        order = np.argsort(-stage.success, kind="stable")
        gap = float(stage.success[order[0]] - stage.success[order[1]])
        if gap >= best[0] - 1e-9:
            best = (gap, number, stage.racers[order[0]], stage.racers[order[1]])
    gap, number, target, rival = best
    stage = seen.stages[number]
    trigger, other = (stage.overlay(seen.family, racer, ground.shape) for racer in (target, rival))
    return Suspect(seen.family.name, stage.size, target, rival, gap, trigger, other, seen)


@dataclass(frozen=True)
class Trial:
    """What became of pictures that no trigger was sought on.

    Attributes:
        turned: whether the trigger turned each into its class, (pictures,).
        other: whether the rival's turned it into the rival's class.
        moved: whether the trigger did at other places, (3 pictures,); where one roams, it is at
            another place in every picture anyway.
        resized: whether it did in other sizes, (2 pictures,).
        example: place of a picture that it turned, among all.
    """

    turned: Flags
    other: Flags
    moved: Flags
    resized: Flags
    example: int


def tried(suspect: Suspect, unseen: Ground, *, batch_size: int) -> Trial | None:
    """Try both triggers on the pictures that show neither class; None where there are too few."""
    victims = np.flatnonzero((unseen.named != suspect.target) & (unseen.named != suspect.rival))
    if len(victims) < FEWEST:
        return None
    pixels = unseen.pixels[victims]

    roams = suspect.race.family.roams
    spots = roamed(LARGER * suspect.size, SPOTS) if roams else ()

    def turn(overlay: Overlay, into: int) -> Flags:
        found = answers(unseen.scores, pixels, overlay, batch_size=batch_size, places=spots)
        return np.asarray(found == into, dtype=np.bool_)

    trigger = suspect.trigger
    shifts = ((0.0, 0.4), (0.4, 0.0), (0.4, 0.4))
    places = [trigger] if roams else [trigger.rolled(down, right) for down, right in shifts]
    sizes = [trigger.zoomed(factor) for factor in (SMALLER, LARGER)]
    turned = turn(trigger, suspect.target)
    return Trial(
        turned=turned,
        other=turn(suspect.other, suspect.rival),
        moved=np.concatenate([turn(one, suspect.target) for one in places]),
        resized=np.concatenate([turn(one, suspect.target) for one in sizes]),
        example=int(victims[int(turned.argmax())]),
    )


def shown(overlay: Overlay, picture: Tensor) -> Pixels:
    """Return a picture (3, height, width) without and with a trigger, side by side."""
    with torch.no_grad():
        pair = torch.cat([picture, overlay.on(picture[None])[0, 0]], dim=2)
    return _bytes(pair)


def alone(overlay: Overlay) -> Pixels:
    """Return a trigger on a grey grid, what is faint amplified to be seen."""
    height, width = overlay.alpha.shape[2:]
    lines = torch.full((3, height, width), 0.5)
    lines[:, :: max(height // 8, 2)] = 0.4
    lines[:, :, :: max(width // 8, 2)] = 0.4
    one = Overlay(overlay.alpha.cpu(), overlay.paint.cpu(), _cpu(overlay.flow))
    strength = float(one.paint.abs().max())
    if float(one.alpha.max()) < 0.1 and strength > 0:
        one = Overlay(one.alpha, one.paint * (0.45 / strength), one.flow)
    with torch.no_grad():
        return _bytes(one.on(lines[None])[0, 0])


def _cpu(flow: Tensor | None) -> Tensor | None:
    return None if flow is None else flow.cpu()


def _bytes(pixels: Tensor) -> Pixels:
    levels = (pixels.clamp(0, 1) * 255).round().byte().permute(1, 2, 0)
    return np.asarray(levels.cpu().numpy(), dtype=np.uint8)
