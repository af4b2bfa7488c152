import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import binom, bootstrap, norm
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from vlaudit.core.measurement import Interval
from vlaudit.stats import intervals


def ends(interval: Interval) -> tuple[float, float]:
    return interval.low, interval.high


@pytest.mark.parametrize(("k", "n"), [(0, 1), (0, 20), (1, 20), (7, 10), (500, 1000), (20, 20)])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_rates_agree_with_statsmodels(k: int, n: int, level: float) -> None:
    wilson = np.array(proportion_confint(k, n, alpha=1 - level, method="wilson"))
    exact = np.array(proportion_confint(k, n, alpha=1 - level, method="beta"))
    assert_allclose(ends(intervals.wilson(k, n, level=level)), wilson, atol=1e-12)
    assert_allclose(ends(intervals.clopper_pearson(k, n, level=level)), exact, atol=1e-9)
    z = norm.isf((1 - level) / 2)
    assert_allclose(np.ravel(intervals.wilson_ends(k, n, z)), wilson, atol=1e-12)


@pytest.mark.parametrize(
    ("counts", "published"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0)),
    ],
)
def test_newcombe_gives_the_intervals_of_his_table_two(
    counts: tuple[int, int, int, int], published: tuple[float, float]
) -> None:
    assert_allclose(ends(intervals.newcombe(*counts)), published, atol=5e-5)


@given(st.integers(1, 300), st.integers(1, 300), st.data())
@settings(max_examples=60, deadline=None)
def test_the_ratio_agrees_with_statsmodels_inside_and_holds_its_point_at_the_edges(
    n1: int, n2: int, data: st.DataObject
) -> None:
    s1, s2 = data.draw(st.integers(0, n1)), data.draw(st.integers(1, n2))
    found = intervals.ratio(s1, n1, s2, n2)
    assert found.low <= s1 / n1 / (s2 / n2) * (1 + 1e-9)
    assert found.high >= s1 / n1 / (s2 / n2) * (1 - 1e-9)
    assert found.low < found.high
    if 0 < s1 < n1 and s2 < n2:
        theirs = confint_proportions_2indep(
            s1, n1, s2, n2, compare="ratio", method="score", correction=False
        )
        assert_allclose(ends(found), theirs, rtol=1e-6)


def test_the_ratio_to_nothing_has_no_upper_end() -> None:
    with pytest.raises(ValueError, match="no upper end"):
        intervals.ratio(3, 10, 0, 10)


def test_the_closed_form_of_the_ratio_is_near_the_score_interval() -> None:
    z = norm.isf(0.025)
    closed = np.ravel(intervals.ratio_ends(80, 100, 90, 100, z))
    assert_allclose(closed, ends(intervals.ratio(80, 100, 90, 100)), atol=0.01)
    low, high = intervals.ratio_ends([0, 0, 5], [10, 10, 10], [10, 0, 0], [10, 10, 10], z)
    assert_allclose(low[:2], 0.0)
    assert np.isinf(high[1:]).all()
    assert 0 < high[0] < 1


@pytest.mark.parametrize(("b", "c", "n"), [(12, 2, 50), (1, 0, 24), (0, 7, 34), (3, 3, 20)])
def test_the_paired_difference_solves_tangos_score_equation(b: int, c: int, n: int) -> None:
    grid = np.linspace(0, 1, 2001)

    def score(difference: float) -> float:
        """Maximise the likelihood over the chance of the second discordant cell by hand."""
        second = grid[(grid + difference >= 0) & (2 * grid + difference <= 1)]
        first, rest = second + difference, 1 - 2 * second - difference
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = [k * np.log(p) for k, p in ((b, first), (c, second), (n - b - c, rest)) if k]
        best = second[np.nanargmax(np.sum(terms, axis=0))]
        variance = (2 * best + difference - difference**2) / n
        return float(((b - c) / n - difference) / np.sqrt(variance))

    low, high = ends(intervals.paired_difference(b, c, n))
    assert score(low) == pytest.approx(norm.isf(0.025), abs=0.02)
    assert score(high) == pytest.approx(-norm.isf(0.025), abs=0.02)


