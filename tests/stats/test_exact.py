import numpy as np
import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.contingency_tables import StratifiedTable

from vlaudit.stats.exact import as_few_by_chance


def test_one_stratum_is_fishers_test() -> None:
    for right, n in (([3, 9], [10, 12]), ([0, 5], [4, 5]), ([7, 1], [7, 9])):
        table = np.array([[right[0], n[0] - right[0]], [right[1], n[1] - right[1]]])
        theirs = fisher_exact(table, alternative="less").pvalue
        found = as_few_by_chance(np.array(right)[:, None], np.array(n)[:, None])
        assert found == pytest.approx(theirs, abs=1e-12)


def test_many_rows_agree_with_cochran_mantel_and_haenszel() -> None:
    rng = np.random.default_rng(0)
    n = rng.integers(80, 200, size=(2, 5))
    hits = rng.binomial(n, [[0.66], [0.72]])
    tables = [np.array([[hits[0, k], n[0, k] - hits[0, k]], [hits[1, k], n[1, k] - hits[1, k]]])
              for k in range(5)]  # fmt: skip
    two_sided: float = vars(StratifiedTable(tables).test_null_odds(correction=True))["pvalue"]
    assert as_few_by_chance(hits, n) == pytest.approx(two_sided / 2, rel=0.05)


def test_innocents_of_rare_mistakes_are_rarely_accused() -> None:
    rng = np.random.default_rng(1)
    n = np.array([[1] * 16, [14] * 16])
    p_values = [as_few_by_chance(rng.binomial(n, 0.97), n) for _ in range(400)]
    for alpha in (0.01, 0.05, 0.2):
        assert np.mean(np.array(p_values) <= alpha) <= alpha + 2 * np.sqrt(alpha / 400)


def test_strata_that_one_group_lacks_say_nothing() -> None:
    assert as_few_by_chance([[0, 3], [0, 4]], [[0, 3], [5, 0]]) == 1.0
    both = as_few_by_chance([[1, 0], [9, 0]], [[4, 2], [10, 0]])
    assert both == as_few_by_chance([[1], [9]], [[4], [10]])
