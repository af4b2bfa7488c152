"""What samples can show, against statsmodels, simulation and the rule of three."""

import numpy as np
import pytest
from scipy.stats import binomtest
from statsmodels.stats.power import NormalIndPower

from vlaudit.stats import power


@pytest.mark.parametrize(
    ("gap", "rows"), [(0.02, 8231), (0.05, 1316), (0.1, 329), (0.2, 82), (0.3, 36)]
)
def test_a_gap_takes_about_as_many_rows_as_is_known(gap: float, rows: int) -> None:
    needed = power.samples_for_gap(gap)
    assert needed == pytest.approx(rows, rel=0.03)
    assert power.detectable_gap(needed) == pytest.approx(gap, rel=0.02)
    theirs = NormalIndPower().solve_power(gap / np.sqrt(0.21), alpha=0.05, power=0.8)
    assert needed == pytest.approx(float(theirs), rel=0.03)


@pytest.mark.parametrize(("margin", "rows"), [(0.02, 8994), (0.05, 1439), (0.1, 360), (0.2, 90)])
def test_equivalence_takes_about_as_many_rows_as_is_known(margin: float, rows: int) -> None:
    assert power.samples_for_equivalence(margin) == pytest.approx(rows, rel=0.02)


@pytest.mark.parametrize(("rate", "n"), [(0.05, 59), (0.02, 149), (0.01, 299), (0.005, 598)])
def test_no_event_at_all_bounds_a_rate(rate: float, n: int) -> None:
    assert power.samples_without_event(rate) == n
    assert binomtest(0, n, alternative="less").proportion_ci(0.95, "exact").high < rate
    assert binomtest(0, n - 1, alternative="less").proportion_ci(0.95, "exact").high > rate


def test_an_excess_is_found_about_as_often_as_planned() -> None:
    excess = power.detectable_excess(400, 0.2)
    rng = np.random.default_rng(0)
    found = [
        binomtest(int(k), 400).proportion_ci(0.95, "wilson").low > 0.2
        for k in rng.binomial(400, 0.2 + excess, 400)
    ]
    assert 0.72 <= np.mean(found) <= 0.9


@pytest.mark.parametrize("words", [8, 24])
def test_an_effect_of_few_words_is_lifted_by_chance_as_far_as_is_said(words: int) -> None:
    rng = np.random.default_rng(0)
    leaning = rng.normal(size=(20_000, 2 * words))
    leaning -= leaning.mean(axis=1, keepdims=True)
    leaning /= leaning.std(axis=1, ddof=1, keepdims=True)
    size = np.abs(leaning[:, :words].mean(axis=1) - leaning[:, words:].mean(axis=1))
    lifted = float(np.quantile(size, 0.975) - size.mean())
    assert power.effect_by_chance(words) == pytest.approx(lifted, rel=0.08)
