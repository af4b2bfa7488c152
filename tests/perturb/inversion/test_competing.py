from collections.abc import Sequence

import numpy as np
import pytest

from vlaudit.core.dataset import Role
from vlaudit.core.probe import Inapplicable
from vlaudit.perturb.inversion.competing import ENOUGH, competing
from vlaudit.selftest.memory import MemoryDataset

TEMPLATE = "a photo of a {}"


def classes(
    role: Role, texts: Sequence[str | None], words: Sequence[str] = (), at_least: int = 2
) -> dict[str, str]:
    rng = np.random.default_rng(0)
    data = MemoryDataset(values={role: texts})
    return competing(data, TEMPLATE, rng, at_most=20, at_least=at_least, words=words)


def test_labels_are_put_into_the_template_and_captions_are_not() -> None:
    assert classes(Role.LABEL, ["fire_engine", "été", None, " "]) == {
        "fire engine": "a photo of a fire engine",
        "été": "a photo of a été",
    }
    assert classes(Role.CAPTION, ["two dogs", "a cat"]) == {
        "a cat": "a cat",
        "two dogs": "two dogs",
    }


def test_words_fill_up_where_classes_are_few() -> None:
    words = ["dog", "car", *(f"w{i}" for i in range(20))]
    found = classes(Role.LABEL, ["dog", "cat"], words)
    assert len(found) == ENOUGH
    assert found["car"] == "a photo of a car"
    assert len(classes(Role.LABEL, [f"c{i}" for i in range(15)], words)) == 15


def test_of_many_classes_some_are_drawn() -> None:
    found = classes(Role.LABEL, [f"c{i}" for i in range(100)])
    assert len(found) == 20


def test_too_few_classes_are_refused() -> None:
    with pytest.raises(Inapplicable, match="1 classes are too few"):
        classes(Role.LABEL, ["dog", "dog"])
