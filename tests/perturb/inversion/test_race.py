import numpy as np
import pytest
import torch
from torch import Tensor

from vlaudit.perturb.inversion.families import families
from vlaudit.perturb.inversion.ground import Ground
from vlaudit.perturb.inversion.race import Course, race
from vlaudit.perturb.inversion.suspect import alone, searched, shown, suspect_of, tried
from vlaudit.perturb.inversion.window import windows

SIDE, CLASSES = 12, 6


def ground(ease: float, *, seed: int = 0, pictures: int = 60) -> Ground:
    """A linear model whose classes take equal patterns, but class 2 one `ease` times as small."""
    patterns = torch.linalg.qr(torch.randn(3 * SIDE**2, CLASSES, generator=_chance(1)))[0].T
    patterns = patterns - patterns.mean(1, keepdim=True)
    slopes = torch.ones(CLASSES)
    slopes[2] = ease

    def scores(pixels: Tensor) -> Tensor:
        logits: Tensor = 40 * ((pixels - 0.5).flatten(1) @ (patterns * slopes[:, None]).T)
        return logits

    levels = torch.arange(pictures) % CLASSES
    levels[levels == 2] = 3  # no picture shows the easy class
    pixels = 0.5 + 1.2 * patterns[levels].reshape(-1, 3, SIDE, SIDE)
    pixels = (pixels + 0.03 * torch.randn(pixels.shape, generator=_chance(seed))).clamp(0, 1)
    return Ground(scores, pixels, scores(pixels).argmax(1).numpy())


def _chance(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


COURSE = Course(stages=12, steps=5)


@pytest.mark.parametrize("ease", [2.0, 4.0])
def test_a_class_that_is_easier_is_found_at_its_smaller_size(ease: float) -> None:
    seen = ground(ease)
    ran = race(families()["pattern"], seen, CLASSES, np.random.default_rng(0), course=COURSE)
    suspect = suspect_of(ran, seen)
    assert suspect.target == 2
    # A linear class that rises `ease` times as fast has about (1 + ease) / 2 of the effect.
    assert 1.15 < suspect.lead < 1.2 * ease
    assert suspect.index() > 1


def test_among_equals_nobody_is_far_ahead() -> None:
    seen = ground(1.0)
    ran = race(families()["pattern"], seen, CLASSES, np.random.default_rng(0), course=COURSE)
    suspect = suspect_of(ran, seen)
    assert suspect.lead < 1.4
    trial = tried(suspect, ground(1.0, seed=5, pictures=90), batch_size=64)
    assert trial is not None
    assert trial.turned.mean() - trial.other.mean() < 0.45


def test_the_same_seed_gives_the_same_race_in_batches_of_any_size() -> None:
    seen = ground(3.0)
    runs = [
        race(
            families()["pattern"],
            seen,
            CLASSES,
            np.random.default_rng(4),
            course=Course(stages=4, steps=3, batch_size=size),
        )
        for size in (192, 24)
    ]
    assert runs[0].fell == pytest.approx(runs[1].fell, rel=1e-3)


def test_pictures_of_a_trigger_are_pictures() -> None:
    seen = ground(3.0)
    ran = race(families()["patch"], seen, CLASSES, np.random.default_rng(0), course=Course(3, 2))
    suspect = suspect_of(ran, seen)
    assert alone(suspect.trigger).shape == (SIDE, SIDE, 3)
    assert shown(suspect.trigger, seen.pixels[0]).shape == (SIDE, 2 * SIDE, 3)


def test_too_few_pictures_to_try_on_are_refused() -> None:
    seen = ground(3.0, pictures=18)
    ran = race(families()["pattern"], seen, CLASSES, np.random.default_rng(0), course=Course(3, 2))
    assert tried(suspect_of(ran, seen), seen, batch_size=64) is None


def test_windows_begin_where_patches_were_found_and_have_the_side_of_their_size() -> None:
    seen = ground(3.0)
    ran = race(families()["patch"], seen, CLASSES, np.random.default_rng(0), course=Course(3, 2))
    family = windows(ran, seen)
    parts = family.start(CLASSES, SIDE, SIDE, _chance(0))
    for size in (0.35, 0.25):
        overlay = family.render(parts, size, (SIDE, SIDE))
        sides = overlay.alpha.sum((1, 2, 3)).sqrt()
        assert sides.tolist() == pytest.approx([size * SIDE] * CLASSES, abs=0.35)
    kinds, rng = ["patch", "window"], np.random.default_rng(0)
    found = list(searched(kinds, seen, CLASSES, rng, course=Course(3, 2)))
    assert [suspect.family for suspect in found] == ["patch", "window"]
