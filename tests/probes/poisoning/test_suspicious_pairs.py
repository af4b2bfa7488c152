from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from vlaudit import registry
from vlaudit.core.dataset import Role
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.features import TargetFeatures, encode
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes import poisoned
from vlaudit.selftest.memory import MemoryDataset

PROBE = registry.load("poisoning.suspicious_pairs")


def audit(**world: Any) -> list[Measurement | Finding]:
    target, data = poisoned.build(**world)
    return run_in_memory(PROBE, target, data, settings={"pictures": 80, "candidates": 9})


def value(items: Sequence[Measurement | Finding], metric: str) -> Measurement:
    return next(x for x in items if isinstance(x, Measurement) and x.metric == metric)


def test_all_metrics_of_the_card_are_measured_with_intervals() -> None:
    items = audit(rate=0.0, rows=200)
    measured = {item.metric for item in items if isinstance(item, Measurement)}
    assert measured == set(PROBE.card.metrics)
    for metric in measured:
        item = value(items, metric)
        assert item.interval.low <= item.value <= item.interval.high
        assert item.interval.low < item.interval.high


@pytest.mark.parametrize("trigger", ["square", "blend"])
def test_other_kinds_of_trigger_are_confirmed(trigger: str) -> None:
    items = audit(trigger=trigger, rate=0.04, rows=300)
    found = [x for x in items if isinstance(x, Finding) and x.kind == "trigger"]
    assert len(found) == 1
    assert value(items, "trigger_gain").interval.low > 0.3
    rows = {x.row for x in items if isinstance(x, Finding) and x.kind == "poisoned_pair"}
    assert len(rows) >= 12


@pytest.mark.parametrize("strength", [0.3, 0.6])
def test_the_gain_follows_the_strength_of_the_backdoor(strength: float) -> None:
    items = audit(strength=strength, rate=0.04, rows=300)
    assert value(items, "trigger_gain").value == pytest.approx(strength, abs=0.15)


def test_rows_without_a_caption_are_left_out_and_said() -> None:
    target, data = poisoned.build(rate=0.0, rows=120)
    captions = list(data.texts(Role.CAPTION))
    captions[3] = None
    captions[5] = "  "
    data = replace(data, values={Role.CAPTION: captions})
    notes: list[str] = []
    context = Context(
        target=target,
        data=data,
        features=TargetFeatures(target, encode(target, data)),
        settings={**PROBE.card.settings, "pictures": 20},
        rng=np.random.default_rng(0),
        note=notes.append,
        progress=lambda fraction: None,
        keep_picture=lambda name, pixels: name,
    )
    items = list(PROBE.run(context))
    assert value(items, "suspicious_share").samples == 118
    assert any("2 rows without a caption" in note for note in notes)


def test_one_caption_for_all_is_not_comparable() -> None:
    target, data = poisoned.build(rate=0.0, rows=120)
    same = MemoryDataset(data.pictures, {Role.CAPTION: ["a red disc"] * 120})
    with pytest.raises(Inapplicable, match="different captions"):
        run_in_memory(PROBE, target, same)


def test_pictures_of_several_sizes_are_searched() -> None:
    target, data = poisoned.build(rate=0.04, rows=300)
    sizes = [(48, 48), (96, 96), (192, 144)]
    pictures = [
        picture.resize(sizes[row % 3], Image.Resampling.NEAREST)
        for row, picture in enumerate(data.pictures)
    ]
    items = run_in_memory(PROBE, target, replace(data, pictures=pictures))
    assert value(items, "trigger_gain").interval.low > 0.3


def test_nothing_personal_is_written() -> None:
    target, data = poisoned.build(rate=0.04, rows=300, labels=False)
    captions = [
        f"{caption} for Ada Byron ada@example.com" if "purple" in str(caption) else caption
        for caption in data.texts(Role.CAPTION)
    ]
    items = run_in_memory(PROBE, target, replace(data, values={Role.CAPTION: captions}))
    assert any(isinstance(item, Finding) for item in items)
    assert "Ada" not in repr(items)
    assert "example.com" not in repr(items)


def test_a_model_that_never_saw_the_pairs_tells_of_poison_that_the_audited_one_hides() -> None:
    target, data = poisoned.build(rate=0.03, rows=400, strength=1.0)
    innocent, _ = poisoned.build(rate=0.0, rows=8, strength=0.0)
    settings = {"candidates": 4, "pictures": 20}
    alone = run_in_memory(PROBE, target, data, settings=settings)
    both = run_in_memory(PROBE, target, data, settings=settings, reference=innocent)
    hidden, told = (value(items, "suspicious_share").value for items in (alone, both))
    assert hidden < 0.01
    assert told == pytest.approx(0.03, abs=0.012)
    clean = poisoned.build(rate=0.0, rows=400)[1]
    accused = run_in_memory(PROBE, target, clean, settings=settings, reference=innocent)
    assert value(accused, "suspicious_share").value < 0.01
