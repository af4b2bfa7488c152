import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from vlaudit.core.target import Matrix
from vlaudit.detect.outliers import crowding, density_evidence, neighbours, repeats, slof


def unit(rng: np.random.Generator, rows: int, width: int = 16) -> Matrix:
    points = rng.normal(size=(rows, width))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), dtype=np.float32)


def test_neighbours_equal_those_of_scikit_learn() -> None:
    points = unit(np.random.default_rng(0), 2500)
    near = neighbours(points, 8)
    distance, index = NearestNeighbors(n_neighbors=9).fit(points).kneighbors(points)
    assert np.allclose(near.distance, distance[:, 1:], atol=1e-3)
    assert (near.index == index[:, 1:]).mean() > 0.999


def test_a_row_is_never_its_own_neighbour_even_among_copies() -> None:
    points = np.repeat(unit(np.random.default_rng(0), 3), 4, axis=0)
    near = neighbours(points, 3)
    assert not (near.index == np.arange(12)[:, None]).any()
    assert np.allclose(near.distance, 0, atol=1e-3)
    assert (crowding(near) == 3).all()


def test_fewer_rows_than_neighbours_give_what_there_is() -> None:
    assert neighbours(unit(np.random.default_rng(0), 4), 64).index.shape == (4, 3)


def test_one_row_has_no_neighbours() -> None:
    with pytest.raises(ValueError, match="no neighbours"):
        neighbours(unit(np.random.default_rng(0), 1), 4)


def test_slof_is_one_within_a_cluster_and_large_outside_it() -> None:
    rng = np.random.default_rng(0)
    cluster = np.ones((60, 16)) + rng.normal(0, 0.02, (60, 16))
    points = np.concatenate([cluster, -np.ones((1, 16))]).astype(np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    scores = slof(neighbours(points, 8), 8)
    assert np.median(scores) == pytest.approx(1, abs=0.15)
    assert scores[-1] > 5


def test_repeats_ignore_case_and_outer_space() -> None:
    assert repeats(["A cat", "a cat ", "a dog"]).tolist() == [2, 2, 1]


def test_a_caption_unlike_those_of_similar_pictures_disagrees_most() -> None:
    rng = np.random.default_rng(0)
    topics = unit(rng, 4)
    images = topics[np.arange(200) % 4] + rng.normal(0, 0.05, (200, 16))
    images = (images / np.linalg.norm(images, axis=1, keepdims=True)).astype(np.float32)
    captions = topics[np.arange(200) % 4].copy()
    captions[7] = topics[0]
    found = density_evidence(images, captions, [str(row) for row in range(200)])
    assert found["caption_disagreement"].argmax() == 7
    assert all(np.isfinite(values).all() for values in found.values())
