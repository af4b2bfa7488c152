import numpy as np
import pytest

from vlaudit.stats.effects import in_unit, standardised_difference


def test_intervals_cover_the_true_effect() -> None:
    rng = np.random.default_rng(0)
    missed = 0
    for _ in range(300):
        one, two = rng.normal(size=(40, 1)) + 0.5, rng.normal(size=(60, 1))
        by_template: list[float] = []
        for _ in range(5):
            wording = rng.normal() * 0.2
            a, b = one + wording, two
            by_template.append(float((a.mean() - b.mean()) / np.concatenate([one, two]).std()))
        truth = 0.5 / np.sqrt(1 + 0.25 * 0.24)
        ends = standardised_difference(by_template, 40, 60).interval
        missed += not ends.low <= truth <= ends.high
    assert missed <= 21


def test_one_template_is_the_interval_of_hedges_and_olkin() -> None:
    found = standardised_difference([0.6], 30, 30)
    half = 1.959964 * np.sqrt(60 / 900 + 0.36 / 120)
    assert found.value == 0.6
    assert found.samples == 60
    assert found.interval.low == pytest.approx(0.6 - half, abs=1e-6)
    logits = in_unit(found, unit=10.0, value=6.0)
    assert logits.interval.high == pytest.approx(6.0 + 10 * half, abs=1e-5)
    assert in_unit(found, unit=0.0, value=0.0).interval.high > 0
