"""The corruptions against imagecorruptions, whose pictures' parts are kept in `reference.json`."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vlaudit.core.probe import Inapplicable
from vlaudit.perturb.corruption.baselines import ALEXNET, declared
from vlaudit.perturb.corruption.exposure import severities_to_show
from vlaudit.perturb.corruption.types import ALL, EXTRA, SEVERITIES, STANDARD, corrupt, prepared

REFERENCE = json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))
# Their frost is photographed, their drops have outlines found by another edge detector, and where
# a value is a whole level but for the last bit, one of the two may cut it down.
LOOSE = {"frost": 80.0, "spatter": 4.0, "defocus_blur": 1.0, "motion_blur": 1.0, "saturate": 1.0}


def scene(side: int) -> Image.Image:
    """Return the picture of `benchmarks/corruption.py`."""
    y, x = np.mgrid[:side, :side] / side
    waves = np.stack([np.sin(7 * x + 3 * y), np.cos(5 * y - 2 * x), np.sin(9 * x * y)], axis=-1)
    picture = 128 + 90 * waves
    picture[(x - 0.3) ** 2 + (y - 0.4) ** 2 < 0.03] = (230, 40, 30)
    picture[(abs(x - 0.7) < 0.12) & (abs(y - 0.65) < 0.2)] = (20, 60, 200)
    picture[(y > 0.85) & ((x * 16).astype(int) % 2 == 0)] = 250
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def parts(picture: Image.Image) -> NDArray[np.float64]:
    pixels = np.asarray(picture, dtype=np.float64)
    side = pixels.shape[0] // 4
    return np.asarray(pixels.reshape(4, side, 4, side, 3).mean(axis=(1, 3)).reshape(16, 3))


@pytest.mark.parametrize("name", [*STANDARD, *EXTRA])
def test_pictures_are_those_of_imagecorruptions_part_by_part(name: str) -> None:
    picture = scene(REFERENCE["side"])
    for severity in (1, 3, 5):
        ours = corrupt(picture, name, severity, np.random.default_rng(REFERENCE["seed"]))
        apart = parts(ours) - np.array(REFERENCE[f"{name} {severity}"]) / 10
        assert np.abs(apart).max() <= LOOSE.get(name, 0.3), severity


@pytest.mark.parametrize("name", ALL)
def test_small_and_oblong_pictures_keep_their_size_and_are_changed(name: str) -> None:
    picture = scene(48).resize((24, 18))
    for severity, scale in ((1, 1.0), (5, 1.0), (1, 18 / 224), (5, 18 / 224)):
        changed = corrupt(picture, name, severity, np.random.default_rng(0), scale=scale)
        assert changed.size == picture.size
        assert changed.mode == "RGB"
    assert np.asarray(changed).tobytes() != np.asarray(picture).tobytes()


@pytest.mark.parametrize("name", ALL)
def test_the_same_seed_gives_the_same_picture_and_black_and_white_survive(name: str) -> None:
    for level in (0, 255):
        plain = Image.new("RGB", (32, 32), (level, level, level))
        first, second = (corrupt(plain, name, 3, np.random.default_rng(3)) for _ in range(2))
        assert np.array_equal(np.asarray(first), np.asarray(second))


@pytest.mark.parametrize("name", sorted(set(ALL) - {"saturate", "rotation", "snow", "occlusion"}))
def test_harder_severities_are_further_from_the_picture(name: str) -> None:
    picture = scene(112)
    pixels = np.asarray(picture, dtype=np.float64)
    far = [
        np.abs(np.asarray(corrupt(picture, name, at, np.random.default_rng(1))) - pixels).mean()
        for at in (1, 5)
    ]
    assert far[1] > far[0]


def test_lengths_follow_the_size_of_the_picture() -> None:
    large, small = scene(224), scene(56)
    for name in ("gaussian_blur", "defocus_blur", "motion_blur"):
        full = corrupt(large, name, 3, np.random.default_rng(0)).resize((56, 56))
        like = corrupt(small, name, 3, np.random.default_rng(0), scale=0.25)
        unlike = corrupt(small, name, 3, np.random.default_rng(0))
        near, far = (
            np.abs(np.asarray(full, dtype=np.float64) - np.asarray(one)).mean()
            for one in (like, unlike)
        )
        assert near < far, name


def test_three_stops_too_little_light_is_an_eighth_of_it() -> None:
    grey = Image.new("RGB", (64, 64), (188, 188, 188))
    dark = np.asarray(corrupt(grey, "low_light", 3, np.random.default_rng(0)), dtype=np.float64)
    linear = ((dark / 255 + 0.055) / 1.055) ** 2.4
    assert linear.mean() == pytest.approx(0.5 / 8, rel=0.05)
    assert 1 / np.sqrt(0.5 / 8 * 4000) == pytest.approx(linear.std() / linear.mean(), rel=0.15)


@pytest.mark.parametrize(("severity", "area"), [(1, 0.05), (2, 0.10), (3, 0.25), (5, 0.50)])
def test_the_share_that_is_covered_is_as_said(severity: int, area: float) -> None:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 99, (90, 60, 3), dtype=np.uint8))
    for seed in range(5):
        covered = corrupt(picture, "occlusion", severity, np.random.default_rng(seed))
        changed = (np.asarray(covered) != np.asarray(picture)).any(axis=2).mean()
        assert changed == pytest.approx(area, abs=0.02)


def test_large_pictures_are_reduced_and_small_ones_left() -> None:
    assert prepared(Image.new("RGB", (900, 448))).size == (450, 224)
    assert prepared(Image.new("RGB", (64, 100))).size == (64, 100)


def test_every_severity_is_dealt_equally_often() -> None:
    rng = np.random.default_rng(0)
    shown = severities_to_show(50, ["fog", "low_light"], 1, rng)
    assert shown[:, 0].sum(axis=0).tolist() == [10] * 5
    assert shown[:, 1].all()
    assert severities_to_show(7, ["fog"], 2, rng).sum(axis=2).tolist() == [[2]] * 7
    assert severities_to_show(7, ["fog"], 5, rng).all()
    for types, wanted in ((["mist"], 1), (["fog"], 6), (["fog"], 0)):
        with pytest.raises(Inapplicable):
            severities_to_show(7, types, wanted, rng)


def test_a_baseline_is_read_and_one_that_cannot_be_is_refused() -> None:
    assert declared([]) == {}
    assert declared(["fog: 0.5", "clean: 0.1"]) == {"fog": 0.5, "clean": 0.1}
    assert declared(["AlexNet"]) == dict(ALEXNET)
    assert set(ALEXNET) == {*STANDARD, "clean"}
    for entry in ("mist: 0.5", "fog", "fog: 0", "fog: much", "rotation: 0.4"):
        with pytest.raises(Inapplicable):
            declared([entry])
    assert len(SEVERITIES) == 5
