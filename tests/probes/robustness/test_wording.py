"""Wording as a probe: flips counted by hand, graded strengths, awkward data."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from vlaudit import registry
from vlaudit.core.dataset import Role
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import Matrix
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes.listener import NAMES, build
from vlaudit.selftest.memory import MemoryDataset

PROBE = registry.load("robustness.wording")
Found = dict[tuple[str, str | None], Measurement]


def report(target: Any, data: MemoryDataset, seed: int = 0, **settings: Any) -> Found:
    items = run_in_memory(PROBE, target, data, settings=settings, seed=seed)
    measured = [item for item in items if isinstance(item, Measurement)]
    return {(item.metric, item.slice.get("change")): item for item in measured}


class Templated:
    """Names a picture by its brightness, and differently in the second template."""

    name = "templated"
    fingerprint = "c" * 64

    def __init__(self, flips: float) -> None:
        self.flips = flips

    def score_pairs(self, images: Any, texts: Any) -> Matrix:
        """Return 1 for the class that is seen."""
        levels = [int(np.asarray(image)[0, 0, 0]) for image in images]
        turned = [level < 255 * self.flips for level in levels]
        true = [["odd", "even"][int(np.asarray(i)[0, 0, 1]) % 2 == 0] for i in images]
        return np.array(
            [
                [float((name in text) != (turn and "picture" in text)) for text in texts]
                for name, turn in zip(true, turned, strict=True)
            ],
            dtype=np.float32,
        )


def shades() -> MemoryDataset:
    pictures = [Image.new("RGB", (8, 8), (row * 2, row, 0)) for row in range(100)]
    return MemoryDataset(pictures, {Role.LABEL: [["even", "odd"][r % 2] for r in range(100)]})


@pytest.mark.parametrize("flips", [0.0, 0.2, 0.5])
def test_flips_are_those_counted_by_hand(flips: float) -> None:
    found = report(
        Templated(flips), shades(), templates=["a photo of a {}", "a picture of a {}"],
        slips=0, synonyms=[], drawn=False,
    )  # fmt: skip
    by_hand = sum(row * 2 < 255 * flips for row in range(100)) / 100
    assert found["flip_rate", "paraphrase"].value == pytest.approx(by_hand)
    assert found["accuracy_drop", "paraphrase"].value == pytest.approx(by_hand)
    assert found["worst_flip_rate", None].value == pytest.approx(by_hand)
    assert found["accuracy", None].value == 1
    assert {change for _, change in found} == {None, "paraphrase"}


def test_flips_grow_with_the_planted_strength() -> None:
    rates = [
        report(*build(images=60, deaf=deaf), seed=1, drawn=False)["flip_rate", "paraphrase"].value
        for deaf in (0.0, 0.3, 1.0)
    ]
    assert rates == sorted(rates)
    assert (rates[0], rates[2] > 0.5) == (0, True)


def test_the_language_is_asked_where_every_class_is_translated() -> None:
    entries = [f"{name} = a photo of a {name} !" for name in NAMES]
    found = report(*build(images=60), translations=entries, drawn=False)
    assert found["flip_rate", "language"].value == 0
    assert ("flip_rate", "language") not in report(
        *build(images=60), translations=entries[:3], drawn=False
    )


def test_a_model_of_constant_scores_is_right_about_nothing() -> None:
    class Constant:
        name, fingerprint = "constant", "d" * 64

        def score_pairs(self, images: Any, texts: Any) -> Matrix:
            return np.zeros((len(images), len(texts)), dtype=np.float32)

    found = report(Constant(), shades())
    assert found["accuracy", None].value == 0
    assert found["negation_accuracy", None].value == 0
    assert found["worst_flip_rate", None].value == 0


def test_two_classes_missing_labels_and_other_scripts_are_measured() -> None:
    labels = ["医生", None, "fire_engine"] * 20
    pictures = [Image.new("RGB", (5 + row, 9), (row, 3 * row, 90)) for row in range(60)]
    found = report(build()[0], MemoryDataset(pictures, {Role.LABEL: labels}), drawn=False)
    assert found["accuracy", None].samples == 40
    with pytest.raises(Inapplicable, match="at least two classes"):
        report(build()[0], MemoryDataset(pictures, {Role.LABEL: ["one"] * 60}))
