"""Identity inference: votes, contrasts and chance."""

import numpy as np
import pytest

from vlaudit.detect.identity import (
    Calling,
    Naming,
    contrasts,
    elect,
    holds,
    single,
)


def test_most_pictures_elect_and_ties_elect_nobody() -> None:
    scores = np.array([[3.0, 1, 0], [0, 2, 1], [5, 0, 0], [0, 1, 2], [0, 3, 1]])
    owner = np.array([0, 0, 0, 1, 1])
    assert elect(scores.argmax(axis=1), owner, 2, names=3).tolist() == [0, -1]


def test_pictures_of_nobody_do_not_vote() -> None:
    scores = np.array([[1.0, 0], [0, 1], [0, 1]])
    assert elect(scores.argmax(axis=1), np.array([0, -1, -1]), 1, names=2).tolist() == [0]


def test_a_name_that_fits_everybody_has_no_contrast() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(40, 50))
    scores[:, 0] += 9
    owner = np.repeat(np.arange(4), 10)
    gained = contrasts(scores, owner, 4)
    assert elect(scores.argmax(axis=1), owner, 4, names=50).tolist() == [0, 0, 0, 0]
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
        elected.append(elect(scores.argmax(axis=1), owner, people, names=people + decoys))
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


def test_a_name_is_told_with_all_its_words_in_any_case_and_with_any_accents() -> None:
    names = ["Ana Ekstr\u00f6m", "Ana Ruiz", "\u738b\u5c0f\u660e", "Rose"]
    assert holds("I think this is ANA M. EKSTROM.", names).tolist() == [True, False, False, False]
    assert holds("\u8fd9\u662f\u738b\u5c0f\u660e\u3002", names).tolist() == [
        False,
        False,
        True,
        False,
    ]
    assert holds("Ruiz, Ana; or Ana Ekstro\u0308m", names).tolist() == [True, True, False, False]
    assert not holds("a roseate sky", names).any()
    assert not holds("", names).any()


def test_an_answer_with_no_name_or_two_votes_for_none() -> None:
    told = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=bool)
    assert single(told).tolist() == [-1, 0, -1, 1]
    assert elect(single(told), np.array([0, 0, 0, 1]), 3, names=2).tolist() == [0, 1, -1]


PICTURES, BACKGROUND = 6, 90


def _calling(rng: np.random.Generator, kind: str, *, people: int = 8, known: int = 0) -> Calling:
    """Return what a model tells that knows some, and calls others by chance or by their looks."""
    owner = np.concatenate([np.repeat(np.arange(people), PICTURES), np.full(BACKGROUND, -1)])
    looks = np.where(owner < 0, rng.integers(4, size=owner.size), owner % 4)
    liked = rng.permutation(people)
    told = np.zeros((2, owner.size, people), dtype=bool)
    for prompt in told:
        drawn = rng.integers(people, size=owner.size)
        said = {
            "mute": np.full(owner.size, -1),
            "rarely": np.where(rng.random(owner.size) < 0.05, drawn, -1),
            "always": drawn,
            "one name": np.full(owner.size, liked[0]),
            "by looks": liked[looks],
        }[kind]
        said = np.where((owner >= 0) & (owner < known), owner, said)
        prompt[np.flatnonzero(said >= 0), said[said >= 0]] = True
    elected = [elect(single(of), owner, people, names=people) for of in told]
    return Calling(np.stack(elected), told.mean(axis=0), owner)


@pytest.mark.parametrize("kind", ["mute", "rarely", "always", "one name", "by looks"])
def test_who_knows_nobody_is_rarely_accused(kind: str) -> None:
    rng = np.random.default_rng(4)
    worlds = [_calling(rng, kind) for _ in range(100)]
    small = [(1 + world.shuffled(rng, 200)) / 201 <= 0.05 for world in worlds]
    assert np.mean(small) <= 0.10
    assert np.mean([world.known.mean() for world in worlds]) <= 0.05
    assert np.mean([(world.known & world.sure).mean() for world in worlds]) <= 0.02


@pytest.mark.parametrize("kind", ["mute", "rarely"])
def test_who_is_told_apart_by_name_is_known(kind: str) -> None:
    rng = np.random.default_rng(5)
    world = _calling(rng, kind, known=4)
    assert world.known[:4].all()
    assert world.sure[:4].all()
    assert not world.known[4:].any()
    assert world.shuffled(rng, 500) <= 4
