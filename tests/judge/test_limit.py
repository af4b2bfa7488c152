"""Properties that every interval and every limit must keep."""

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlaudit.core.finding import Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.policy import Origin, OriginClass, Rule
from vlaudit.core.verdict import Status
from vlaudit.judge.limit import hold

unit = st.floats(0, 1)
numbers = st.lists(unit, min_size=3, max_size=3).map(sorted)
slices = st.integers(1, 1000)


def rule(limit: float, *, upper: bool = True) -> Rule:
    return Rule(
        id="r",
        metric="a.b.m",
        at_most=limit if upper else None,
        at_least=None if upper else limit,
        controls=("A 1",),
        severity=Severity.HIGH,
        because="x",
        origin=Origin(kind=OriginClass.HOUSE, text="y"),
    )


def measured(ends: Sequence[float], samples: int = 100) -> Measurement:
    low, value, high = ends
    return Measurement("m", value, samples, Interval(low, high, "any"))


@given(numbers, unit, unit, unit, st.booleans(), slices)
def test_widening_an_interval_never_decides_anything(
    ends: list[float], limit: float, down: float, up: float, upper: bool, among: int
) -> None:
    narrow = hold(measured(ends), rule(limit, upper=upper), among=among).status
    low, value, high = ends
    wide = hold(
        measured((low - down, value, high + up)), rule(limit, upper=upper), among=among
    ).status
    assert wide in (narrow, Status.INCONCLUSIVE)


@given(numbers, unit, unit, st.booleans(), slices)
def test_a_laxer_limit_is_never_harder_to_meet(
    ends: list[float], limit: float, more: float, upper: bool, among: int
) -> None:
    order = [Status.FAIL, Status.INCONCLUSIVE, Status.PASS]
    lax = limit + more if upper else limit - more
    strict = hold(measured(ends), rule(limit, upper=upper), among=among).status
    laxer = hold(measured(ends), rule(lax, upper=upper), among=among).status
    assert order.index(laxer) >= order.index(strict)


@given(numbers, unit, st.booleans(), slices, slices)
def test_more_slices_never_make_a_fail(
    ends: list[float], limit: float, upper: bool, few: int, more: int
) -> None:
    fewer = hold(measured(ends), rule(limit, upper=upper), among=few)
    many = hold(measured(ends), rule(limit, upper=upper), among=few + more)
    assert many.least <= fewer.least + 1e-12
    assert (many.status is Status.PASS) == (fewer.status is Status.PASS)


@given(numbers, unit, slices)
def test_the_two_directions_mirror_each_other(ends: list[float], limit: float, among: int) -> None:
    above = hold(measured(ends), rule(limit), among=among).status
    mirrored = measured([-number for number in reversed(ends)])
    below = hold(mirrored, rule(-limit, upper=False), among=among).status
    assert above is below


@given(numbers, unit, st.integers(1, 10_000))
def test_the_samples_asked_for_would_decide(ends: list[float], limit: float, samples: int) -> None:
    held = hold(measured(ends, samples), rule(limit))
    if held.status is not Status.INCONCLUSIVE or held.samples_needed is None:
        return
    assert held.samples_needed > samples
    shrink = math.sqrt(samples / held.samples_needed)
    low, value, high = ends
    narrowed = (value - shrink * (value - low), value, value + shrink * (high - value))
    slightly = hold(measured(narrowed), rule(limit))
    edge = slightly.most if slightly.value <= 0 else -slightly.least
    assert edge <= 1e-6


@pytest.mark.parametrize("upper", [True, False])
def test_a_pass_takes_a_bound_on_one_side_only(upper: bool) -> None:
    sign = 1 if upper else -1
    low, high = sorted((sign * 0.0, sign * 0.12))
    two_sided = Measurement("m", sign * 0.05, 100, Interval(low, high, "any"))
    bounded = Measurement("m", sign * 0.05, 100, Interval(low, high, "any", one_sided=sign * 0.098))
    limit = rule(sign * 0.1, upper=upper)
    assert hold(two_sided, limit).status is Status.INCONCLUSIVE
    assert hold(bounded, limit).status is Status.PASS
    assert hold(bounded, rule(sign * 0.09, upper=upper)).status is Status.INCONCLUSIVE


@pytest.mark.parametrize("among", [2, 7, 100])
def test_the_correction_is_that_of_a_normal_interval(among: int) -> None:
    from scipy.stats import norm

    half = 1.96 * 0.1
    held = hold(measured((0.5 - half, 0.5, 0.5 + half)), rule(0.0), among=among)
    exact = 0.5 - half * norm.isf(0.025 / among) / norm.isf(0.025)
    assert held.least == pytest.approx(exact, abs=1e-12)
    assert held.most == pytest.approx(0.5 + half)


@pytest.mark.parametrize("method", ["wilson", "beta"])
@pytest.mark.parametrize(("rate", "upper"), [(0.05, True), (0.3, True), (0.7, False)])
@pytest.mark.parametrize("among", [2, 7, 30])
@pytest.mark.parametrize("rows", [20, 100, 500])
def test_slices_exactly_on_the_limit_rarely_fail_together(
    method: str, rate: float, upper: bool, among: int, rows: int
) -> None:
    """The chance is summed over all counts, not simulated; without correction it reaches 0.91."""
    import numpy as np
    from scipy.stats import binom
    from statsmodels.stats.proportion import proportion_confint

    counts = np.arange(rows + 1)
    ends: Any = proportion_confint(counts, rows, method=method)
    limit = rule(rate, upper=upper)
    fails = [
        hold(measured((min(low, k / rows), k / rows, max(high, k / rows))), limit, among=among)
        for k, low, high in zip(counts, *ends, strict=True)
    ]
    one = sum(
        binom.pmf(k, rows, rate)
        for k, held in zip(counts, fails, strict=True)
        if held.status is Status.FAIL
    )
    assert 1 - (1 - one) ** among < 0.05
