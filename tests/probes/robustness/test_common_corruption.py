"""Common corruption as a probe: what it refuses, ways to ask, false alarms and power."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image

from vlaudit import registry
from vlaudit.core.dataset import Role
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Inapplicable
from vlaudit.core.target import Choice, Target
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes.frail import NAMES, Scorer, build
from vlaudit.selftest.memory import MemoryDataset

PROBE = registry.load("robustness.common_corruption")


def report(
    target: Target, data: MemoryDataset, *, seed: int = 0, **settings: Any
) -> list[Measurement | Finding]:
    return run_in_memory(PROBE, target, data, settings=settings, seed=seed)


def overall(reported: list[Measurement | Finding]) -> dict[str, Measurement]:
    return {i.metric: i for i in reported if isinstance(i, Measurement) and not i.slice}


class Chooser:
    """Chooses answers in words, and none where the picture is dark."""

    name = "chooser"
    fingerprint = "8" * 64

    def choose_answers(
        self, images: Sequence[Image.Image], questions: Sequence[str], options: Sequence[str]
    ) -> list[Choice]:
        """Return the nearest colour, or nothing."""
        scores = Scorer(fears=False).rank_answers(images, questions, options)
        dark = [float(np.asarray(image).mean()) < 80 for image in images]
        return [
            Choice(None if mute else int(row.argmax()), "")
            for row, mute in zip(scores, dark, strict=True)
        ]


def test_a_model_that_chooses_is_asked_too_and_silence_is_no_right_answer() -> None:
    _, data = build(frail=0.5, rows=20)
    found = overall(report(Chooser(), data, types=["low_light", "contrast"], batch_size=7))
    assert found["clean_accuracy"].value == 1.0
    assert found["low_light_retained"].value < 0.6
    assert found["low_light_retained"].samples == 20


@pytest.mark.parametrize("planted", [0.2, 0.4, 0.8])
def test_what_is_planted_is_measured_at_its_strength(planted: float) -> None:
    target, data = build(frail=planted)
    found = overall(report(target, data, types=["gaussian_noise", "brightness"]))
    assert found["worst_drop"].value == pytest.approx(planted)
    assert found["worst_drop"].interval.low > 0
    assert found["retained_accuracy"].value == pytest.approx(1 - planted / 2)


def test_a_model_that_guesses_is_not_accused_of_losing_anything() -> None:
    class Guesser(Scorer):
        def _weigh(self, image: Image.Image) -> Any:
            return np.random.default_rng(int(np.asarray(image).sum())).random(len(NAMES))

    _, data = build(frail=0.5, rows=60)
    pixels = [np.array(picture) for picture in data.pictures]
    for row, picture in enumerate(pixels):
        picture[0, 0] = row
    data = MemoryDataset([Image.fromarray(p) for p in pixels], data.values)
    accused = 0
    for seed in range(12):
        found = report(Guesser(), data, seed=seed, types=["brightness", "contrast", "fog"])
        accused += any(isinstance(item, Finding) for item in found)
    assert accused <= 2


def test_a_picture_larger_than_those_of_imagenet_is_reduced_first() -> None:
    target, data = build(frail=0.5, rows=8)
    large = [picture.resize((500, 300)) for picture in data.pictures]
    found = overall(report(target, MemoryDataset(large, data.values), types=["gaussian_noise"]))
    assert found["corrupted_accuracy"].value == 0.5


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"types": ["mist"]}, "mist"),
        ({"per_picture": 9}, "per_picture"),
        ({"lengths": "own"}, "published"),
        ({"baseline": ["fog: 3"]}, "fog"),
        ({"templates": ["a photo"]}, "a photo"),
    ],
)
def test_settings_that_cannot_be_are_refused_with_a_reason(
    settings: dict[str, Any], word: str
) -> None:
    target, data = build(frail=0.5, rows=8)
    with pytest.raises(Inapplicable, match=word):
        report(target, data, **settings)


def test_rows_of_one_class_are_refused_and_a_blind_model_is_measured() -> None:
    target, data = build(rows=8)
    plain: dict[Role, list[str | None]] = {Role.LABEL: ["red"] * 8}
    with pytest.raises(Inapplicable, match="1 class"):
        report(target, MemoryDataset(data.pictures, plain))
    turned: dict[Role, list[str | None]] = {Role.LABEL: ["green", "red"] * 4}
    pictures = [data.pictures[(row + 1) % 2] for row in (1, 0) * 4]
    found = overall(report(target, MemoryDataset(pictures, turned), types=["contrast"]))
    assert found["clean_accuracy"].value == 0.0
    assert "retained_accuracy" not in found
