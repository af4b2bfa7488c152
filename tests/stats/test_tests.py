import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import fisher_exact
from statsmodels.stats.contingency_tables import StratifiedTable

from vlaudit.stats.tests import shortfalls, worse_at_same_mix, worse_in_stratum

RIGHT = np.array([[3, 40, 7], [18, 45, 9], [17, 41, 10]])
SEEN = np.array([[20, 50, 10], [20, 50, 10], [20, 50, 10]])


def test_a_cell_is_tested_as_fisher_does() -> None:
    found = worse_in_stratum(RIGHT, SEEN)
    for group, stratum in np.ndindex(RIGHT.shape):
        mine = RIGHT[group, stratum], SEEN[group, stratum]
        rest = RIGHT[:, stratum].sum() - mine[0], SEEN[:, stratum].sum() - mine[1]
        table = np.array([[mine[0], mine[1] - mine[0]], [rest[0], rest[1] - rest[0]]])
        assert found[group, stratum] == pytest.approx(fisher_exact(table, "less").pvalue)


def test_a_group_is_tested_as_cochran_mantel_and_haenszel_do() -> None:
    found = worse_at_same_mix(RIGHT, SEEN)
    for group in range(3):
        rest, unseen = RIGHT.sum(axis=0) - RIGHT[group], SEEN.sum(axis=0) - SEEN[group]
        mine = np.stack([RIGHT[group], SEEN[group] - RIGHT[group]])
        tables = list(np.stack([mine, np.stack([rest, unseen - rest])]).transpose(2, 0, 1))
        theirs = vars(StratifiedTable(tables).test_null_odds(correction=True))["pvalue"]
        two_sided = 2 * min(found[group], 1 - found[group])
        if found[group] < 0.2:
            assert two_sided == pytest.approx(theirs, rel=1e-6)
    assert found.argmin() == 0


def test_nothing_to_compare_is_no_evidence() -> None:
    assert_allclose(worse_at_same_mix([[5, 0], [0, 0]], [[5, 0], [0, 9]]), 1.0)


def test_the_one_bad_cell_is_found_and_described() -> None:
    found = shortfalls([(RIGHT, SEEN)])
    by_stratum = {item.stratum: item for item in found}
    assert {item.group for item in found} == {0}
    assert set(by_stratum) == {None, 0}
    cell = by_stratum[0]
    assert (cell.successes, cell.n) == (3, 20)
    assert cell.rest == pytest.approx(35 / 40)
    assert cell.size == pytest.approx(35 / 40 - 3 / 20)
    whole = by_stratum[None]
    assert (whole.successes, whole.n) == (50, 80)
    assert whole.rest == pytest.approx((20 * 35 / 40 + 50 * 86 / 100 + 10 * 19 / 20) / 80)


def test_equal_groups_are_seldom_found_worse() -> None:
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(150):
        seen = rng.multinomial(300, np.full(16, 1 / 16), size=4)
        alarms += bool(shortfalls([(rng.binomial(seen, 0.8), seen)], fewest=5))
    assert alarms / 150 <= 0.05 + 0.035


def test_cells_below_the_fewest_are_not_tested_alone() -> None:
    right, seen = np.array([[0, 50], [9, 50]]), np.array([[4, 50], [9, 50]])
    assert {item.stratum for item in shortfalls([(right, seen)])} == {None, 0}
    assert {item.stratum for item in shortfalls([(right, seen)], fewest=5)} == {None}


def test_labels_that_every_group_masters_do_not_blunt_the_test() -> None:
    right, seen = np.array([[9], [15]]), np.array([[15], [15]])
    mastered = np.full((2, 200), 15)
    alone = [item for item in shortfalls([(right, seen)]) if item.stratum == 0]
    among_many = shortfalls([(np.hstack([right, mastered]), np.hstack([seen, mastered]))])
    assert [item for item in among_many if item.stratum == 0] == alone
