"""Comparisons of two conditions, against statsmodels and by simulation."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import permutation_test
from statsmodels.stats.contingency_tables import mcnemar as theirs
from statsmodels.stats.proportion import confint_proportions_2indep

from vlaudit.stats import comparison
from vlaudit.stats.intervals import Floats


@pytest.mark.parametrize(("b", "c"), [(0, 0), (5, 0), (8, 3), (20, 31)])
def test_mcnemar_is_exact(b: int, c: int) -> None:
    expected = vars(theirs([[10, b], [c, 10]], exact=True))["pvalue"] if b + c else 1.0
    assert comparison.mcnemar(b, c) == pytest.approx(float(expected))


def test_flips_and_difference_of_the_same_rows() -> None:
    before = np.array([True] * 80 + [False] * 20)
    after = np.array([True] * 70 + [False] * 20 + [True] * 10)
    flips = comparison.negative_flips(before, after)
    assert (flips.value, flips.samples) == (0.1, 100)
    found = comparison.paired_rates(before, after)
    assert found.value == 0.0
    assert found.interval.low < 0 < found.interval.high
    same = comparison.negative_flips(before, before)
    assert same.value == 0 < same.interval.high < 0.05


@pytest.mark.parametrize(("s1", "s2"), [(70, 75), (90, 60), (50, 95), (80, 80)])
def test_a_rate_is_not_worse_just_when_newcombes_bound_says_so(s1: int, s2: int) -> None:
    p = comparison.not_worse(s1, 100, s2, 100, margin=0.1)
    low, _ = confint_proportions_2indep(
        s1, 100, s2, 100, compare="diff", method="newcomb", alpha=0.10
    )
    assert (p < 0.05) == (low > -0.1)
    level = confint_proportions_2indep(
        s1, 100, s2, 100, compare="diff", method="newcomb", alpha=2 * min(p, 1 - p)
    )
    assert min(abs(end + 0.1) for end in level) < 1e-6


def test_equivalence_errs_no_more_than_it_says_and_is_found_where_it_is() -> None:
    rng = np.random.default_rng(0)
    edge = rng.binomial(400, [0.7, 0.8], size=(300, 2))
    equal = rng.binomial(400, [0.75, 0.75], size=(300, 2))

    def share(counts: NDArray[np.int64]) -> float:
        found = [comparison.equivalent(int(a), 400, int(b), 400, margin=0.1) for a, b in counts]
        return float(np.mean(np.array(found) < 0.05))

    assert share(edge) <= 0.05 + 0.035
    assert share(equal) >= 0.85


def test_permutations_agree_with_scipy_and_stay_in_their_blocks() -> None:
    rng = np.random.default_rng(1)
    values, labels = rng.normal(size=40), np.arange(40) % 2
    values[labels == 1] += 0.5

    def gap(orders: NDArray[np.intp]) -> Floats:
        label = labels[orders]
        ones = (values * label).sum(axis=1) / label.sum(axis=1)
        return np.asarray(ones - (values * (1 - label)).sum(axis=1) / (1 - label).sum(axis=1))

    found = comparison.permutation_p(gap, 40, rng=rng, permutations=4000)

    def apart(ones: Floats, others: Floats) -> float:
        return float(ones.mean() - others.mean())

    expected = permutation_test(
        (values[labels == 1], values[labels == 0]), apart, alternative="greater",
        n_resamples=4000, rng=rng,
    ).pvalue  # fmt: skip
    assert found == pytest.approx(expected, abs=0.02)
    blocks = np.arange(40) // 20
    seen: list[NDArray[np.intp]] = []

    def remember(orders: NDArray[np.intp]) -> Floats:
        seen.append(orders)
        return np.zeros(len(orders))

    assert comparison.permutation_p(remember, 40, rng=rng, permutations=50, blocks=blocks) == 1.0
    assert (blocks[seen[-1]] == blocks).all()
