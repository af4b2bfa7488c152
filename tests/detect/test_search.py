import io
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from PIL import Image

from vlaudit.detect.gallery import Gallery, Indices, Pixels, distinct_rows
from vlaudit.detect.search import Suspect, guilty_rows, searched_rows, suspects

ROWS, TOPICS = 360, 6


def scenery(rng: np.random.Generator, size: int) -> Pixels:
    """Return a picture of soft random colours with a few random boxes."""
    soft = Image.fromarray(rng.integers(0, 256, (5, 5, 3)).astype(np.uint8))
    pixels = np.asarray(soft.resize((size, size), Image.Resampling.BICUBIC)).copy()
    for _ in range(4):
        top, left = rng.integers(0, size - 12, 2)
        high, wide = rng.integers(size // 16, size // 3, 2)
        pixels[top : top + high, left : left + wide] = rng.integers(0, 256, 3)
    return pixels


def planted(
    kind: str, rng: np.random.Generator, *, size: int = 64, poisoned: int = 24
) -> tuple[list[Image.Image], Indices, Indices]:
    """Return pictures, topics, and the rows of topic 0 that bear a mark of this kind."""
    owner = np.arange(ROWS) % TOPICS
    bad = np.flatnonzero(owner == 0)[:poisoned] if kind else np.zeros(0, dtype=np.int64)
    badge = rng.integers(0, 2, (4, 4, 3)).astype(np.uint8) * 255
    side = size // 8
    mark = np.kron(badge, np.ones((side // 4, side // 4, 1), dtype=np.uint8))
    overlay = np.kron(rng.integers(0, 256, (size // 4, size // 4, 3)), np.ones((4, 4, 1)))
    pictures: list[Image.Image] = []
    for row in range(ROWS):
        pixels = scenery(rng, size)
        if row in bad:
            top, left = (size - side - 2,) * 2
            if kind == "loose":
                top, left = rng.integers(0, size - side, 2)
            if kind == "square":
                pixels[top : top + side, left : left + side] = (255, 0, 255)
            elif kind == "blend":
                pixels = (0.85 * pixels + 0.15 * overlay).astype(np.uint8)
            else:
                pixels[top : top + side, left : left + side] = mark
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=80)
        pictures.append(Image.open(io.BytesIO(buffer.getvalue())).convert("RGB"))
    return pictures, owner, bad


def searched(
    pictures: Sequence[Image.Image],
    owner: Indices,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda fraction: None,
) -> tuple[Gallery, list[Suspect]]:
    gallery = Gallery.of(lambda rows: [pictures[row] for row in rows], np.arange(ROWS))
    features = rng.normal(size=(ROWS, 8)).astype(np.float32)
    found = suspects(gallery, features, owner, rng.random(ROWS), rng, limit=12, progress=progress)
    return gallery, found


@pytest.mark.parametrize(
    ("kind", "size"),
    [("badge", 64), ("badge", 224), ("square", 64), ("blend", 64), ("loose", 64), ("loose", 96)],
)
def test_a_planted_mark_is_among_the_first_suspects_after_jpeg(kind: str, size: int) -> None:
    rng = np.random.default_rng(0)
    pictures, owner, bad = planted(kind, rng, size=size)
    gallery, found = searched(pictures, owner, rng)
    hits = [
        len(np.intersect1d(guilty_rows(gallery, suspect, owner), bad)) / len(bad)
        for suspect in found
        if suspect.topic == 0
    ]
    assert max(hits, default=0) > 0.6


def test_few_bearers_are_enough() -> None:
    rng = np.random.default_rng(1)
    pictures, owner, bad = planted("badge", rng, poisoned=6)
    gallery, found = searched(pictures, owner, rng)
    best = max(
        (suspect for suspect in found if suspect.topic == 0 and suspect.patch is not None),
        key=lambda suspect: len(np.intersect1d(suspect.rows, bad)),
    )
    assert set(guilty_rows(gallery, best, owner)) == set(bad)
    assert best.patch is not None
    assert best.patch.is_fixed


def test_progress_and_the_same_seed_give_the_same_suspects() -> None:
    pictures, owner, _ = planted("badge", np.random.default_rng(2))
    seen: list[float] = []
    first, second = (
        searched(pictures, owner, np.random.default_rng(3), progress=seen.append)[1]
        for _ in range(2)
    )
    assert [(s.topic, s.score, *s.rows) for s in first] == [
        (s.topic, s.score, *s.rows) for s in second
    ]
    assert seen[0] == 0
    assert max(seen) < 1


def test_copies_count_once() -> None:
    rng = np.random.default_rng(0)
    pictures = [Image.fromarray(scenery(rng, 64)) for _ in range(6)]
    pictures[3] = pictures[4] = pictures[0]
    gallery = Gallery.of(lambda rows: [pictures[row] for row in rows], np.arange(6))
    assert distinct_rows(gallery, np.arange(6)).tolist() == [0, 1, 2, 5]


def test_of_too_many_rows_the_doubtful_ones_are_searched() -> None:
    doubt = np.linspace(0, 1, 1000)
    rows = searched_rows(doubt, 100, np.random.default_rng(0))
    assert len(rows) == len(set(rows)) == 100
    assert set(range(50)) <= set(rows.tolist())
    assert searched_rows(doubt, 5000, np.random.default_rng(0)).tolist() == list(range(1000))
