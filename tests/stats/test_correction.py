"""The correction of a rate for a faulty instrument: published figures and coverage."""

import numpy as np
import pytest

from vlaudit.stats.correction import Instrument, rogan_gladen
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
