"""Bootstrap intervals, against scipy and by their coverage."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from vlaudit.stats.resampling import bca, studentised


def test_bca_is_that_of_scipy_and_refuses_what_it_cannot_do() -> None:
    values = np.random.default_rng(0).exponential(size=60)
    found = bca(np.std, values, rng=np.random.default_rng(1), resamples=999)
    expected = bootstrap(
        (values,), np.std, rng=np.random.default_rng(1), n_resamples=999, vectorized=True
    ).confidence_interval
    assert (found.interval.low, found.interval.high) == pytest.approx(tuple(expected))
    with pytest.raises(ValueError, match="too few"):
        bca(np.mean, values[:20], rng=np.random.default_rng(1))
    with pytest.raises(ValueError, match="agree"):
        bca(np.mean, np.ones(40), rng=np.random.default_rng(1))
    with pytest.raises(ValueError, match="agree"):
        studentised(np.ones(40), rng=np.random.default_rng(1))


def test_skewed_means_are_covered_where_the_percentile_bootstrap_falls_short() -> None:
    rng = np.random.default_rng(2)
    covered = {"ours": 0, "percentile": 0}
    for _ in range(200):
        values = rng.lognormal(0, 1, size=20)
        ends = studentised(values, rng=rng, resamples=400).interval
        naive = np.quantile(rng.choice(values, (400, 20)).mean(axis=1), [0.025, 0.975])
        covered["ours"] += ends.low <= np.exp(0.5) <= ends.high
        covered["percentile"] += naive[0] <= np.exp(0.5) <= naive[1]
    assert covered["ours"] / 200 >= 0.90
    assert covered["percentile"] < covered["ours"] - 6


def test_clusters_count_not_rows() -> None:
    rng = np.random.default_rng(3)
    of_row = np.repeat(np.arange(15), 20)
    covered = {"clusters": 0, "rows": 0}
    for _ in range(150):
        values = rng.normal(size=15)[of_row] + 0.1 * rng.normal(size=300)
        ends = studentised(values, rng=rng, clusters=of_row, resamples=400)
        alone = studentised(values, rng=rng, resamples=200).interval
        assert ends.samples == 15
        covered["clusters"] += ends.interval.low <= 0 <= ends.interval.high
        covered["rows"] += alone.low <= 0 <= alone.high
    assert 0.90 <= covered["clusters"] / 150 <= 0.99
    assert covered["rows"] / 150 < 0.6
