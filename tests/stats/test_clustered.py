"""Intervals of paired differences in clusters, against statsmodels and by simulation."""

import numpy as np
import pytest
import statsmodels.api as sm

from vlaudit.stats.clustered import (
    clustered_difference,
    clustered_excess,
    clustered_rate,
    clustered_share,
)
from vlaudit.stats.intervals import clopper_pearson, paired_difference


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


def test_rates_without_clusters_have_the_exact_interval() -> None:
    for hits in (0, 1, 7, 40):
        counted = np.r_[np.ones(hits), np.zeros(40 - hits)]
        found, exact = clustered_rate(counted, np.ones(40)), clopper_pearson(hits, 40)
        assert found.value == hits / 40
        if hits in (0, 40):
            assert (found.interval.low, found.interval.high) == pytest.approx(
                (exact.low, exact.high)
            )
        else:
            assert abs(found.interval.low - exact.low) < 0.01
            assert abs(found.interval.high - exact.high) < 0.01


def test_rates_of_clusters_cover_the_truth() -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(400):
        sizes = rng.integers(1, 12, 120)
        share = rng.beta(0.3, 1.2, 120)
        found = clustered_rate(rng.binomial(sizes, share), sizes)
        covered += found.interval.low <= 0.2 <= found.interval.high
    assert covered >= 0.93 * 400


def test_rates_of_one_cluster_know_nothing_and_say_so() -> None:
    found = clustered_rate([3], [10])
    assert (found.interval.low, found.interval.high) != (0.3, 0.3)
    assert clustered_rate([0], [500]).interval.high > 0.9


def test_a_share_of_observations_is_that_of_their_clusters() -> None:
    hits, clusters = [True, False, True, True, False], ["a", "a", "b", "c", "c"]
    assert clustered_share(hits, clusters) == clustered_rate([1, 1, 1], [2, 1, 2])


def test_an_excess_over_twins_leaves_out_who_has_none() -> None:
    found = clustered_excess([1, 1, 0, 1, 1], [0, 0, 1, 1, 7], [1, 0], [0, 1])
    assert found.value == pytest.approx(0.25)
    assert found.samples == 2
    assert found.interval.low < 0.25 < found.interval.high
    with pytest.raises(ValueError, match="twin"):
        clustered_excess([1], [0], [1], [1])
