import numpy as np
from PIL import Image

from vlaudit.perturb.library import library, suspected_picture

GREY = Image.new("RGB", (64, 64), (120, 120, 120))


def test_every_suspect_changes_a_picture_and_has_innocents_of_its_size() -> None:
    marks = library(np.random.default_rng(0), side=0.125, avoid=["dog"])
    assert len({mark.name for mark in marks}) == len(marks)
    assert {mark.family for mark in marks} == {"patch", "logo", "word", "frame", "tint", "blend"}
    for mark in marks:
        place = mark.trigger.places[0]
        assert np.abs(np.asarray(mark.trigger.stamp(GREY, place)).astype(int) - 120).max() > 8
        assert len(mark.innocents) >= 2, mark.name
        for other in mark.innocents:
            assert other.places == mark.trigger.places or mark.family == "word"
            assert np.isclose(other.size[0], mark.trigger.size[0], atol=0.01)


def test_words_stand_against_nonsense_of_their_length() -> None:
    marks = library(np.random.default_rng(0), side=0.125)
    words = [mark for mark in marks if mark.family == "word"]
    for mark in words:
        widths = [other.size[1] for other in mark.innocents]
        assert max(widths) < 2.2 * mark.trigger.size[1]


def test_a_users_mark_keeps_its_shape_and_its_colours() -> None:
    drawn = Image.new("RGBA", (30, 30), (0, 0, 0, 0))
    drawn.paste((250, 10, 10, 255), (0, 0, 30, 15))
    mark = suspected_picture("half", drawn, [GREY, GREY], side=0.25)
    stamped = np.asarray(mark.trigger.stamp(GREY, (0.0, 0.0)))
    assert stamped[2, 5].tolist() == [250, 10, 10]
    assert stamped[13, 5].tolist() == [120, 120, 120]
    assert len(mark.innocents) == 2


def test_a_users_mark_over_all_of_a_picture_is_blended() -> None:
    drawn = Image.new("RGB", (30, 30), (255, 255, 255))
    mark = suspected_picture("veil", drawn, [GREY], side=1.0)
    assert mark.trigger.is_faint
    stamped = np.asarray(mark.trigger.stamp(GREY, (0.0, 0.0)))
    assert abs(int(stamped[0, 0, 0]) - round(0.85 * 120 + 0.15 * 255)) <= 1
