import numpy as np
import pytest

from vlaudit.core.dataset import class_name
from vlaudit.core.probe import Inapplicable
from vlaudit.metrics.zero_shot import Answers, labelled, prompts


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("fire_engine", "fire engine"),
        (" tea  pot ", "tea pot"),
        ("Großmutter", "Großmutter"),
        ("兎", "兎"),
    ],
)
def test_labels_are_read_as_words(label: str, name: str) -> None:
    assert class_name(label) == name


def test_labels_that_read_the_same_are_one_class_and_missing_ones_none() -> None:
    found = labelled(["fire_engine", None, "fire engine", " ", "boat"])
    assert found.rows == [0, 2, 4]
    assert found.labels == ["fire engine", "fire engine", "boat"]
    assert found.classes == ["boat", "fire engine"]


@pytest.mark.parametrize("labels", [[], [None, None], ["cat", "cat"]])
def test_one_class_cannot_be_right_or_wrong(labels: list[str | None]) -> None:
    with pytest.raises(Inapplicable, match="at least two labels"):
        labelled(labels)


def test_templates_are_filled_one_after_the_other() -> None:
    texts = prompts(["a {brace}", "boat"], ["a {}", "{}, drawn"])
    assert texts == [["a a {brace}", "a boat"], ["a {brace}, drawn", "boat, drawn"]]


@pytest.mark.parametrize(("templates", "message"), [([], "empty"), (["a photo"], "add it")])
def test_templates_without_a_place_are_refused(templates: list[str], message: str) -> None:
    with pytest.raises(Inapplicable, match=message):
        prompts(["cat"], templates)


def test_the_surest_mistakes_come_first() -> None:
    probability = np.array([0.5, 0.9, 0.99, 0.7])
    named = np.array([1, 1, 1, 0])
    answers = Answers(("a", "b", "c"), np.array([0, 0, 1, 2]), named, probability)
    everywhere = np.ones(4, dtype=bool)
    assert answers.right.tolist() == [False, False, True, False]
    assert answers.surest_mistakes(everywhere, at_most=2) == [1, 3]
    assert answers.usual_mistake(everywhere) == "b"
    assert answers.usual_mistake(answers.right) is None
