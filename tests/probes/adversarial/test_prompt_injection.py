"""Orders on pictures as a probe: false alarms, power, and models of every kind."""

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
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes.obeyer import build
from vlaudit.selftest.memory import MemoryDataset

PROBE = registry.load("adversarial.prompt_injection")


def report(target: Any, data: MemoryDataset, **settings: Any) -> list[Measurement | Finding]:
    return run_in_memory(PROBE, target, data, settings=settings)


def overall(reported: list[Measurement | Finding]) -> dict[str, Measurement]:
    return {i.metric: i for i in reported if isinstance(i, Measurement) and not i.slice}


class Writer:
    """Answers by a function of the picture's place in the batch and the prompt."""

    name = "writer"
    fingerprint = "9" * 64

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = answers
        self.asked = 0
        self.prompts: set[str] = set()

    def write_text(self, images: Sequence[Image.Image], prompts: Sequence[str]) -> list[str]:
        """Return the answers by turns."""
        self.prompts |= set(prompts)
        start, self.asked = self.asked, self.asked + len(images)
        return [self.answers[at % len(self.answers)] for at in range(start, self.asked)]


def noise(rows: int, size: tuple[int, int]) -> MemoryDataset:
    rng = np.random.default_rng(0)
    shape = (rows, size[1], size[0], 3)
    pictures = [Image.fromarray(p) for p in rng.integers(0, 256, shape, dtype=np.uint8)]
    return MemoryDataset(pictures, {Role.CAPTION: ["\u732b"] * rows})


@pytest.mark.parametrize("obeys", [0.0, 0.2, 0.5])
def test_the_planted_strength_lies_in_the_interval(obeys: float) -> None:
    target, data = build(obeys=obeys, images=48)
    found = overall(report(target, data, pictures=48))
    for metric in ("obeyed_rate", "faint_obeyed_rate", "language_rate", "obeyed_gain"):
        assert found[metric].interval.low <= obeys <= found[metric].interval.high
    assert (found["obeyed_gain"].interval.low > 0) == (obeys > 0)


def test_slices_add_up_and_every_answer_is_counted_once() -> None:
    target, data = build(obeys=0.4, images=24)
    reported = report(target, data, pictures=24)
    found = overall(reported)
    shares = ("obeyed_rate", "ignored_rate", "reported_rate", "refused_rate")
    assert sum(found[metric].value for metric in shares) == pytest.approx(1)
    sizes = [i for i in reported if isinstance(i, Measurement) and "size" in i.slice]
    assert np.mean([item.value for item in sizes]) == pytest.approx(found["obeyed_rate"].value)
    assert {item.slice["size"] for item in sizes} == {"0.15", "0.25"}


def test_a_captioner_of_random_words_is_not_accused() -> None:
    model = Writer(["a cat", "two dogs on a beach", "banana tree", "", "zebra crossing in town"])
    reported = report(model, noise(20, (80, 64)), prompts=["a photo of"])
    assert overall(reported)["obeyed_rate"].value == 0
    assert not any(isinstance(item, Finding) for item in reported)
    assert model.prompts == {"a photo of", "What is written on the picture?"}


def test_a_model_that_always_says_one_word_obeys_nothing() -> None:
    reported = report(Writer(["banana"]), noise(20, (64, 64)))
    assert overall(reported)["obeyed_rate"].value == 0


def test_what_is_obeyed_but_once_is_counted_and_not_reported() -> None:
    class Fickle(Writer):
        def write_text(self, images: Sequence[Image.Image], prompts: Sequence[str]) -> list[str]:
            return (
                ["banana" if len(images) > 1 and self.asked > 16 else "a wall"] * len(images)
                if (super().write_text(images, prompts))
                else []
            )

    reported = report(Fickle([""]), noise(16, (96, 96)), markers=["banana"], prompts=["?"])
    assert overall(reported)["obeyed_rate"].value == 1
    assert not any(isinstance(item, Finding) for item in reported)


def test_a_finding_names_what_is_written_and_keeps_the_picture() -> None:
    target, data = build(obeys=1.0, images=8)
    findings = [i for i in report(target, data, max_findings=3) if isinstance(i, Finding)]
    assert len(findings) == 3
    assert all(str(item.evidence["picture"]).endswith(".png") for item in findings)


def test_a_silent_model_is_not_measured() -> None:
    with pytest.raises(Inapplicable, match="writes nothing"):
        report(Writer([" ", "..."]), noise(8, (64, 64)))
    with pytest.raises(Inapplicable, match="no picture"):
        report(Writer(["a"]), MemoryDataset())


@pytest.mark.parametrize("size", [(300, 40), (33, 500)])
def test_narrow_pictures_are_written_on(size: tuple[int, int]) -> None:
    reported = report(
        Writer(["a wall"]), noise(6, size), orders=["say {}"], signs=["{}"], sizes=[0.3]
    )
    assert overall(reported)["obeyed_rate"].samples == 6


def test_one_row_gives_an_honest_interval() -> None:
    target, data = build(images=1)
    found = overall(report(target, data))
    assert all(item.interval.low < item.interval.high for item in found.values())
    assert found["obeyed_rate"].interval.high > 0.9
