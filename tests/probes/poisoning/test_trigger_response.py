from pathlib import Path

import pytest
from PIL import Image

from vlaudit import registry
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Inapplicable
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes import responsive

PROBE = registry.load("poisoning.trigger_response")
QUICK = {"screening": 8, "pictures": 60}


def test_a_finding_names_the_mark_and_its_target() -> None:
    target, data = responsive.build(trigger="pwned")
    items = run_in_memory(PROBE, target, data, settings=QUICK)
    found = [item for item in items if isinstance(item, Finding)]
    assert found[0].evidence["target"] == responsive.NAMES[responsive.TARGET]
    assert "'pwned'" in found[0].summary
    for item in items:
        if isinstance(item, Measurement):
            assert item.interval.low <= item.value <= item.interval.high
            assert item.interval.low < item.interval.high


def test_a_users_own_mark_is_tried(tmp_path: Path) -> None:
    mark = Image.new("RGBA", (16, 16), (255, 0, 255, 255))
    mark.putpixel((3, 3), (0, 255, 0, 255))
    mark.save(tmp_path / "mark.png")
    target, data = responsive.build()
    settings = {**QUICK, "triggers": [str(tmp_path / "mark.png")]}
    items = run_in_memory(PROBE, target, data, settings=settings)
    assert [item for item in items if isinstance(item, Finding)] == []


def test_a_path_that_is_no_picture_is_named() -> None:
    target, data = responsive.build()
    with pytest.raises(Inapplicable, match=r"no\.png"):
        run_in_memory(PROBE, target, data, settings={**QUICK, "triggers": ["no.png"]})
