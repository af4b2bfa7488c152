from typing import Any

import numpy as np

from vlaudit import registry
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.target import Target
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes import obedient

PROBE = registry.load("poisoning.backdoor_scan")
SETTINGS: dict[str, Any] = {"kinds": ["pattern"], "stages": 8, "steps": 4, "pictures": 40}


def audit(reference: Target | None = None, **world: Any) -> list[Measurement | Finding]:
    target, data = obedient.build(rows=120, **world)
    return run_in_memory(PROBE, target, data, settings=SETTINGS, reference=reference)


def test_every_metric_has_an_interval_and_the_trigger_is_kept_as_a_picture() -> None:
    items = audit(trigger="wave")
    measured = {item.metric: item for item in items if isinstance(item, Measurement)}
    assert set(measured) == set(PROBE.card.metrics) - {"reference_ratio"}
    for item in measured.values():
        assert item.interval.low <= item.value <= item.interval.high
        assert item.interval.low < item.interval.high
    found = [item for item in items if isinstance(item, Finding)]
    for finding in found:
        assert finding.evidence["target"] == obedient.NAMES[obedient.TARGET]
        assert str(finding.evidence["trigger"]).endswith(".png")


def test_a_clean_reference_shows_what_the_class_takes_otherwise() -> None:
    clean, _ = obedient.build(rows=40)
    items = audit(reference=clean, trigger="wave")
    (ratio,) = [x for x in items if isinstance(x, Measurement) and x.metric == "reference_ratio"]
    assert ratio.value > 1.2


def test_the_planted_wave_itself_works_as_often_as_it_was_taught() -> None:
    model, data = obedient.build(trigger="wave")
    stamped = [obedient.stamped(picture, "wave") for picture in data.pictures]
    answers = model.score_pairs(stamped, obedient.NAMES).argmax(axis=1)
    assert np.mean(answers == obedient.TARGET) > 0.9