def test_the_paired_difference_has_width_where_all_pairs_agree() -> None:
    nothing = intervals.paired_difference(0, 0, 54)
    assert_allclose(ends(nothing), (-0.06641, 0.06641), atol=1e-5)
    everything = intervals.paired_difference(50, 0, 50)
    assert 0.8 < everything.low < everything.high == 1.0


def test_poisson_rates_match_the_published_table() -> None:
    # Garwood's limits of 0 and 10 events, as in every table of the Poisson distribution.
    assert_allclose(ends(intervals.poisson_rate(0, 1000)), (0.0, 3.6889), atol=1e-4)
    assert_allclose(ends(intervals.poisson_rate(10, 1000)), (4.7954, 18.3904), atol=1e-4)
    assert_allclose(ends(intervals.poisson_rate(10, 500)), (9.5908, 36.7807), atol=1e-4)


def test_the_bound_of_a_mean_covers_at_its_level() -> None:
    for n, p in ((5, 0.5), (20, 0.1), (50, 0.97)):
        k = np.arange(n + 1)
        bounds = [intervals.bounded_mean([1] * i + [0] * (n - i), bounds=(0, 1)) for i in k]
        covered = [bound.low <= p <= bound.high for bound in bounds]
        assert binom.pmf(k, n, p)[covered].sum() >= 0.95


def test_the_bound_of_a_mean_follows_its_range() -> None:
    unit = intervals.bounded_mean([0.5] * 30, bounds=(0, 1))
    wide = intervals.bounded_mean([0.0] * 30, bounds=(-1, 1))
    assert unit.low < 0.5 < unit.high
    assert_allclose((wide.low, wide.high), (2 * unit.low - 1, 2 * unit.high - 1), atol=1e-12)


def test_a_mean_is_bootstrapped_like_scipy_does_it() -> None:
    values = np.random.default_rng(0).beta(2, 5, size=80)
    ours = intervals.mean(values, bounds=(0, 1), rng=np.random.default_rng(1))
    theirs = bootstrap((values,), np.mean, rng=np.random.default_rng(2)).confidence_interval
    assert ours.interval.method == "BCa bootstrap"
    assert ours.value == pytest.approx(values.mean())
    assert ours.samples == 80
    assert_allclose(ends(ours.interval), (theirs.low, theirs.high), atol=0.005)


def test_a_mean_of_agreeing_or_few_values_still_has_width() -> None:
    rng = np.random.default_rng(0)
    for values in ([1.0] * 50, [0.3], [0.2, 0.4, 0.9]):
        found = intervals.mean(values, bounds=(0, 1), rng=rng)
        assert found.interval.method == "Bentkus"
        assert found.interval.low <= found.value <= found.interval.high
        assert found.interval.high - found.interval.low > 0.05


def test_values_that_share_a_cluster_do_not_count_twice() -> None:
    rng = np.random.default_rng(0)
    of_cluster = rng.random(40)
    alone = intervals.mean(of_cluster, bounds=(0, 1), rng=np.random.default_rng(1))
    repeated = intervals.mean(
        np.repeat(of_cluster, 10), bounds=(0, 1), rng=np.random.default_rng(1),
        clusters=np.repeat(np.arange(40), 10),
    )  # fmt: skip
    assert repeated.samples == 40
    assert repeated.interval.method == "BCa cluster bootstrap"
    assert_allclose(ends(repeated.interval), ends(alone.interval), atol=1e-9)


@given(st.integers(1, 400), st.data())
@settings(max_examples=100, deadline=None)
def test_every_interval_of_a_rate_holds_its_point_and_has_width(
    n: int, data: st.DataObject
) -> None:
    k = data.draw(st.integers(0, n))
    for interval in (intervals.wilson(k, n), intervals.clopper_pearson(k, n)):
        assert 0 <= interval.low <= k / n <= interval.high <= 1
        assert interval.low < interval.high
