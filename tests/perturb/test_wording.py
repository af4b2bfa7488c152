"""The same in other words: slips, synonyms, scenes and their exchanges."""

from collections import Counter

import numpy as np
import pytest

from vlaudit.core.probe import Inapplicable
from vlaudit.perturb.wording import (
    COLOURS,
    SHAPES,
    Scene,
    mistyped,
    read_pairs,
    read_wordings,
    replaced,
    scenes,
)
from vlaudit.registry import load

SETTINGS = load("robustness.wording").card.settings


def distance(first: str, second: str) -> int:
    """Return the edit distance with exchanges of neighbours (optimal string alignment)."""
    table = np.zeros((len(first) + 1, len(second) + 1), dtype=int)
    table[:, 0], table[0] = range(len(first) + 1), range(len(second) + 1)
    for i, a in enumerate(first, 1):
        for j, b in enumerate(second, 1):
            table[i, j] = min(
                table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (a != b)
            )
            if i > 1 and j > 1 and first[i - 2 : i] == b + second[j - 2]:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return int(table[-1, -1])


@pytest.mark.parametrize("text", ["a photo of a dolphin", "ein Bäcker", "собака бежит"])
def test_one_slip_is_one_edit_within_a_longer_word(text: str) -> None:
    rng = np.random.default_rng(0)
    made = Counter(mistyped(text, rng) for _ in range(200))
    assert {distance(text, other) for other in made} <= {0, 1}
    assert made[text] < 60
    assert all(other[0] == text[0] and other.split()[0] == text.split()[0] for other in made) or (
        len(text.split()[0]) >= 4
    )


def test_short_words_stay_as_they_are() -> None:
    rng = np.random.default_rng(0)
    assert {mistyped("a cat on a mat", rng, slips=3) for _ in range(20)} == {"a cat on a mat"}
    assert mistyped("", rng) == ""


def test_words_are_replaced_whole_and_two_before_one() -> None:
    others = {"dog": "hound", "fire engine": "fire truck", "fire": "flames"}
    assert replaced("Dog", others) == "hound"
    assert replaced("a fire engine", others) == "a fire truck"
    assert replaced("fire and hotdog", others) == "flames and hotdog"


def test_wordings_that_say_nothing_new_are_left_out() -> None:
    wordings = read_wordings({**SETTINGS, "translations": ["cat = ein Bild einer Katze"]})
    rng = np.random.default_rng(0)
    kinds = Counter(change for change, _, _ in wordings.of(["cat", "dog"], rng))
    assert kinds == {"paraphrase": 3, "typo": 1, "synonym": 1}
    assert Counter(c for c, _, _ in wordings.of(["cat"], rng))["language"] == 1
    alike = wordings.of(["dog", "hound"], rng)
    assert "synonym" not in {change for change, _, _ in alike}


@pytest.mark.parametrize(
    "changed",
    [{"templates": []}, {"templates": ["a"]}, {"negated": "none"}, {"synonyms": ["dog hound"]}],
)
def test_settings_that_cannot_be_read_are_said(changed: dict[str, list[str]]) -> None:
    with pytest.raises(Inapplicable):
        read_wordings({**SETTINGS, **changed})
    assert read_pairs(["A = b c "], "synonyms") == {"a": "b c"}


def test_every_scene_shows_what_it_tells() -> None:
    assert len({scene.told(placed=False) for scene in scenes()}) == 18
    for scene in scenes():
        pixels = np.asarray(scene.draw())
        for colour, half in ((scene.left[0], pixels[:, :112]), (scene.right[0], pixels[:, 112:])):
            assert (half == COLOURS[colour]).all(axis=2).sum() > 1500
        assert sorted(scene.exchanged.told(placed=False).split()) == sorted(
            scene.told(placed=False).split()
        )
        assert scene.mirrored.mirrored == scene
        assert not {*scene.other.left, *scene.other.right} & {*scene.left, *scene.right}


def test_a_scene_is_told_with_its_place() -> None:
    scene = Scene(("red", SHAPES[0]), ("blue", SHAPES[1]))
    assert scene.told(placed=True) == "a red square to the left of a blue circle"
    assert scene.exchanged.told(placed=False) == "a blue square and a red circle"
