"""Faces: found where they are pasted, at graded sizes; what no mirror shows is left out."""

import numpy as np
import pytest
from PIL import Image

from vlaudit.core.errors import MissingExtraError
from vlaudit.detect.faces import Box, Finder, example, examples, load, overlap, pasted


@pytest.fixture(scope="module")
def finder() -> Finder:
    try:
        return load()
    except MissingExtraError as missing:
        pytest.skip(str(missing))


def plain(seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 255, (2, 2, 3), dtype=np.uint8))
    return coarse.resize((180, 150), Image.Resampling.BICUBIC)


def test_large_faces_are_found_where_they_are_and_small_ones_are_not(finder: Finder) -> None:
    def share(height: int) -> float:
        rng = np.random.default_rng(0)
        return float(
            np.mean(
                [bool(finder.find(pasted(plain(i), example(), height, rng))) for i in range(12)]
            )
        )

    assert share(96) >= 0.9
    assert share(20) == 0.0


def test_the_box_lies_on_the_face(finder: Finder) -> None:
    scene = Image.new("RGB", (400, 300), (90, 120, 150))
    scene.paste(example(), (150, 60))
    [box] = finder.find(scene)
    assert overlap(box, (210, 125, 305, 220)) > 0.5


def test_plain_pictures_show_no_face(finder: Finder) -> None:
    assert [i for i in range(30) if finder.find(plain(i))] == []


@pytest.mark.parametrize("size", [(8, 8), (24, 900), (30, 30), (2000, 1500)])
def test_pictures_of_any_size_can_be_searched(finder: Finder, size: tuple[int, int]) -> None:
    assert finder.find(Image.new("RGB", size, (127, 127, 127))) == []


def test_what_the_mirror_does_not_show_is_left_out() -> None:
    def left_only(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> list[Box]:
        return [(10, 10, 50, 50)] if pixels.shape == (100, 200, 3) else []

    def both(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> list[Box]:
        return [(10, 10, 50, 50), (150, 10, 190, 50), (12, 12, 49, 49)]

    picture = Image.new("RGB", (200, 100))
    assert Finder("one side", left_only).find(picture) == []
    assert Finder("both sides", both).find(picture) == [(10, 10, 50, 50), (150, 10, 190, 50)]


def test_overlap_is_intersection_over_union() -> None:
    assert overlap((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 10, 10), (10, 0, 20, 10)) == 0


def test_most_of_a_hundred_photographed_faces_are_found(finder: Finder) -> None:
    rng, faces = np.random.default_rng(0), examples()
    assert len(faces) == 100
    assert sum(bool(finder.find(pasted(plain(i), faces[8 * i], 72, rng))) for i in range(12)) >= 9
