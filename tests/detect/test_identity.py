"""Identity inference: votes, contrasts and chance."""

import numpy as np
import pytest

from vlaudit.detect.identity import Naming, contrasts, elect


def test_most_pictures_elect_and_ties_elect_nobody() -> None:
    scores = np.array([[3.0, 1, 0], [0, 2, 1], [5, 0, 0], [0, 1, 2], [0, 3, 1]])
    owner = np.array([0, 0, 0, 1, 1])
    assert elect(scores, owner, 2).tolist() == [0, -1]


def test_pictures_of_nobody_do_not_vote() -> None:
    scores = np.array([[1.0, 0], [0, 1], [0, 1]])
    assert elect(scores, np.array([0, -1, -1]), 1).tolist() == [0]


def test_a_name_that_fits_everybody_has_no_contrast() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(40, 50))
    scores[:, 0] += 9
    owner = np.repeat(np.arange(4), 10)
    gained = contrasts(scores, owner, 4)
    assert elect(scores, owner, 4).tolist() == [0, 0, 0, 0]
    assert abs(gained[:, 0]).max() < 3
    assert gained.mean(axis=1) == pytest.approx(0, abs=1e-9)
    assert gained.std(axis=1) == pytest.approx(1)


def _naming(rng: np.random.Generator, *, link: float, people: int = 8, decoys: int = 100) -> Naming:
    owner = np.repeat(np.arange(people), 5)
    elected, total = [], np.zeros((people, people + decoys))
    for _ in range(5):
        scores = rng.normal(size=(owner.size, people + decoys))
        scores += 2 * rng.normal(size=people + decoys)
        scores[np.arange(owner.size), owner] += link
        elected.append(elect(scores, owner, people))
        total += contrasts(scores, owner, people) / 5
    return Naming(np.stack(elected), total)


def test_chance_is_rarely_taken_for_memory() -> None:
    rng = np.random.default_rng(1)
    worlds = [_naming(rng, link=0.0) for _ in range(200)]
    assert np.mean([world.known.mean() for world in worlds]) < 0.01
    small = [(1 + world.shuffled(rng, 200)) / 201 <= 0.05 for world in worlds]
    assert 0.01 <= np.mean(small) <= 0.10
    assert np.mean([world.rank_p_values() <= 0.05 for world in worlds]) < 0.08


@pytest.mark.parametrize(("link", "least"), [(1.0, 0.9), (3.0, 0.99)])
def test_a_link_is_found_by_the_shuffle_before_names_win(link: float, least: float) -> None:
    rng = np.random.default_rng(2)
    worlds = [_naming(rng, link=link) for _ in range(50)]
    assert np.mean([world.shuffled(rng, 200) <= 9 for world in worlds]) >= least


def test_a_strong_link_names_everybody() -> None:
    world = _naming(np.random.default_rng(3), link=15.0)
    assert world.known.all()
    assert world.named.min() == 1.0
    assert world.misnamed.max() == 0.0
