import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import confint_proportions_2indep

from vlaudit.stats import groups
from vlaudit.stats.intervals import Floats

LIMIT = 0.10


def share_of_audits(p: Floats, n: int, *, runs: int, seed: int) -> dict[str, float]:
    """Simulate audits of groups with true rates `p` and count what their intervals say."""
    counts = np.random.default_rng(seed).binomial(n, p, size=(runs, p.size))
    low, high, possible = groups.widest_differences(counts, np.full(p.size, n))
    truth = np.ptp(p)
    return {
        "covered": float(np.mean((low <= truth + 1e-9) & (truth <= high + 1e-9))),
        "fail": float(np.mean(low > LIMIT)),
        "pass": float(np.mean(possible <= LIMIT)),
    }


def test_two_groups_far_apart_have_about_the_ends_of_newcombe() -> None:
    found = groups.widest_difference(groups.all_pairs([48, 66], [80, 70]))
    score = confint_proportions_2indep(66, 70, 48, 80, compare="diff", method="newcomb")
    one_sided = confint_proportions_2indep(
        66, 70, 48, 80, compare="diff", method="newcomb", alpha=0.10
    )
    assert found.value == pytest.approx(66 / 70 - 0.6)
    assert found.samples == 150
    assert (found.interval.low, found.interval.high) == pytest.approx(score, abs=0.015)
    assert found.interval.one_sided == pytest.approx(one_sided[1])


def test_many_audits_at_once_give_what_each_gives_alone() -> None:
    counts, sizes = np.array([[3, 9, 14], [10, 10, 10]]), np.array([20, 15, 30])
    together = np.array(groups.widest_differences(counts, sizes)).T
    for row, ends in zip(counts, together, strict=True):
        alone = groups.widest_difference(groups.all_pairs(row, sizes)).interval
        assert (alone.low, alone.high, alone.one_sided) == pytest.approx(tuple(ends))


@pytest.mark.parametrize("n", [40, 300])
@pytest.mark.parametrize(
    "p",
    [np.array([0.7, 0.7]), np.array([0.6, 0.8]), np.array([0.75, 0.65]), np.full(7, 0.7),
     np.array([0.5, *[0.8] * 6]), np.linspace(0.6, 0.8, 14)],
    ids=["equal", "wide", "near", "seven", "one apart", "spread"],
)  # fmt: skip
def test_the_interval_covers_the_true_gap_as_often_as_it_says(p: Floats, n: int) -> None:
    assert 0.92 <= share_of_audits(p, n, runs=600, seed=n)["covered"] <= 0.995


@pytest.mark.parametrize("count", [2, 7, 30])
@pytest.mark.parametrize("n", [20, 100])
def test_equal_groups_are_rarely_accused_of_any_gap(count: int, n: int) -> None:
    seen = share_of_audits(np.full(count, 0.7), n, runs=250, seed=count + n)
    assert 0.91 <= seen["covered"] <= 1.0
    assert seen["fail"] <= 0.03


def test_the_percentile_bootstrap_accuses_where_these_intervals_do_not() -> None:
    rng = np.random.default_rng(0)
    audits = rng.binomial(100, 0.5, size=(200, 7))
    naive = rng.binomial(100, audits[:, None] / 100, size=(200, 500, 7)) / 100
    accused = np.quantile(np.ptp(naive, axis=2), 0.025, axis=1) > LIMIT
    ours = groups.widest_differences(audits, np.full(7, 100))[0] > LIMIT
    assert np.mean(accused) > 0.3
    assert np.mean(ours) <= 0.02


@pytest.mark.parametrize(
    ("count", "n", "least"),
    [(2, 100, (0.30, 0.87, 0.0)), (2, 400, (0.85, 1.0, 0.82)), (7, 400, (0.50, 1.0, 0.18)),
     (7, 800, (0.90, 1.0, 0.88)), (14, 800, (0.81, 1.0, 0.68))],
)  # fmt: skip
def test_the_power_of_a_verdict_is_what_the_documentation_says(
    count: int, n: int, least: tuple[float, float, float]
) -> None:
    runs = 150
    noise = 2.5 * np.sqrt(0.25 / runs)
    for planted, outcome, power in zip(
        (0.2, 0.3, 0.0), ("fail", "fail", "pass"), least, strict=True
    ):
        p = np.linspace(0.7 - planted / 2, 0.7 + planted / 2, count)
        assert share_of_audits(p, n, runs=runs, seed=n)[outcome] >= power - noise


