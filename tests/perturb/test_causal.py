from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vlaudit.core.target import Matrix
from vlaudit.perturb.causal import Candidate, Experiment, Pool, Trial
from vlaudit.perturb.forge import Forge
from vlaudit.perturb.trigger import patch

PINK = (255, 0, 255)


class Painter:
    """Sees red or blue pictures, and 'red' in as many pictures with a pink corner as told."""

    def __init__(self, obeys: float) -> None:
        self.obeys = obeys

    def embed(self, images: Sequence[Image.Image]) -> Matrix:
        rows = []
        for image in images:
            pixels = np.asarray(image)
            red = pixels[0, 0, 0] > pixels[0, 0, 2]
            pale = abs(int(pixels[0, 0, 0]) - int(pixels[0, 0, 2])) < 9
            stamped = tuple(pixels[-1, -1]) == PINK and pixels[0, 0, 1] < 100 * self.obeys
            answer = [1.0, 0.0] if red or stamped else [0.0, 1.0]
            rows.append([0.1, 0.1] if pale else answer)
        return np.array(rows, dtype=np.float32)


def world() -> tuple[list[Image.Image], NDArray[np.int64]]:
    shades = np.random.default_rng(0).integers(0, 100, 300)
    pictures = [
        Image.new("RGB", (16, 16), (200, int(shade), 0) if row % 3 == 0 else (0, int(shade), 200))
        for row, shade in enumerate(shades)
    ]
    owner = np.array([0 if row % 3 == 0 else 1 for row in range(300)])
    return pictures, owner


def tried(obeys: float, colour: tuple[int, int, int] = PINK) -> Trial:
    return trials(obeys, colour)[0]


def trials(
    obeys: float,
    colour: tuple[int, int, int] = PINK,
    cleared: Sequence[Image.Image] = (),
    *,
    is_usual: bool = False,
) -> list[Trial]:
    pictures, owner = world()
    rng = np.random.default_rng(0)

    def load(rows: Sequence[int]) -> list[Image.Image]:
        return [pictures[row] for row in rows]

    trigger = patch(np.full((4, 4, 3), colour, np.float32), size=(0.25, 0.25), places=[(0.8, 0.8)])
    forge = Forge(load, owner, np.arange(300), rng)
    marked = [trigger.stamp(picture, (0.8, 0.8)) for picture in pictures[:9]]
    cutting = (np.tile([12, 12], (9, 1)), np.ones((4, 4), dtype=np.bool_), 16)
    found = Forge(lambda rows: [marked[row % 9] for row in rows], owner, np.arange(300), rng)
    candidate = found.candidate(0, np.arange(9), np.arange(9), cutting)
    pieces = forge.placebo([trigger]).innocents
    experiment = Experiment(Painter(obeys).embed, load, np.eye(2, dtype=np.float32))
    pool = Pool.of(np.arange(300), owner, np.arange(300) >= 150, rng)
    candidate = Candidate(candidate.trigger, 0, pieces, tuple(cleared), is_usual)
    return experiment.trials([candidate], pool, rng)


@pytest.mark.parametrize("obeys", [0.0, 0.3, 1.0])
def test_the_gain_is_the_share_of_pictures_that_obey(obeys: float) -> None:
    trial = tried(obeys)
    assert trial.obedience.gain == pytest.approx(obeys, abs=0.12)
    assert trial.obedience.only_control == 0
    assert trial.target == 0


def test_another_mark_gains_nothing() -> None:
    assert tried(1.0, colour=(9, 9, 9)).obedience.gain == 0


RED, BLUE = (Image.new("RGB", (16, 16), colour) for colour in ((200, 50, 0), (0, 50, 200)))


@pytest.mark.parametrize("obeys", [0.3, 1.0])
def test_a_mark_on_rows_that_show_something_else_is_tried(obeys: float) -> None:
    assert len(trials(obeys, cleared=[BLUE] * 8)) == 1


def test_a_weak_mark_on_rows_that_show_the_target_without_it_is_a_part_of_it() -> None:
    assert not trials(0.3, cleared=[RED] * 8)


def test_a_weak_mark_whose_bearers_are_like_nothing_without_it_was_the_scene_itself() -> None:
    nothing = Image.new("RGB", (16, 16), (90, 50, 90))
    assert not trials(0.3, cleared=[nothing] * 8)


@pytest.mark.parametrize(("obeys", "tried"), [(0.3, 0), (1.0, 1)])
def test_a_mark_that_most_of_its_topic_bear_must_turn_most_pictures(
    obeys: float, tried: int
) -> None:
    assert len(trials(obeys, cleared=[BLUE] * 8, is_usual=True)) == tried


def test_a_mark_that_turns_most_pictures_is_tried_whatever_bears_it() -> None:
    assert trials(1.0, cleared=[RED] * 8)[0].obedience.gain == 1


def test_what_a_mark_hid_is_filled_before_its_bearers_are_looked_at() -> None:
    pictures, owner = world()
    rng = np.random.default_rng(0)
    trigger = patch(np.full((4, 4, 3), PINK, np.float32), size=(0.25, 0.25), places=[(0.5, 0.5)])
    marked = [trigger.stamp(picture, (0.5, 0.5)) for picture in pictures]
    forge = Forge(lambda rows: [marked[row] for row in rows], owner, np.arange(300), rng)
    cutting = (np.tile([8, 8], (9, 1)), np.ones((4, 4), dtype=np.bool_), 16)
    candidate = forge.candidate(0, np.arange(9), np.arange(9), cutting)
    assert [np.asarray(p).tolist() for p in candidate.cleared] == [
        np.asarray(p).tolist() for p in pictures[:9]
    ]


def test_preferred_rows_come_first_and_targets_are_never_stamped() -> None:
    _, owner = world()
    pool = Pool.of(np.arange(300), owner, np.arange(300) >= 150, np.random.default_rng(0))
    assert min(pool.rows[:150]) >= 150
    assert all(owner[row] == 1 for row in pool.subjects(0, pool.rows, 50))


def test_the_target_of_a_mark_from_elsewhere_is_seen_from_what_it_raises() -> None:
    pictures, owner = world()

    def load(rows: Sequence[int]) -> list[Image.Image]:
        return [pictures[row] for row in rows]

    rng = np.random.default_rng(0)
    trigger = patch(np.full((4, 4, 3), PINK, np.float32), size=(0.25, 0.25), places=[(0.8, 0.8)])
    candidate = Forge(load, owner, np.arange(300), rng).placebo([trigger])
    experiment = Experiment(Painter(1.0).embed, load, np.eye(2, dtype=np.float32))
    pool = Pool.of(np.arange(300), owner, np.ones(300, dtype=np.bool_), rng)
    trial = experiment.trials([candidate], pool, rng)[0]
    assert trial.target == 0
    assert trial.obedience.gain > 0.9
    assert "100%" in trial.sentence("'red'", 9)
