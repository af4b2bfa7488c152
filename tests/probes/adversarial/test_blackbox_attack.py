"""Attacks by questions: who is asked, how, how long, and what is reported."""

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
from vlaudit.core.target import Choice
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes.linear import build
from vlaudit.selftest.memory import MemoryDataset

PROBE = registry.load("adversarial.blackbox_attack")


class Asked:
    """Answers in words only, sometimes without naming anything; counts what it is asked."""

    name = fingerprint = "asked"

    def __init__(self, *, mute_below: float = 0.0) -> None:
        self.mute_below = mute_below
        self.questions = 0

    def choose_answers(
        self, images: Sequence[Image.Image], questions: Sequence[str], options: Sequence[str]
    ) -> list[Choice]:
        self.questions += len(images)
        found: list[Choice] = []
        for image in images:
            levels = np.asarray(image).astype(float)
            half = levels.shape[1] // 2
            lead = levels[:, half:].mean() - levels[:, :half].mean()
            word = "right" if lead > 0 else "left"
            mute = abs(lead) < self.mute_below
            found.append(Choice(None if mute else list(options).index(word), word))
        return found


def halves(lead: int, rows: int = 12) -> MemoryDataset:
    pictures: list[Image.Image] = []
    for row in range(rows):
        levels = np.full((8, 8, 3), 100, dtype=np.uint8)
        levels[:, slice(4, None) if row % 2 else slice(0, 4)] += lead
        pictures.append(Image.fromarray(levels))
    labels = ["right" if row % 2 else "left" for row in range(rows)]
    return MemoryDataset(pictures, {Role.LABEL: labels})


def report(target: Any, data: MemoryDataset, **settings: Any) -> dict[str, Measurement]:
    wanted = {"queries": 200, "precision": 0.0, **settings}
    reported = run_in_memory(PROBE, target, data, settings=wanted)
    return {m.metric: m for m in reported if isinstance(m, Measurement) and not m.slice}


def test_an_endpoint_that_only_answers_is_attacked_by_its_answers() -> None:
    found = report(Asked(), halves(6), epsilon=8)
    assert found["clean_accuracy"].value == 1.0
    assert found["robust_accuracy"].value == 0.0
    assert found["noise_accuracy"].value == 1.0
    assert found["attack_gain"].value == 1.0
    assert report(Asked(), halves(30), epsilon=8)["robust_accuracy"].value == 1.0


def test_silence_is_no_mistake_and_no_right_answer() -> None:
    silent = report(Asked(mute_below=300), halves(6))
    assert silent["clean_accuracy"].value == silent["robust_accuracy"].value == 0.0
    assert "answers_per_picture" not in silent
    shy = report(Asked(mute_below=100), halves(120), epsilon=50)
    assert (shy["clean_accuracy"].value, shy["robust_accuracy"].value) == (1.0, 1.0)


def test_it_stops_when_the_interval_is_narrow_or_the_answers_are_used_up() -> None:
    target = Asked()
    few = report(target, halves(30, 60), batch_size=4, all_queries=900, queries=100)
    assert few["robust_accuracy"].samples < 60
    assert target.questions <= 900 + 2 * few["robust_accuracy"].samples
    narrow = report(Asked(), halves(6, 60), batch_size=4, precision=0.6)
    assert narrow["robust_accuracy"].samples < 60
    ends = narrow["robust_accuracy"].interval
    assert ends.method == "confidence sequence"
    assert 0 < ends.high - ends.low <= 0.6


def test_same_seed_same_report_and_kept_pictures_are_misnamed() -> None:
    target, data = build(strengths=[1, 40], images=16)
    runs = [run_in_memory(PROBE, target, data, settings={"queries": 40}, seed=3) for _ in range(2)]
    assert runs[0] == runs[1]
    assert [item for item in runs[0] if isinstance(item, Finding)]


def test_what_it_cannot_ask_is_said() -> None:
    class Mute:
        name = fingerprint = "mute"

    with pytest.raises(Inapplicable, match="neither"):
        report(Mute(), halves(6))
    with pytest.raises(Inapplicable, match="feedback"):
        report(Asked(), halves(6), feedback="gradients")


def test_classes_beyond_the_options_are_left_out() -> None:
    target, data = build(strengths=[3], images=48, classes=6)
    found = report(target, data, max_classes=3, queries=5)
    assert found["clean_accuracy"].samples == 24
