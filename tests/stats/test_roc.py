"""AUC and rates at few false positives against scikit-learn, and how often they cover the truth."""

import numpy as np
import pytest
from scipy.stats import norm, rankdata
from sklearn.metrics import roc_auc_score, roc_curve

from vlaudit.stats.roc import auc, cross_fitted_auc, strongest, true_positive_rate


def test_auc_is_that_of_scikit_learn_ties_included() -> None:
    rng = np.random.default_rng(0)
    ours, theirs = rng.integers(0, 9, 70) + 1.0, rng.integers(0, 8, 90) * 1.0
    truth, scores = np.repeat([1, 0], [70, 90]), np.concatenate([ours, theirs])
    assert auc(ours, theirs).value == pytest.approx(roc_auc_score(truth, scores))


@pytest.mark.parametrize(("shift", "wide"), [(0.0, 1.0), (1.0, 1.0), (2.5, 1.0), (0.5, 2.0)])
def test_the_interval_of_auc_covers_the_truth(shift: float, wide: float) -> None:
    rng = np.random.default_rng(1)
    truth = float(norm.cdf(shift / np.sqrt(1 + wide**2)))
    covered = []
    for _ in range(300):
        found = auc(rng.normal(shift, wide, 40), rng.normal(size=60)).interval
        covered.append(found.low <= truth <= found.high)
    assert np.mean(covered) >= 0.92


def test_sides_wholly_apart_leave_a_doubt() -> None:
    above = auc(np.ones(30), np.zeros(30))
    assert (above.value, above.interval.high) == (1.0, 1.0)
    assert 0.85 < above.interval.low < 0.99
    below = auc(np.zeros(30), np.ones(30))
    assert (below.value, below.interval.low) == (0.0, 0.0)
    assert below.interval.high == pytest.approx(1 - above.interval.low)


def test_the_rate_at_few_false_positives_is_read_from_the_curve() -> None:
    rng = np.random.default_rng(2)
    ours, theirs = rng.normal(1, 1, 500), rng.normal(0, 1, 400)
    truth, scores = np.repeat([1, 0], [500, 400]), np.concatenate([ours, theirs])
    false, true, _ = roc_curve(truth, scores, drop_intermediate=False)
    assert true_positive_rate(ours, theirs, at=0.05).value == true[false <= 0.05].max()


@pytest.mark.parametrize(("n", "at"), [(60, 0.1), (600, 0.01), (200, 0.01)])
def test_the_interval_carries_the_doubt_about_the_threshold(n: int, at: float) -> None:
    rng = np.random.default_rng(3)
    truth = float(norm.sf(norm.isf(at) - 1))
    covered = []
    for _ in range(200):
        found = true_positive_rate(rng.normal(1, 1, n), rng.normal(size=n), at=at)
        assert found.interval.low <= found.value <= found.interval.high
        covered.append(found.interval.low <= truth <= found.interval.high)
    assert np.mean(covered) >= 0.94


def test_too_few_negatives_promise_nothing() -> None:
    found = true_positive_rate(np.ones(50), np.zeros(50), at=0.01)
    assert (found.value, found.interval.low, found.interval.high) == (1.0, 0.0, 1.0)


def test_the_strongest_of_many_without_effect_is_not_believed() -> None:
    rng = np.random.default_rng(4)
    alarms = 0
    for _ in range(100):
        pairs = [(rng.normal(size=60), rng.normal(size=60)) for _ in range(5)]
        found = strongest([auc(*p) for p in pairs], [auc(*p, level=0.99) for p in pairs])
        alarms += found.interval.low > 0.5
    assert alarms <= 7


def test_scores_of_classifiers_that_share_rows_are_not_believed_too_soon() -> None:
    rng = np.random.default_rng(0)
    refused = {"independent": 0, "shared": 0}
    for _ in range(400):
        seen, member = rng.normal(size=(100, 40)), np.arange(100) < 50
        places = np.empty(100)
        folds = np.concatenate([rng.permutation(50) % 5, rng.permutation(50) % 5])
        for fold in range(5):
            kept, held = folds != fold, folds == fold
            gap = seen[kept & member].mean(axis=0) - seen[kept & ~member].mean(axis=0)
            places[held] = rankdata(seen[held] @ gap)
        sides = places[member], places[~member]
        refused["independent"] += auc(*sides, level=0.9).interval.low > 0.5
        refused["shared"] += cross_fitted_auc(*sides, folds=5, level=0.9).interval.low > 0.5
    assert refused["shared"] <= 0.05 * 400 < refused["independent"]
