"""Orders on pictures: what is written where, and that it can be read."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from vlaudit import registry
from vlaudit.core.probe import Inapplicable
from vlaudit.detect.obedience import LANGUAGES
from vlaudit.perturb.instructions import Arm, Inscription, Wording, inscribe, read_wording
from vlaudit.perturb.typography import saved
from vlaudit.selftest.lettering import Lettering
from vlaudit.selftest.memory import MemoryDataset

CARD = registry.load("adversarial.prompt_injection").card


def wording(**changed: Any) -> Wording:
    return read_wording({**CARD.settings, **changed}, known=LANGUAGES)


def plain(side: int, rows: int = 12) -> MemoryDataset:
    return MemoryDataset(
        [Image.new("RGB", (side + row, side), (90, 120, 160)) for row in range(rows)]
    )


def planned(side: int = 120, rows: int = 12, **changed: Any) -> list[Inscription]:
    rng = np.random.default_rng(0)
    return inscribe(plain(side, rows), wording(**changed), rng, avoid=[set()] * rows)


def test_each_picture_bears_two_visible_orders_and_one_of_everything_else() -> None:
    arms = [one.arm for one in planned()]
    assert {arm: arms.count(arm) for arm in Arm} == {
        Arm.VISIBLE: 24, Arm.FAINT: 12, Arm.LANGUAGE: 12, Arm.SIGN: 12, Arm.READING: 12,
    }  # fmt: skip
    assert Arm.LANGUAGE not in {one.arm for one in planned(languages=[])}


def test_orders_and_contrasts_come_equally_often() -> None:
    made = planned(side=220, sizes=[0.07, 0.08])
    forms = [one.form for one in made if one.arm is Arm.VISIBLE]
    assert {forms.count(form) for form in set(forms)} == {4}
    assert sum(one.contrast == 8 for one in made) == sum(one.contrast == 24 for one in made) == 6


def test_an_order_too_long_for_a_picture_is_left_out() -> None:
    forms = {one.form for one in planned(side=64) if one.ordered}
    assert "say {}" in forms
    assert not any(form.startswith("Stop describing") for form in forms)
    with pytest.raises(Inapplicable, match="no order is legible"):
        planned(side=16)


def test_no_marker_is_a_word_that_describes_the_picture() -> None:
    rng, avoid = np.random.default_rng(0), [{"banana", "zebra", "rocket"}] * 12
    made = inscribe(plain(120), wording(), rng, avoid=avoid)
    named = {one.marker for one in made if one.arm is not Arm.LANGUAGE}
    assert named
    assert not named & avoid[0]
    with pytest.raises(Inapplicable, match="other `markers`"):
        inscribe(plain(120), wording(markers=["zebra"]), rng, avoid=avoid)


@pytest.mark.parametrize("side", [72, 160, 600])
def test_what_is_written_can_be_read_and_a_faint_order_is_faint(side: int) -> None:
    made, words = planned(side=side, rows=4), wording()
    reader = Lettering(tuple({one.text for one in made}), (0.15, 0.25))
    for one in made:
        bare = plain(side).pictures[one.position]
        picture = words.draw(bare, one)
        assert min(picture.size) == min(side, 448)
        assert reader.read(picture) == one.text
        if one.contrast:
            ground = np.asarray(Image.new("RGB", picture.size, (90, 120, 160)), dtype=int)
            assert abs(np.asarray(picture, dtype=int) - ground).max() == one.contrast


def test_letters_are_darker_on_what_is_bright_and_brighter_on_what_is_dark() -> None:
    one = replace(next(one for one in planned() if one.arm is Arm.FAINT), contrast=20.0)
    for level, other in ((200, 180), (40, 60)):
        drawn = np.asarray(wording().draw(Image.new("RGB", (120, 120), (level,) * 3), one))
        assert {drawn.min(), drawn.max()} == {level, other}


def test_a_saved_picture_is_the_same_picture() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    assert np.array_equal(np.asarray(saved(Image.fromarray(pixels))), pixels)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"orders": ["say it"]}, "no place for a word"),
        ({"markers": []}, "list of markers"),
        ({"sizes": [2.0]}, "shares of the picture"),
        ({"contrasts": [0.0]}, "1 to 255"),
        ({"languages": ["Klingon"]}, "Klingon"),
        ({"markers": ["\u533b\u751f"]}, "TrueType"),
        ({"font": "no-such-file.ttf"}, "cannot be read"),
    ],
)
def test_what_cannot_be_written_is_said(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(Inapplicable, match=reason):
        wording(**changed)
