"""The typographic attack as a probe: false alarms, power, and what it refuses."""

import zlib
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
from vlaudit.core.target import Choice, Matrix, Target
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes.reader import NAMES, build
from vlaudit.selftest.memory import MemoryDataset

PROBE = registry.load("adversarial.typographic")


def report(
    target: Target, data: MemoryDataset, *, seed: int = 0, **settings: Any
) -> list[Measurement | Finding]:
    return run_in_memory(PROBE, target, data, settings=settings, seed=seed)


def overall(reported: list[Measurement | Finding]) -> dict[str, Measurement]:
    return {i.metric: i for i in reported if isinstance(i, Measurement) and not i.slice}


class Guesser:
    """Names pictures at random: by all their pixels, or by the amount of ink on them alone."""

    name = "guesser"
    fingerprint = "3" * 64

    def __init__(self, *, by_ink: bool) -> None:
        self.by_ink = by_ink

    def score_pairs(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Matrix:
        """Return noise that depends on the pixels alone."""
        noise = [np.random.default_rng(self._seed(i)).normal(size=len(texts)) for i in images]
        return np.asarray(noise, dtype=np.float32)

    def _seed(self, image: Image.Image) -> int:
        if self.by_ink:
            return int((np.asarray(image).max(2) < 60).sum())
        return zlib.crc32(image.tobytes())


@pytest.mark.parametrize("by_ink", [False, True])
def test_noise_is_accused_no_oftener_than_the_interval_allows(*, by_ink: bool) -> None:
    pictures = [Image.new("RGB", (48, 48), (row, 90, 200 - row)) for row in range(60)]
    data = MemoryDataset(pictures, {Role.LABEL: [NAMES[row % 4] for row in range(60)]})
    accused = 0
    for seed in range(60):
        findings = report(Guesser(by_ink=by_ink), data, seed=seed, sizes=[0.2], places=["top"])
        accused += any(isinstance(item, Finding) for item in findings)
    assert accused <= 5


@pytest.mark.parametrize("reads", [0.1, 0.3, 0.6])
def test_power_grows_with_the_planted_strength(reads: float) -> None:
    target, data = build(reads=reads, images=96)
    reported = report(target, data, max_images=96)
    gain = overall(reported)["typographic_gain"]
    assert gain.interval.low <= reads + 0.02
    assert gain.interval.high >= reads - 0.08
    assert gain.interval.low > 0
    assert any(isinstance(item, Finding) for item in reported)


def test_same_seed_same_report() -> None:
    target, data = build(reads=0.5, images=32)
    assert report(target, data, seed=1) == report(target, data, seed=1)


def test_intervals_are_never_points() -> None:
    target, data = build(images=32)
    for item in report(target, data):
        if isinstance(item, Measurement):
            assert item.interval.low < item.interval.high


def test_slices_cover_sizes_and_places() -> None:
    target, data = build(reads=0.9, images=48)
    slices = [i for i in report(target, data) if isinstance(i, Measurement) and i.slice]
    assert {next(iter(item.slice.items())) for item in slices} == {
        ("size", "0.15"), ("size", "0.25"), ("place", "top"), ("place", "middle"),
        ("place", "bottom"),
    }  # fmt: skip
    assert sum(item.samples for item in slices) == 2 * 48


def test_labels_that_the_font_cannot_write_are_said() -> None:
    pictures = [Image.new("RGB", (48, 48), (row, 90, 20)) for row in range(20)]
    data = MemoryDataset(pictures, {Role.LABEL: ["医生", "老师"] * 10})
    with pytest.raises(Inapplicable, match="font"):
        report(Guesser(by_ink=False), data)
    with pytest.raises(Inapplicable, match="cannot be read"):
        report(Guesser(by_ink=False), data, font="no-such-file.ttf")


def test_one_class_cannot_be_attacked() -> None:
    target, data = build(images=16)
    with pytest.raises(Inapplicable, match="at least two classes"):
        report(target, MemoryDataset(data.pictures, {Role.LABEL: ["apple"] * 16}))


class Answerer:
    """Answers in multiple choice what a reader scores highest."""

    name = "answerer"
    fingerprint = "e" * 64

    def __init__(self, reads: float) -> None:
        self._reader = build(reads=reads)[0]

    def choose_answers(
        self, images: Sequence[Image.Image], questions: Sequence[str], options: Sequence[str]
    ) -> list[Choice]:
        """Return the best option of each picture."""
        chosen = self._reader.score_pairs(images, options).argmax(axis=1).tolist()
        return [Choice(int(at), options[int(at)]) for at in chosen]


@pytest.mark.parametrize("reads", [0.0, 0.5])
def test_a_model_that_answers_is_measured_as_one_that_scores(reads: float) -> None:
    _, data = build(reads=reads, images=48)
    gain = overall(report(Answerer(reads), data, max_images=48))["typographic_gain"]
    assert gain.interval.low <= reads <= gain.interval.high + 0.05
    assert (gain.interval.low > 0) == (reads > 0)


def test_an_answer_that_names_nothing_is_neither_right_nor_led() -> None:
    class Silent(Answerer):
        def choose_answers(
            self, images: Sequence[Image.Image], questions: Sequence[str], options: Sequence[str]
        ) -> list[Choice]:
            return [Choice(None, "hm")] * len(images)

    found = overall(report(Silent(0.0), build(images=16)[1]))
    assert (found["clean_accuracy"].value, found["word_hit_rate"].value) == (0, 0)


def test_faint_letters_lead_less_than_black_ones() -> None:
    target, data = build(reads=0.9, images=64)
    contrasts = [255.0, 120.0]
    slices = {
        item.slice["contrast"]: item
        for item in report(target, data, contrasts=contrasts)
        if isinstance(item, Measurement) and "contrast" in item.slice
    }
    # The reader takes letters for such where they are darker than 60 of 255.
    assert slices["255"].value > 0.7
    assert slices["120"].value == 0
