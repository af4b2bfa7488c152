import numpy as np
import pytest
from scipy.stats import permutation_test

from vlaudit.core.probe import Inapplicable
from vlaudit.metrics.association import (
    Concept,
    Floats,
    associate,
    effect_size,
    exchange_p,
    leanings,
    nonsense_concepts,
    one_against_rest,
    read_concepts,
    within,
    wording,
)
from vlaudit.stats.excess import max_t

Words = list[int]


def weat(cosines: Floats, first: Words, second: Words, a: Words, b: Words) -> float:
    """Return the effect size as Caliskan et al. write it, word by word."""

    def association(word: int) -> float:
        return float(np.mean(cosines[word, a]) - np.mean(cosines[word, b]))

    one = [association(word) for word in first]
    two = [association(word) for word in second]
    return float((np.mean(one) - np.mean(two)) / np.std(one + two, ddof=1))


def test_effect_sizes_equal_the_published_formula() -> None:
    rng = np.random.default_rng(0)
    cosines = rng.normal(size=(10, 7))
    words = [f"w{index}" for index in range(7)]
    concept = Concept("c", ("w0", "w1", "w2"), ("w3", "w4", "w5", "w6"))
    leaning = leanings(cosines, words, [concept])[:, 0]
    expected = weat(cosines, [0, 1, 2, 3], [4, 5, 6, 7, 8, 9], [0, 1, 2], [3, 4, 5, 6])
    assert effect_size(leaning[:4], leaning[4:]) == pytest.approx(expected, abs=1e-12)
    codes = (np.arange(10) >= 4).astype(np.int16)
    found = associate(
        leaning[None, :, None], codes, np.zeros(10, dtype=np.intp), codes[None], groups=2
    )
    assert found.sizes[0, 0, 0] == pytest.approx(expected, abs=1e-12)
    assert found.null[0, 0, 0] == pytest.approx(expected, abs=1e-12)


def test_a_worked_example() -> None:
    # Leanings 3, 2 against 1, 0: means 2.5 and 0.5, standard deviation of all four sqrt(5/3).
    assert effect_size([3.0, 2.0], [1.0, 0.0]) == pytest.approx(2 / np.sqrt(5 / 3))
    assert effect_size([1.0, 1.0], [1.0, 1.0]) == 0.0
    # Of the 6 partitions of 4, this one and its mirror are the most extreme.
    p_values = exchange_p(
        np.array([[3.0], [2.0]]), np.array([[1.0], [0.0]]), rng=np.random.default_rng(0)
    )
    assert p_values == pytest.approx([2 / 6])


def test_permutation_p_values_equal_scipys_column_by_column() -> None:
    rng = np.random.default_rng(1)
    one, two = rng.normal(size=(5, 3)) + 1, rng.normal(size=(6, 3))
    found = exchange_p(one, two, rng=rng)

    def difference(first: Floats, second: Floats) -> float:
        return float(first.mean() - second.mean())

    for column in range(3):
        theirs = permutation_test((one[:, column], two[:, column]), difference, n_resamples=1000)
        assert found[column] == pytest.approx(theirs.pvalue, abs=1e-12)


def test_strata_take_off_what_groups_do_more_often() -> None:
    rng = np.random.default_rng(2)
    strata = np.repeat([0, 1], 500)
    codes = (rng.random(1000) < np.where(strata == 1, 0.9, 0.1)).astype(np.intp)
    leaning = (rng.normal(size=1000) + 4.0 * strata)[:, None]
    plain = one_against_rest(leaning, codes, groups=2)
    assert plain[1, 0] > 2.5
    assert abs(one_against_rest(within(leaning, strata), codes, groups=2)[1, 0]) < 0.3


def test_several_groups_are_held_against_the_rest() -> None:
    leaning = np.array([[1.0], [1.0], [0.0], [0.0], [-1.0], [-1.0]])
    found = one_against_rest(leaning, np.array([0, 0, 1, 1, 2, 2]), groups=3)
    assert found[:, 0].tolist() == [1.5, 0.0, -1.5]


def test_concepts_are_read_and_refused() -> None:
    (concept,) = read_concepts([" work/home : office, pay | garden "])
    assert concept == Concept("work/home", ("office", "pay"), ("garden",))
    assert concept.told(1.0) == "office, pay than to garden"
    assert concept.told(-1.0) == "garden than to office, pay"
    for entry in ("work", "work: office", "work: | home", ": a | b"):
        with pytest.raises(Inapplicable, match="is not of the form"):
            read_concepts([entry])


def test_controls_have_poles_that_share_no_word() -> None:
    rng = np.random.default_rng(0)
    found = nonsense_concepts([f"n{index}" for index in range(9)], size=4, count=5, rng=rng)
    assert len(found) == 5
    assert all(not set(item.first) & set(item.second) for item in found)
    assert all(len(item.first) == len(item.second) == 4 for item in found)
    assert nonsense_concepts(["wug"], size=4, count=5, rng=rng) == []
    asked = wording(["a: b | c"], ["wug", "dax"], ["{}"], rng)
    assert len(asked.every) == 21
    assert asked.words[:2] == ["b", "c"]


@pytest.mark.parametrize(("lean", "low", "high"), [(0.0, 0, 6), (0.5, 38, 40)])
def test_ties_are_found_and_innocents_left_alone(lean: float, low: int, high: int) -> None:
    found = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        codes = np.tile([0, 1], 100)
        leaning = rng.normal(size=(2, 200, 6))
        leaning[:, codes == 0, 0] += lean
        dealt = rng.permuted(np.tile(codes, (200, 1)), axis=1)
        ties = associate(leaning, codes, np.zeros(200, dtype=np.intp), dealt, groups=2)
        found += bool((max_t(*ties.absolute(slice(6))) <= 0.05).any())
    assert low <= found <= high
