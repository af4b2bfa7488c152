"""Copies are found as comparing everything with everything finds them; look-alikes are not."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from vlaudit.detect.duplicates import clusters, near_codes
from vlaudit.detect.floods import flooded, floods, folded
from vlaudit.detect.likeness import SIDE, likeness
from vlaudit.detect.rights import perceptual_hash
from vlaudit.detect.sketches import joined, sign_codes, sketches
from vlaudit.selftest.fakes.copies import copied, product, scene

WAYS = ("exact", "jpeg", "smaller", "brighter", "moved", "cropped")


def squares(pictures: Sequence[Image.Image]) -> np.ndarray:
    return np.stack([np.asarray(p.resize((SIDE, SIDE), Image.Resampling.BOX)) for p in pictures])


@pytest.mark.parametrize("flips", [1, 2])
def test_near_codes_are_those_that_all_comparisons_give(flips: int) -> None:
    rng = np.random.default_rng(flips)
    codes = rng.integers(0, 2**63, 300, dtype=np.uint64)
    for row in range(100, 300):
        bits = rng.choice(64, int(rng.integers(0, 16)), replace=False)
        codes[row] = codes[row % 100] ^ np.uint64(sum(1 << int(bit) for bit in bits))
    found = [pair for i, j, _ in near_codes(codes, flips=flips)
             for pair in zip(i.tolist(), j.tolist(), strict=True)]  # fmt: skip
    apart = np.bitwise_count(codes[:, None] ^ codes[None])
    wanted = {(i, j) for i, j in combinations(range(300), 2) if apart[i, j] <= 4 * flips + 3}
    assert len(found) == len(set(found))
    assert set(found) == wanted
    assert len(wanted) > 100


def test_a_crowd_of_equal_codes_is_curtailed_and_said() -> None:
    blocks = list(near_codes(np.zeros(2500, dtype=np.uint64), flips=1))
    assert len({row for _, _, cut in blocks for row in cut.tolist()}) == 499
    assert sum(len(left) for left, _, _ in blocks) == 2500 * 2499 // 2 - 499 * 500 // 2


def test_codes_of_pictures_are_their_perceptual_hashes() -> None:
    rng = np.random.default_rng(0)
    pictures = [scene(rng) for _ in range(20)]
    apart = [
        (int(code) ^ perceptual_hash(picture)).bit_count()
        for code, picture in zip(sketches(pictures).codes, pictures, strict=True)
    ]
    assert max(apart) <= 4


def test_sign_codes_differ_by_the_angle() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(2000, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    codes = sign_codes(vectors, rng)
    angles = np.arccos((vectors[::2] * vectors[1::2]).sum(axis=1).clip(-1, 1))
    share = np.bitwise_count(codes[::2] ^ codes[1::2]) / 64
    assert abs(float((share - angles / np.pi).mean())) < 0.005


@pytest.mark.parametrize("way", WAYS)
def test_copies_are_one_shot(way: str) -> None:
    rng = np.random.default_rng(1)
    scenes = [scene(rng) for _ in range(20)]
    seen = likeness(squares(scenes), squares([copied(p, way, rng) for p in scenes]))
    assert (seen.possible & (seen.worst < 0.16) & (seen.unexplained < 0.15)).mean() >= 0.9


def test_products_of_a_series_and_other_scenes_are_not() -> None:
    rng = np.random.default_rng(2)
    series = [product(turn) for turn in range(18)]
    pairs = list(combinations(range(18), 2))
    left, right = (squares([series[pair[end]] for pair in pairs]) for end in (0, 1))
    assert likeness(left, right).worst.min() > 0.16
    others = squares([scene(rng) for _ in range(30)])
    assert likeness(others[:-1], others[1:]).unexplained.min() > 0.5


def test_flat_pictures_are_copies_only_in_one_colour() -> None:
    flat = np.zeros((3, SIDE, SIDE, 3), dtype=np.uint8)
    flat[0], flat[1], flat[2] = (200, 30, 30), (198, 31, 30), (30, 30, 200)
    seen = likeness(flat[[0, 0]], flat[[1, 2]])
    assert (seen.possible & (seen.worst < 0.16)).tolist() == [True, False]


def test_chains_of_copies_are_one_cluster_and_sides_are_compared_across_only() -> None:
    rng = np.random.default_rng(3)
    pictures = [scene(rng) for _ in range(40)]
    pictures[10], pictures[11] = pictures[0].copy(), copied(pictures[0], "jpeg", rng)
    pictures[12] = copied(pictures[11], "brighter", rng)
    pictures[20] = copied(pictures[5], "smaller", rng)
    seen = joined([sketches(pictures[:25]), sketches(pictures[25:])])

    def load(rows: Sequence[int]) -> list[Image.Image]:
        return [pictures[row] for row in rows]

    found = clusters(seen, load)
    assert [part.tolist() for part in found.members()] == [[0, 10, 11, 12], [5, 20]]
    assert (found.exact[0] == found.exact[10], found.exact[0] == found.exact[11]) == (True, False)
    named = [
        (item.row, item.evidence["exact"]) for item in found.findings(list(map(str, range(40))))
    ]
    assert named == [("10", True), ("11", False), ("12", False), ("20", False)]
    side = np.arange(40) >= 20
    across = clusters(seen, load, side=side)
    assert [part.tolist() for part in across.members()] == [[0, 10], [5, 20]]


def test_floods_stand_out_from_the_next_values() -> None:
    texts = [f"caption {row}" for row in range(200)] + ["BUY  now", "buy now "] * 10
    found = floods(folded(texts), fewest=10, factor=5)
    assert [flood.rows.tolist() for flood in found] == [list(range(200, 220))]
    assert flooded(found, len(texts)).sum() == 20
    labels = [f"label {row % 8}" for row in range(400)]
    assert floods(labels, fewest=10, factor=5) == []
    assert floods(["one"] * 50, fewest=10, factor=5) == []
    assert floods([None] * 50 + ["a", "b"], fewest=10, factor=5) == []
