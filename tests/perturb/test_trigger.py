import numpy as np
import pytest
from PIL import Image

from vlaudit.perturb.trigger import Trigger, battery, blended, cut, patch


def noise(rng: np.random.Generator, height: int = 64, width: int = 64) -> Image.Image:
    return Image.fromarray(rng.integers(0, 256, (height, width, 3)).astype(np.uint8))


def test_a_patch_is_cut_out_as_it_was_put_in() -> None:
    rng = np.random.default_rng(0)
    badge = rng.integers(0, 256, (8, 8, 3)).astype(np.uint8)
    trigger = patch(badge, size=(0.125, 0.125), places=[(0.5, 0.25)])
    pictures = [trigger.stamp(noise(rng), (0.5, 0.25)) for _ in range(9)]
    corners = np.tile([32, 16], (9, 1))
    again = cut(pictures, corners, np.ones((8, 8), dtype=np.bool_), side=64)
    assert np.array_equal(again.paint, badge)
    assert again.places == ((0.5, 0.25),)
    assert not again.is_faint


def test_a_patch_at_changing_places_stays_sharp() -> None:
    rng = np.random.default_rng(0)
    badge = rng.integers(0, 256, (8, 8, 3)).astype(np.uint8)
    corners = rng.integers(0, 56, (9, 2))
    stamped = []
    for corner in corners:
        pixels = np.asarray(noise(rng)).copy()
        pixels[corner[0] : corner[0] + 8, corner[1] : corner[1] + 8] = badge
        stamped.append(Image.fromarray(pixels))
    again = cut(stamped, corners, np.ones((8, 8), dtype=np.bool_), side=64)
    assert np.array_equal(again.paint, badge)
    assert len(again.places) == 9


@pytest.mark.parametrize("size", [(224, 224), (30, 50), (500, 333)])
def test_a_trigger_fits_pictures_of_any_size(size: tuple[int, int]) -> None:
    picture = Image.new("RGB", size, (10, 20, 30))
    trigger = patch(np.full((8, 8, 3), 255, np.uint8), size=(0.25, 0.25), places=[(0.9, 0.9)])
    pixels = np.asarray(trigger.stamp(picture, trigger.places[0]))
    white = (pixels == 255).all(axis=-1)
    assert pixels.shape[:2] == size[::-1]
    assert white[-1, -1]
    assert white.mean() == pytest.approx(1 / 16, abs=0.01)


def test_a_blended_pattern_is_recovered() -> None:
    rng = np.random.default_rng(0)
    pattern = rng.integers(0, 256, (32, 32, 3)).astype(np.float32)
    others = [noise(rng, 32, 32) for _ in range(90)]
    mixed = 0.8 * np.stack([np.asarray(noise(rng, 32, 32)) for _ in range(90)]) + 0.2 * pattern
    trigger = blended([Image.fromarray(m.astype(np.uint8)) for m in mixed], others)
    assert trigger.is_faint
    assert trigger.alpha.max() == pytest.approx(0.2, abs=0.04)
    assert np.corrcoef(trigger.paint.ravel(), pattern.ravel())[0, 1] > 0.8


def test_a_faint_pattern_is_taken_off_as_it_was_put_on() -> None:
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(60, 190, (32, 32, 3)).astype(np.uint8))
    paint = rng.uniform(0, 40, (32, 32, 3)).astype(np.float32)
    pattern = Trigger(np.full((32, 32), 0.2, np.float32), paint, (1.0, 1.0))
    again = pattern.removed(pattern.stamp(picture, (0.0, 0.0)), (0.0, 0.0))
    gap = np.asarray(again, dtype=np.int64) - np.asarray(picture)
    assert np.abs(gap).max() <= 1


@pytest.mark.parametrize("size", [(224, 224), (50, 30)])
def test_nothing_of_a_removed_patch_is_left(size: tuple[int, int]) -> None:
    picture = Image.new("RGB", size, (10, 200, 30))
    trigger = patch(np.full((8, 8, 3), 255, np.uint8), size=(0.2, 0.2), places=[(0.8, 0.8)])
    again = trigger.removed(trigger.stamp(picture, (0.8, 0.8)), (0.8, 0.8))
    assert again.tobytes() == picture.tobytes()


def test_a_patch_over_the_whole_picture_leaves_nothing_to_fill_it_from() -> None:
    picture = Image.new("RGB", (16, 16), (9, 9, 9))
    trigger = patch(np.full((8, 8, 3), 255, np.uint8), size=(1.0, 1.0), places=[(0.0, 0.0)])
    assert trigger.removed(picture, (0.0, 0.0)) is picture


def test_innocent_pieces_have_shape_and_place_of_the_patch_and_the_object_comes_first() -> None:
    rng = np.random.default_rng(0)
    pixels = np.full((64, 64, 3), 128, dtype=np.uint8)
    pixels[40:50, 8:18] = (255, 0, 0)
    trigger = patch(np.zeros((10, 10, 3), np.uint8), size=(10 / 64, 10 / 64), places=[(0.1, 0.2)])
    pieces = trigger.pieces(Image.fromarray(pixels), rng)
    assert {piece.places for piece in pieces} == {trigger.places}
    assert {piece.size for piece in pieces} == {trigger.size}
    assert pieces[0].paint[..., 0].mean() > 240


def test_a_scrambled_pattern_has_the_same_power() -> None:
    rng = np.random.default_rng(0)
    trigger = blended([noise(rng) for _ in range(9)], [noise(rng) for _ in range(9)])
    other = trigger.scrambled()
    assert other.paint.std() == pytest.approx(trigger.paint.std())
    assert abs(np.corrcoef(other.paint.ravel(), trigger.paint.ravel())[0, 1]) < 0.1


def test_the_battery_stands_at_five_places() -> None:
    assert len(battery()) == 40
    assert len({trigger.places for trigger in battery()}) == 5
    assert all(trigger.preview().dtype == np.uint8 for trigger in battery())
