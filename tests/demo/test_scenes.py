"""Drawing, where the font is installed; without it, the error that says how to install it."""

from pathlib import Path

import numpy as np
import pytest

from vlaudit.core.errors import InputError
from vlaudit.demo.captions import caption, label
from vlaudit.demo.scenes import (
    FONT,
    NAMES,
    PATTERNS,
    TRAINING,
    UNSEEN,
    Cast,
    Studio,
    background,
    read_cast,
)


@pytest.fixture(scope="module")
def cast() -> Cast:
    if not (FONT.is_file() and NAMES.is_file()):
        pytest.skip("fonts-noto-color-emoji and unicode-data are not installed")
    return read_cast()


def test_a_missing_font_and_a_missing_list_name_their_packages(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="apt-get install fonts-noto-color-emoji"):
        Studio(tmp_path / "no.ttf")
    with pytest.raises(InputError, match="apt-get install unicode-data"):
        read_cast(tmp_path / "no.txt")


@pytest.mark.parametrize("kind", PATTERNS)
def test_every_background_mixes_two_colours(kind: str) -> None:
    picture = np.asarray(background(kind, np.random.default_rng(1)))
    assert picture.shape == (64, 64, 3)
    assert (len(np.unique(picture.reshape(-1, 3), axis=0)) == 1) == (kind == "plain")


def test_the_test_split_has_backgrounds_of_its_own() -> None:
    assert not set(TRAINING.backgrounds) & set(UNSEEN.backgrounds)
    assert set(TRAINING.backgrounds) | set(UNSEEN.backgrounds) == set(PATTERNS)


def test_the_cast_is_64_roles_by_two_genders_by_five_tones(cast: Cast) -> None:
    assert len({label(worker) for worker in cast.workers}) == 64
    assert len(cast.workers) == 640
    assert len(cast.looks) == 70
    assert len(cast.things) >= 1000


def test_the_same_seed_draws_the_same_picture_and_caption(cast: Cast) -> None:
    drawn = []
    for _ in range(2):
        rng = np.random.default_rng(3)
        picture = Studio().draw(cast.workers[7], UNSEEN, rng)
        drawn.append((picture.tobytes(), caption(cast.workers[7], rng)))
    assert drawn[0] == drawn[1]
