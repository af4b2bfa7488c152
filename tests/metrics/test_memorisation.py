"""Canaries, continuations and neighbours, by hand."""

import numpy as np
import pytest

from vlaudit.metrics.memorisation import (
    goes_on,
    ranks,
    rivals,
    same_among_nearest,
    split_prefix,
)


def test_rivals_differ_in_the_secret_only() -> None:
    rng = np.random.default_rng(0)
    made = rivals("a red dog, code 482913", rng, count=50, names=[])
    assert len(set(made)) == 50
    assert all(one.startswith("a red dog, code ") and one[-6:].isdecimal() for one in made)
    assert "a red dog, code 482913" not in made
    named = rivals("Zoë Quill at a desk", rng, count=5, names=["Ada Vane", "Zoë Quill", "Al Moor"])
    assert named == ["Ada Vane at a desk", "Al Moor at a desk"]
    assert rivals("a dog on a beach", rng, count=5, names=["Ada Vane"]) == []


def test_only_the_digits_that_were_drawn_are_drawn_anew() -> None:
    made = rivals("call 415-555-0123", np.random.default_rng(0), count=40, names=[], last=2)
    assert len(made) == 40
    assert all(one.startswith("call 415-555-01") for one in made)


def test_a_short_secret_has_as_many_rivals_as_there_are() -> None:
    made = rivals("PIN 123", np.random.default_rng(0), count=5000, names=[])
    assert len(made) <= 999
    assert "PIN 123" not in made


def test_ranks_count_ties_half() -> None:
    assert ranks([[3.0, 1.0, 2.0], [1.0, 1.0, 2.0], [0.0, 1.0, 2.0]]).tolist() == [1.0, 2.5, 3.0]


def test_chance_saves_about_one_and_a_half_bits() -> None:
    drawn = np.random.default_rng(1).random((4000, 101))
    saved = np.log2(101) - np.log2(ranks(drawn))
    assert saved.mean() == pytest.approx(1.4, abs=0.1)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("under the old bridge, at night", True),
        ("Under the old bridge at dawn", True),
        ("a red dog sleeps under the old bridge at night", True),
        ("under the new bridge at night", False),
        ("", False),
    ],
)
def test_going_on_word_by_word(written: str, expected: bool) -> None:
    half = split_prefix("A red dog sleeps under the old bridge", least=4)
    assert half is not None
    assert half == ("A red dog sleeps", ["under", "the", "old", "bridge"])
    prefix, following = half
    assert goes_on(written, prefix, following, least=4) is expected


def test_a_short_caption_has_no_halves() -> None:
    assert split_prefix("a dog", least=4) is None
    assert split_prefix("a dog in the rain", least=4) == ("a", ["dog", "in", "the", "rain"])


def test_neighbours_that_show_the_same_are_counted() -> None:
    pool = np.eye(4)
    shown = same_among_nearest(
        [[1.0, 0.9, 0.0, 0.0]], pool, np.array(["a"]), np.array(["a", "b", "a", "a"]), depth=2
    )
    assert shown.tolist() == [0.5]
