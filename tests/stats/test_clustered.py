"""Intervals of paired differences in clusters, against statsmodels and by simulation."""

import numpy as np
import pytest
import statsmodels.api as sm

from vlaudit.stats.clustered import clustered_difference
from vlaudit.stats.intervals import paired_difference


def test_the_robust_part_agrees_with_statsmodels() -> None:
    rng = np.random.default_rng(0)
    clusters = np.repeat(np.arange(12), 10)
    effect = rng.normal(0, 0.3, 12)[clusters]
    first, second = rng.random(120) < 0.4 + effect, rng.random(120) < 0.3
    differences = first.astype(float) - second
    fit = sm.OLS(differences, np.ones(120)).fit(
        cov_type="cluster", cov_kwds={"groups": clusters}, use_t=True
    )
    # statsmodels multiplies by (n - 1) / (n - k) besides, which is 1 for a mean.
    low, high = fit.conf_int()[0]
    interval = clustered_difference(first, second, clusters)
    assert interval.low == pytest.approx(max(low, -1))
    assert interval.high == pytest.approx(min(high, 1))


def test_pairs_alone_give_tango_or_more() -> None:
    first, second = np.array([True] * 6 + [False] * 14), np.zeros(20, dtype=bool)
    tango = paired_difference(6, 0, 20)
    interval = clustered_difference(first, second, np.arange(20))
    assert interval.low <= tango.low
    assert interval.high >= tango.high


def test_agreement_everywhere_is_no_point_and_one_cluster_says_nothing() -> None:
    same = np.ones(30, dtype=bool)
    interval = clustered_difference(same, same, np.arange(30) % 3)
    assert interval.low < 0 < interval.high
    alone = clustered_difference(same, ~same, np.zeros(30))
    assert (alone.low, alone.high) == (-1.0, 1.0)


@pytest.mark.parametrize("clusters", [3, 8, 40])
def test_shared_answers_do_not_raise_false_alarms(clusters: int) -> None:
    rng = np.random.default_rng(clusters)
    of_pair = np.repeat(np.arange(clusters), 240 // clusters)
    alarms = 0
    for _ in range(400):
        first, second = (rng.random((2, clusters)) < 0.3)[:, of_pair]
        alarms += clustered_difference(first, second, of_pair).low > 0
    assert alarms <= 22
