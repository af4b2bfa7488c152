"""Yes and no alone find the nearest mistake, within a known distance and number of answers."""

from collections.abc import Sequence

import numpy as np
import pytest

from vlaudit.perturb.blackbox.rays import Picture, search


def brighter(lead: int) -> list[Picture]:
    """Return a grey picture whose left half is brighter by some levels."""
    levels = np.full((8, 8, 3), 120, dtype=np.uint8)
    levels[:, :4] += lead
    return [levels]


def darker_left(pictures: Sequence[Picture], which: Sequence[int]) -> list[bool]:
    return [bool(p[:, :4].mean() < p[:, 4:].mean()) for p in pictures]


@pytest.mark.parametrize("lead", [4, 10, 30])
def test_the_nearest_mistake_is_found(lead: int) -> None:
    """A change of more than half of the lead on every value suffices, and no smaller one."""
    needed = lead // 2 + 1
    (walk,) = search(darker_left, brighter(lead), budget=needed, queries=800)
    assert walk.won
    assert walk.radius <= needed
    assert np.abs(walk.picture.astype(int) - brighter(lead)[0]).max() <= needed
    assert darker_left([walk.picture], [0]) == [True]
    (beaten,) = search(darker_left, brighter(lead), budget=lead // 2, queries=800)
    assert not beaten.won
    assert beaten.asked == 800
    assert beaten.radius == pytest.approx(lead / 2, abs=0.2)


def test_a_mistake_that_takes_a_sign_of_its_own_for_every_value_is_approached() -> None:
    """Against a random linear model the radius comes near the least, which is known."""
    generator = np.random.default_rng(0)
    weights = generator.normal(size=(6, 6, 3))
    (clean,) = brighter(0)
    clean = clean[:6, :6].copy()
    offset = 20.0 * np.abs(weights).sum()

    def ask(pictures: Sequence[Picture], which: Sequence[int]) -> list[bool]:
        return [float(((p - 120.0) * weights).sum()) > offset for p in pictures]

    (walk,) = search(ask, [clean], budget=1, queries=4000)
    assert 20.0 <= walk.radius + 1 <= 26.0


def test_pictures_of_any_size_go_side_by_side_and_end_each_for_itself() -> None:
    wide = np.full((4, 12, 3), 90, dtype=np.uint8)
    wide[:, :2] += 4
    asked: list[int] = []

    def ask(pictures: Sequence[Picture], which: Sequence[int]) -> list[bool]:
        asked.append(len(which))
        return [
            bool(p[:, : p.shape[1] // 2].mean() < p[:, p.shape[1] // 2 :].mean()) for p in pictures
        ]

    walks = search(ask, [*brighter(60), wide], budget=3, queries=120)
    assert [walk.won for walk in walks] == [False, True]
    assert sum(asked) == sum(walk.asked for walk in walks)
    assert walks[0].asked == 120


def test_a_model_that_never_errs_is_never_won() -> None:
    (walk,) = search(lambda p, w: [False] * len(p), brighter(2), budget=255, queries=50)
    assert (walk.won, walk.radius, walk.asked) == (False, 256, 50)
    assert (walk.picture == brighter(2)[0]).all()
