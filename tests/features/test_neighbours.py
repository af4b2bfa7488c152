"""Neighbours against scikit-learn, and the recall that is said against the true one."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from vlaudit.core.target import Matrix
from vlaudit.features import Embeddings, nearest


def clustered(rows: int, *, seed: int = 0) -> Matrix:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(40, 16))
    points = centres[rng.integers(0, 40, rows)] + rng.normal(size=(rows, 16)) * 0.6
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), dtype=np.float32)


def truth(points: Matrix, count: int) -> NDArray[np.intp]:
    found = NearestNeighbors(n_neighbors=count + 1, metric="cosine").fit(points)
    rows: NDArray[np.intp] = found.kneighbors(return_distance=False)
    return rows[:, :count]


def test_exact_neighbours_are_those_of_scikit_learn() -> None:
    points = clustered(3000)
    embeddings = Embeddings([points[:1000], points[1000:]])
    found = nearest(embeddings, count=5, rng=np.random.default_rng(0))
    assert (found.recall, found.tried, found.method) == (1.0, 3000, "exact")
    assert np.mean(found.rows == truth(points, 5)) > 0.999
    cosine = np.einsum("ij,ikj->ik", points, points[found.rows])
    np.testing.assert_allclose(found.similarity, cosine, atol=1e-5)


def test_copies_are_neighbours_and_no_row_is_its_own() -> None:
    points = np.repeat(clustered(50), 3, axis=0)
    for exact_below in (10**6, 10):
        found = nearest(
            Embeddings([points]), count=2, rng=np.random.default_rng(0), exact_below=exact_below
        )
        assert not np.any(found.rows == np.arange(150)[:, None])
        assert np.all(found.rows // 3 == np.arange(150)[:, None] // 3)


@pytest.mark.parametrize("wanted", [0.5, 0.99])
def test_the_recall_that_is_said_is_true(wanted: float) -> None:
    pytest.importorskip("faiss")
    points = clustered(6000)
    found = nearest(
        Embeddings([points]),
        count=10,
        rng=np.random.default_rng(0),
        exact_below=1000,
        wanted_recall=wanted,
    )
    exact = truth(points, 10)
    pairs = zip(found.rows, exact, strict=True)
    true = float(np.mean([len(np.intersect1d(a, b)) / 10 for a, b in pairs]))
    assert found.recall >= wanted
    assert found.method.startswith("inverted file")
    assert true == pytest.approx(found.recall, abs=0.03)


def test_few_rows_have_few_neighbours() -> None:
    for rows, count in ((1, 0), (2, 1), (3, 2)):
        found = nearest(
            Embeddings([clustered(rows)]), count=5, rng=np.random.default_rng(0), exact_below=2
        )
        assert found.rows.shape == (rows, count)
