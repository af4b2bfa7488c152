import numpy as np
import pytest

from vlaudit.metrics.slices import against_rest, beside_classes, find_clusters, nearest_words
from vlaudit.stats.exact import as_few_by_chance
from vlaudit.stats.multiplicity import holm


def test_what_tells_classes_apart_is_taken_out() -> None:
    rng = np.random.default_rng(0)
    classes = np.eye(3, 8)
    labels = rng.integers(3, size=300)
    other = rng.normal(size=(300, 1)) * np.eye(8)[5]
    beside = beside_classes(5 * classes[labels] + other, classes, labels)
    assert np.abs(beside[:, [0, 1, 2, 3, 4, 6, 7]]).max() < 1e-9
    assert np.corrcoef(beside[:, 5], other[:, 5])[0, 1] > 0.99


def test_half_of_the_axes_are_left_however_many_classes_there_are() -> None:
    rng = np.random.default_rng(0)
    rows, classes = rng.normal(size=(500, 8)), rng.normal(size=(100, 8))
    beside = beside_classes(rows, classes, np.zeros(500, dtype=np.intp))
    assert np.linalg.matrix_rank(beside, tol=1e-6) == 4


def test_a_cluster_is_counted_against_all_other_rows() -> None:
    inside = np.array([True, True, True, False, False, False, False])
    right = np.array([True, False, False, True, True, True, False])
    labels = np.array([0, 0, 1, 0, 0, 1, 1])
    found = against_rest(inside, right, labels, classes=3)
    assert found.rows.tolist() == [[2, 1, 0], [2, 2, 0]]
    assert found.right.tolist() == [[1, 0, 0], [2, 1, 0]]
    assert found.excess == pytest.approx((2 * 0.5 + 1 * 0.5) / 3)
    assert against_rest(np.ones(7, dtype=bool), right, labels, classes=3).excess == 0.0


@pytest.mark.parametrize(("gap", "low", "high"), [(0.0, 0, 3), (0.35, 18, 20)])
def test_planted_slices_are_confirmed_and_noise_is_not(gap: float, low: int, high: int) -> None:
    found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        kind, labels = rng.random(1000) < 0.12, rng.integers(4, size=1000)
        beside = rng.normal(size=(1000, 24)) + 3.0 * kind[:, None] * np.eye(24)[0]
        wrong = rng.random(1000) < 0.15 + gap * kind
        half = rng.random(1000) < 0.5
        cluster = find_clusters(beside, wrong, half, seed=seed)
        tallies = [
            against_rest(cluster[~half] == at, ~wrong[~half], labels[~half], classes=4)
            for at in range(cluster.max() + 1)
            if (cluster[~half] == at).sum() >= 10
        ]
        p_values = holm([as_few_by_chance(of.right, of.rows) for of in tallies])
        found += bool((p_values <= 0.05).any())
    assert low <= found <= high


def test_words_farthest_along_a_direction_come_first() -> None:
    assert nearest_words(np.array([0.0, 1.0]), [[1, 0], [0, 2], [0, 1]], count=2) == [1, 2]
