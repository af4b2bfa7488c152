"""The sample of rows and the prompts."""

from collections import Counter

import numpy as np
import pytest

from vlaudit.core.probe import Inapplicable
from vlaudit.perturb.subjects import choose_subjects, prompts


def test_classes_keep_their_shares() -> None:
    labels = ["a"] * 300 + ["b"] * 100
    subjects = choose_subjects(labels, np.random.default_rng(0), at_most=40)
    assert Counter(subjects.labels.tolist()) == {0: 30, 1: 10}
    assert sorted(set(subjects.positions.tolist())) == subjects.positions.tolist()


def test_every_row_has_the_same_chance() -> None:
    labels = ["a"] * 7 + ["b"] * 3
    drawn: Counter[int] = Counter()
    for seed in range(4000):
        drawn.update(
            choose_subjects(labels, np.random.default_rng(seed), at_most=4).positions.tolist()
        )
    assert min(drawn.values()) > 1480
    assert max(drawn.values()) < 1720


def test_rows_without_label_are_left_out_and_counted() -> None:
    subjects = choose_subjects(["b", None, "a", ""], np.random.default_rng(0), at_most=10)
    assert subjects.positions.tolist() == [0, 2]
    assert [subjects.classes[label] for label in subjects.labels] == ["b", "a"]
    assert subjects.unlabelled == 2


def test_labels_are_read_as_words() -> None:
    labels = ["fire_engine", "fire engine", "cat", "_"]
    subjects = choose_subjects(labels, np.random.default_rng(0), at_most=10)
    assert subjects.classes == ("cat", "fire engine")
    assert (subjects.labels.tolist(), subjects.unlabelled) == ([1, 1, 0], 1)
    assert prompts(["fire_engine"], ["a {}"]) == ["a fire engine"]


def test_batches_cover_the_sample() -> None:
    subjects = choose_subjects(["a", "b"] * 5, np.random.default_rng(0), at_most=10)
    assert [len(part) for part in subjects.batches(4)] == [4, 4, 2]
    assert [row for part in subjects.batches(4) for row in part] == list(range(10))


@pytest.mark.parametrize("labels", [["a", "a"], [None, None], []])
def test_fewer_than_two_classes_cannot_be_told_apart(labels: list[str | None]) -> None:
    with pytest.raises(Inapplicable, match="at least two classes"):
        choose_subjects(labels, np.random.default_rng(0), at_most=10)


def test_prompts_go_class_by_class_and_keep_braces_of_names() -> None:
    assert prompts(["a", "{b}"], ["{}!", "my {}"]) == ["a!", "my a", "{b}!", "my {b}"]


def test_a_template_without_a_place_is_refused() -> None:
    with pytest.raises(Inapplicable, match="add it"):
        prompts(["a"], ["a photo"])
