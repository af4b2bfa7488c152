import numpy as np
import pytest
from PIL import Image

from vlaudit.detect import faces
from vlaudit.detect.skin_tone import MONK, in_light, looks, nearest, survey
from vlaudit.selftest.memory import MemoryDataset

pytest.importorskip("skimage")


def colour(tone: str) -> tuple[int, int, int]:
    red, green, blue = (int(tone[at : at + 2], 16) for at in (0, 2, 4))
    return red, green, blue


def test_each_tone_is_nearest_to_itself() -> None:
    scale = np.array([colour(tone) for tone in MONK]) / 255
    assert nearest(scale).tolist() == list(range(1, 11))


def test_light_changes_what_a_face_looks_like() -> None:
    face = np.zeros((60, 60, 3), dtype=np.uint8)
    face[:] = colour(MONK[3])
    tone, change = looks(face, (0, 0, 60, 60))
    assert tone == 4
    assert 0 < change < 3
    assert in_light(np.full(3, 0.5), (1.0, 1.0, 1.0)) == pytest.approx(np.full(3, 0.5))
    assert (in_light(np.full(3, 0.5), (0.75, 1.33, 9.0)) > [0.0, 0.5, 0.99]).all()


def test_faces_are_looked_for_in_some_pictures() -> None:
    pictures = [faces.example(), Image.new("RGB", (80, 80))]
    seen, by = survey(MemoryDataset(pictures), 2, rng=np.random.default_rng(0))
    assert len(seen) == 1
    assert "cascade" in by
    assert survey(MemoryDataset(), 2, rng=np.random.default_rng(0))[0] == []