@pytest.mark.parametrize("count", [2, 7])
@pytest.mark.parametrize("shape", ["one apart", "two halves"])
def test_a_gap_at_the_limit_is_neither_failed_nor_passed_beyond_the_stated_error(
    count: int, shape: str
) -> None:
    p = np.full(count, 0.75)
    p[: 1 if shape == "one apart" else count // 2] -= LIMIT
    seen = share_of_audits(p, 400, runs=300, seed=count)
    assert seen["fail"] <= 0.04 + 0.03
    assert seen["pass"] <= 0.05 + 0.035


def test_groups_of_size_zero_are_not_compared() -> None:
    pairs = groups.all_pairs([[5, 3, 0], [1, 0, 0]], [[10, 10, 0], [4, 0, 0]])
    assert len(pairs) == 1
    assert (pairs.sizes > 0).sum(axis=1).tolist() == [2]
    with pytest.raises(ValueError, match="compared"):
        groups.widest_difference(groups.all_pairs([1, 0], [4, 0]))


def test_matched_pairs_give_the_mantel_haenszel_difference() -> None:
    right = np.array([[40, 10, 3], [15, 60, 0]])
    seen = np.array([[50, 20, 5], [20, 100, 0]])
    pairs = groups.matched_pairs(right, seen)
    weights = 1 / (1 / seen[0, :2] + 1 / seen[1, :2])
    by_hand = np.average((right / np.maximum(seen, 1))[:, :2], axis=1, weights=weights)
    assert_allclose(pairs.s1 / pairs.n1, by_hand[0])
    assert_allclose(pairs.s2 / pairs.n2, by_hand[1])
    # The risk difference of Mantel and Haenszel is 0 exactly where the pooled odds ratio is 1.
    even = np.array([[40, 10], [20, 25]])
    sizes = np.array([[50, 40], [25, 100]])
    tables = [np.array([even[:, c], (sizes - even)[:, c]]).T for c in (0, 1)]
    assert StratifiedTable(tables).oddsratio_pooled == pytest.approx(1.0)
    assert groups.widest_difference(groups.matched_pairs(even, sizes)).value < 1e-12


def test_equal_mixes_make_the_matched_gap_the_raw_one() -> None:
    right, seen = np.array([[9, 5, 7], [8, 2, 9]]), np.full((2, 3), 10)
    matched = groups.widest_difference(groups.matched_pairs(right, seen))
    raw = groups.widest_difference(groups.all_pairs(right.sum(axis=1), seen.sum(axis=1)))
    assert matched.value == pytest.approx(raw.value)
    assert matched.interval.low == pytest.approx(raw.interval.low)
    assert matched.samples == raw.samples


def test_a_different_mix_of_labels_is_not_a_matched_gap() -> None:
    rng = np.random.default_rng(5)
    difficulty, mixes = np.array([1.0, 0.8, 0.4]), np.array([[0.6, 0.3, 0.1], [0.1, 0.3, 0.6]])
    accused = {"raw": 0, "matched": 0, "any matched": 0}
    for _ in range(120):
        seen = np.array([rng.multinomial(200, mix) for mix in mixes])
        right = rng.binomial(seen, difficulty)
        raw = groups.widest_difference(groups.all_pairs(right.sum(axis=1), seen.sum(axis=1)))
        matched = groups.widest_difference(groups.matched_pairs(right, seen))
        accused["raw"] += raw.interval.low > LIMIT
        accused["matched"] += matched.interval.low > LIMIT
        accused["any matched"] += matched.interval.low > 0
    assert accused["raw"] > 100
    assert accused["matched"] <= 3
    assert accused["any matched"] <= 120 * 0.05 + 7


def test_groups_without_a_common_label_are_not_matched() -> None:
    assert len(groups.matched_pairs([[5, 0], [0, 5]], [[9, 0], [0, 9]])) == 0


def test_the_smallest_ratio_is_right_at_its_edges() -> None:
    equal = groups.smallest_ratio(groups.all_pairs([50, 50], [50, 50]))
    assert (equal.value, equal.interval.high) == (1.0, 1.0)
    assert 0.9 < equal.interval.low < 1.0
    nothing = groups.smallest_ratio(groups.all_pairs([0, 50], [50, 50]))
    assert (nothing.value, nothing.interval.low) == (0.0, 0.0)
    assert 0 < nothing.interval.high < 0.2
    with pytest.raises(ValueError, match="not defined"):
        groups.smallest_ratio(groups.all_pairs([0, 0], [50, 50]))


def test_the_four_fifths_rule_does_not_fail_small_equal_groups() -> None:
    rng = np.random.default_rng(0)
    found = [
        groups.smallest_ratio(groups.all_pairs(rng.binomial(50, 0.5, size=7), np.full(7, 50)))
        for _ in range(150)
    ]
    assert np.mean([item.value < 0.8 for item in found]) > 0.8
    assert np.mean([item.interval.high < 0.8 for item in found]) <= 0.05 + 0.05


def test_the_lowest_rate_is_not_pulled_down_by_the_number_of_groups() -> None:
    rng = np.random.default_rng(0)
    found = [groups.lowest_rate(rng.binomial(30, 0.8, size=14), [30] * 14) for _ in range(150)]
    assert np.mean([item.value < 0.7 for item in found]) > 0.5
    assert np.mean([item.interval.high < 0.8 for item in found]) <= 0.05 + 0.05
    assert np.mean([item.interval.low > 0.8 for item in found]) <= 0.02


def test_gaps_by_chance_follow_sizes_and_mix() -> None:
    rng = np.random.default_rng(0)
    equal = groups.gaps_by_chance(np.full((7, 1), 50), np.full((7, 1), 100), rng=rng)
    normal = np.ptp(rng.normal(scale=0.05, size=(4000, 7)), axis=1)
    assert equal.mean() == pytest.approx(normal.mean(), abs=0.01)
    confounded = groups.gaps_by_chance([[90, 5], [9, 50]], [[90, 10], [9, 100]], rng=rng)
    assert confounded.mean() == pytest.approx(0.95 - 59 / 109, abs=0.03)


COUNTS = arrays(np.int64, (3, 5), elements=st.integers(0, 40))


@given(COUNTS, COUNTS)
@settings(max_examples=60, deadline=None)
def test_every_disparity_lies_in_its_interval_within_range(
    right: NDArray[np.int64], wrong: NDArray[np.int64]
) -> None:
    seen = right + wrong
    for pairs in (groups.all_pairs(right, seen), groups.matched_pairs(right.T, seen.T)):
        if not len(pairs):
            continue
        found = [groups.widest_difference(pairs)]
        if pairs.s1.any() or pairs.s2.any():
            found.append(groups.smallest_ratio(pairs))
        for item in found:
            assert 0 <= item.interval.low <= item.value + 1e-12
            assert item.value - 1e-12 <= item.interval.high <= 1
            assert item.interval.low < item.interval.high
