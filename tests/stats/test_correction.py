"""The correction of a rate for a faulty instrument: published figures and coverage."""

import numpy as np
import pytest

from vlaudit.stats.correction import Instrument, corrected_rate, rogan_gladen
from vlaudit.stats.intervals import wilson


def test_a_perfect_instrument_changes_nothing() -> None:
    found = rogan_gladen(30, 200, Instrument(10**7, 10**7, 0, 10**7))
    plain = wilson(30, 200)
    assert found.value == pytest.approx(0.15)
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (plain.low, plain.high), abs=2e-3
    )


@pytest.mark.parametrize("rate", [0.0, 0.02, 0.2])
def test_the_true_rate_is_covered_and_the_raw_one_is_not(rate: float) -> None:
    rng = np.random.default_rng(4)
    covered = raw = 0
    for _ in range(600):
        tool = Instrument(int(rng.binomial(100, 0.8)), 100, int(rng.binomial(100, 0.05)), 100)
        flagged = int(rng.binomial(500, rate * 0.8 + (1 - rate) * 0.05))
        ends = rogan_gladen(flagged, 500, tool).interval
        covered += ends.low <= rate <= ends.high
        plain = wilson(flagged, 500)
        raw += plain.low <= rate <= plain.high
    assert covered / 600 >= 0.93
    assert covered > raw or rate > 0.1


def test_an_instrument_of_chance_corrects_nothing() -> None:
    with pytest.raises(ValueError, match="chance"):
        rogan_gladen(5, 50, Instrument(5, 10, 5, 10))


def simulated(rng: np.random.Generator, truth: float, n: int, recall: float, false: float) -> bool:
    """Draw a detector's results on n rows and on its two reference samples; is truth covered?"""
    true_hits = int(rng.binomial(n, truth * recall))
    hits = true_hits + int(rng.binomial(n - true_hits, false))
    share = truth * recall / (truth * recall + (1 - truth * recall) * false)
    right, found = int(rng.binomial(200, share)), int(rng.binomial(60, recall))
    estimate = corrected_rate(
        hits, n, precision=(right, 200 - right), recall=(found, 60 - found), rng=rng
    )
    return estimate.interval.low <= truth <= estimate.interval.high


@pytest.mark.parametrize(
    ("truth", "recall", "false"), [(0.02, 0.7, 0.005), (0.1, 0.95, 0.001), (0.004, 0.9, 0.0005)]
)
def test_the_truth_is_covered_as_often_as_the_interval_says(
    truth: float, recall: float, false: float
) -> None:
    rng = np.random.default_rng(0)
    covered = np.mean([simulated(rng, truth, 5000, recall, false) for _ in range(300)])
    assert 0.92 <= covered <= 0.99


def test_without_errors_it_is_the_plain_rate() -> None:
    rng = np.random.default_rng(0)
    plain = corrected_rate(50, 1000, precision=(10**6, 0), recall=(10**6, 0), rng=rng)
    assert plain.value == pytest.approx(0.05)
    assert plain.interval.low == pytest.approx(0.0378, abs=0.001)
    assert plain.interval.high == pytest.approx(0.0649, abs=0.001)


def test_nothing_found_is_no_proof_that_nothing_is_there() -> None:
    none = corrected_rate(0, 1000, precision=(9, 1), recall=(5, 5), rng=np.random.default_rng(0))
    assert (none.value, none.interval.low) == (0, 0)
    assert none.interval.high > 0.002


def test_everything_stays_a_share() -> None:
    rng = np.random.default_rng(0)
    full = corrected_rate(1000, 1000, precision=(10, 0), recall=(5, 5), rng=rng)
    assert full.value == 1 == full.interval.high


def test_a_detector_that_never_found_anything_corrects_nothing() -> None:
    with pytest.raises(ValueError, match="recall"):
        corrected_rate(1, 10, precision=(1, 0), recall=(0, 5), rng=np.random.default_rng(0))
