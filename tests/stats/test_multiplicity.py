"""Corrections for many questions, against statsmodels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from statsmodels.stats.multitest import multipletests

from vlaudit.stats.multiplicity import benjamini_hochberg, false_alarms_by_chance, holm


def test_holm_gives_his_adjusted_p_values() -> None:
    assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
@settings(max_examples=15, deadline=None)
def test_both_agree_with_statsmodels(p: list[float]) -> None:
    for ours, method in ((holm(p), "holm"), (benjamini_hochberg(p), "fdr_bh")):
        assert_allclose(ours, np.asarray(multipletests(p, method=method)[1]), atol=1e-12)


def test_fifty_healthy_rules_raise_a_false_alarm_nearly_always_unless_corrected() -> None:
    expected, any_of_them = false_alarms_by_chance(50, alpha=0.05)
    assert expected == pytest.approx(2.5)
    assert any_of_them == pytest.approx(0.923, abs=1e-3)
    rng = np.random.default_rng(0)
    audits = rng.random((1000, 50))
    assert np.mean([holm(audit).min() <= 0.05 for audit in audits]) <= 0.05 + 0.02
