import itertools
from math import log, log2

import numpy as np
import pytest

from vlaudit.metrics.ranking import bias_at, max_skew, ndkl, shares, top
from vlaudit.stats.exchange import Design, deal, population


def test_a_worked_example() -> None:
    # Ranking f, m, m, m over a pool of 4 and 4, worked by hand.
    share = shares([9, 8, 7, 6, 5, 4, 3, 2], [0, 1, 1, 1, 0, 0, 0, 1], groups=2, depths=[1, 2, 4])
    assert share.tolist() == [[1, 0], [0.5, 0.5], [0.25, 0.75]]
    assert max_skew(share, [0.5, 0.5]) == pytest.approx([log(2), 0, log(1.5)])
    assert bias_at(share).tolist() == [1, 0, -0.5]
    first = log(2)
    third = 1 / 3 * log(2 / 3) + 2 / 3 * log(4 / 3)
    fourth = 0.25 * log(0.5) + 0.75 * log(1.5)
    weights = [1 / log2(i + 1) for i in (1, 2, 3, 4)]
    expected = (weights[0] * first + weights[2] * third + weights[3] * fourth) / sum(weights)
    every = shares(np.arange(8, 0, -1), [0, 1, 1, 1, 0, 0, 0, 1], groups=2, depths=[1, 2, 3, 4])
    assert ndkl(every, [0.5, 0.5]) == pytest.approx(expected, abs=1e-12)


def test_ties_count_as_the_mean_over_their_orders() -> None:
    scores, codes = np.array([3.0, 2.0, 2.0, 2.0, 1.0]), np.array([0, 1, 2, 1, 0])
    expected = np.zeros((2, 3))
    orders = list(itertools.permutations([1, 2, 3]))
    for order in orders:
        ranked = [0, *order, 4]
        for row, depth in enumerate([2, 3]):
            for member in ranked[:depth]:
                expected[row, codes[member]] += 1 / depth / len(orders)
    found = shares(scores, codes, groups=3, depths=[2, 3])
    assert found == pytest.approx(expected, abs=1e-12)
    found_order, begins = top(scores, 2)
    assert found_order.tolist() == [0, 1, 2, 3]
    assert begins.tolist() == [0, 1]


def test_a_model_that_scores_all_alike_shows_the_shares_of_the_pool() -> None:
    codes = np.array([0] * 30 + [1] * 10)
    share = shares(np.zeros(40), codes, groups=2, depths=[1, 7])
    assert share == pytest.approx(np.array([[0.75, 0.25]] * 2), abs=1e-12)
    assert max_skew(share, [0.75, 0.25]) == pytest.approx([0, 0], abs=1e-12)


def test_random_rankings_have_the_known_skew() -> None:
    rng = np.random.default_rng(0)
    codes = (np.arange(7000) % 7).astype(np.int16)
    strata = np.zeros(7000, dtype=np.intp)
    drawn = deal(codes, Design(strata, np.arange(7000)), draws=1500, rng=rng)
    share = shares(rng.random(7000), drawn, groups=7, depths=[10, 100])
    skew = max_skew(share, np.full(7, 1 / 7))
    assert skew.mean(axis=0) == pytest.approx([0.78, 0.31], abs=0.02)
    assert np.quantile(skew[:, 1], 0.95) == pytest.approx(0.48, abs=0.03)


def test_groups_are_exchanged_within_their_stratum_only() -> None:
    rng = np.random.default_rng(1)
    strata = np.array([0, 1, 0, 1, 2, 0, 1, 2])
    codes = np.array([0, 1, 1, 2, 3, 0, 1, 3], dtype=np.int16)
    drawn = deal(codes, Design(strata, np.arange(8)), draws=400, rng=rng)
    assert drawn.shape == (400, 8)
    for stratum in range(3):
        mine = np.sort(drawn[:, strata == stratum], axis=1)
        assert (mine == np.sort(codes[strata == stratum])).all()
    assert drawn[:, 3].tolist().count(2) == pytest.approx(400 / 3, abs=40)


def test_a_declared_population_has_its_shares() -> None:
    codes, people = np.arange(500, dtype=np.int16) % 3, np.arange(500) // 2
    alone = Design(np.zeros(500, dtype=np.intp), np.arange(500))
    rng = np.random.default_rng(2)
    drawn = population([0.2, 0.5, 0.3], codes, alone, draws=200, rng=rng)
    assert np.bincount(drawn.ravel()) / drawn.size == pytest.approx([0.2, 0.5, 0.3], abs=0.01)
    twice = Design(np.zeros(500, dtype=np.intp), people)
    paired = population([0.2, 0.5, 0.3], (people % 3).astype(np.int16), twice, draws=20, rng=rng)
    assert (paired[:, ::2] == paired[:, 1::2]).all()
