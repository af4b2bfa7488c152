"""Words in boxes: the box fits, the nonsense is nonsense, the arms differ only in the box."""

import numpy as np
import pytest
from PIL import Image, ImageFont

from vlaudit.perturb.subjects import choose_subjects
from vlaudit.perturb.typography import (
    Place,
    Trial,
    can_write,
    fit_sign,
    four_arms,
    nonsense,
    plan_trials,
    put_up,
)

WORDS = ["cat", "firefighter", "construction worker", "person in motorized wheelchair"]
PLACES: tuple[Place, ...] = ("top", "middle", "bottom")


@pytest.mark.parametrize("word", [*WORDS, "T-Shirt 2", "Straße", "Ёлка", "医生"])
def test_nonsense_has_the_shape_of_the_word_and_shares_no_letter(word: str) -> None:
    for seed in range(20):
        made = nonsense(word, np.random.default_rng(seed), avoid=[*WORDS, "Ёлка", "医生", "Дом"])
        assert len(made) == len(word)
        for one, other in zip(made, word, strict=True):
            if one.isascii() and other.isascii() and other.isalpha():
                assert one.isalpha()
                assert one.lower() != other.lower()
                assert one.isupper() == other.isupper()
            elif not other.isalpha():
                assert one == other


def test_nonsense_is_never_another_class() -> None:
    every_pair = [a + b for a in "bcdfghjklmnpqrstvwxy" for b in "aeiou" if a + b != "ze"]
    made = {nonsense("do", np.random.default_rng(s), avoid=every_pair) for s in range(50)}
    assert not made & set(every_pair)


@pytest.mark.parametrize("side", [32, 64, 224, 448])
@pytest.mark.parametrize("word", WORDS)
def test_the_box_fits_the_picture_and_both_words_fit_the_box(side: int, word: str) -> None:
    gibberish = nonsense(word, np.random.default_rng(0), avoid=WORDS)
    for height in (0.1, 0.25, 0.5):
        sign = fit_sign((word, gibberish), side=side, height=height, face=ImageFont.load_default)
        assert max(sign.box) <= side
        assert [len(text) for text in sign.texts] == [len(word)] * 2
        breaks = [[i for i, c in enumerate(text) if c == "\n"] for text in sign.texts]
        assert breaks[0] == breaks[1]


def test_larger_letters_give_larger_boxes() -> None:
    boxes = [
        fit_sign(("cat", "nub"), side=224, height=height, face=ImageFont.load_default).box
        for height in (0.1, 0.2, 0.3)
    ]
    assert boxes == sorted(boxes)
    assert boxes[0][1] < boxes[1][1] < boxes[2][1]


@pytest.mark.parametrize("size", [(64, 64), (200, 100), (90, 300)])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("across", [0.0, 0.37, 1.0])
def test_the_sign_stays_within_the_central_square(
    size: tuple[int, int], place: Place, across: float
) -> None:
    picture = Image.new("RGB", size, (10, 120, 30))
    side = min(size)
    sign = fit_sign(("wolf", "dulp"), side=side, height=0.2, face=ImageFont.load_default)
    blank, wolf = (put_up(picture, sign, t, place=place, across=across) for t in (None, "wolf"))
    changed = (np.asarray(blank) != np.asarray(picture)).any(2)
    assert changed.sum() == sign.box[0] * sign.box[1]
    rows, columns = (np.flatnonzero(changed.any(axis)) for axis in (1, 0))
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    assert left <= columns[0] <= columns[-1] < left + side
    assert top <= rows[0] <= rows[-1] < top + side
    ink = (np.asarray(wolf) != np.asarray(blank)).any(2)
    assert ink.any()
    assert not (ink & ~changed).any()


def test_the_four_arms_differ_only_in_the_box() -> None:
    picture = Image.effect_mandelbrot((600, 500), (-2, -2, 1, 1), 40).convert("RGB")
    trial = Trial(0, 0, 1, "dobe_n", 0.2, "middle", 0.4)
    bare, blank, gibberish, word = (
        np.asarray(arm)
        for arm in four_arms(picture, trial, ["x", "cafe_l"], ImageFont.load_default)
    )
    assert min(bare.shape[:2]) == 448
    box = (blank != bare).any(2)
    for arm in (gibberish, word):
        assert not ((arm != bare).any(2) & ~(box | (blank == 255).all(2))).any()
        assert (arm != blank).any()
    assert (word != gibberish).any()


def test_glyphs_that_the_font_lacks_are_told() -> None:
    assert can_write("a photo of 2 cats", ImageFont.load_default)
    assert not can_write("医生", ImageFont.load_default)


def test_trials_are_dealt_evenly_and_never_the_true_word() -> None:
    subjects = choose_subjects(["a", "b", "c"] * 40, np.random.default_rng(0), at_most=120)
    trials = plan_trials(
        subjects, ["a", "b"], np.random.default_rng(1), heights=[0.1, 0.2], places=PLACES
    )
    assert len(trials) == 120
    assert all(trial.target != trial.label for trial in trials)
    assert {trial.target for trial in trials} == {0, 1}
    for height in (0.1, 0.2):
        for place in PLACES:
            assert sum((t.height, t.place) == (height, place) for t in trials) == 20


def test_pictures_whose_only_word_is_their_own_are_left_out() -> None:
    subjects = choose_subjects(["a", "医"] * 5, np.random.default_rng(0), at_most=10)
    trials = plan_trials(subjects, ["a"], np.random.default_rng(1), heights=[0.1], places=["top"])
    assert [trial.label for trial in trials] == [1] * 5
