"""Choices among texts, by scores and by answers."""

import numpy as np
import pytest

from vlaudit.core.probe import Inapplicable
from vlaudit.features import TargetFeatures, encode
from vlaudit.metrics.choosing import NONE, Chooser, best, option_groups
from vlaudit.selftest.fakes.listener import NAMES, build


def test_a_tie_is_no_choice() -> None:
    assert best([[1, 2], [2, 1], [3, 3]]).tolist() == [1, 0, NONE]


@pytest.mark.parametrize(("classes", "options"), [(2, 5), (3, 2), (7, 3), (100, 5), (5, 1), (6, 6)])
def test_every_class_stands_among_others_once(classes: int, options: int) -> None:
    groups = option_groups(classes, options, np.random.default_rng(0))
    assert sorted(np.concatenate(groups).tolist()) == list(range(classes))
    assert min(group.size for group in groups) >= 2
    assert max(group.size for group in groups) <= max(options, 3)


@pytest.mark.parametrize("chooses", [False, True])
def test_scores_and_answers_choose_alike(*, chooses: bool) -> None:
    target, data = build(images=12, chooses=chooses)
    features = TargetFeatures(target, encode(target, data))
    chooser = Chooser(target, features, "Which?", np.random.default_rng(0))
    texts = [f"a photo of a {name}" for name in NAMES]
    assert chooser.rows(data, texts).tolist() == list(range(6)) * 2
    assert chooser.pictures(data.pictures, texts).tolist() == list(range(6)) * 2


def test_a_model_that_can_do_neither_is_said() -> None:
    target, data = build(images=6)

    class Mute:
        name, fingerprint = "mute", "b" * 64

    features = TargetFeatures(target, encode(target, data))
    with pytest.raises(Inapplicable, match="neither"):
        Chooser(Mute(), features, "", np.random.default_rng(0)).pictures(data.pictures, ["a"])
