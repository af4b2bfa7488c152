"""Rules judged together: false alarms of the whole gate, reactions, conditions and words."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.target import Ability
from vlaudit.core.verdict import ControlStatus, Judgement, Status
from vlaudit.judge import exit_code

Judged = Callable[..., Judgement]


def gap(value: float, half: float = 0.05, *, samples: int = 200, **where: str) -> Measurement:
    ends = Interval(max(0.0, value - half), value + half, "any")
    return Measurement("gap", value, samples, ends, slice=where)


def test_healthy_rules_together_fail_no_more_often_than_the_budget(judged: Judged) -> None:
    """Forty rules exactly at their limit: alone, some fails in most audits."""
    rng = np.random.default_rng(0)
    half = norm.isf(0.025) * 0.02
    alarms = alone = 0
    rules = [{"metric": "bias.parity.gap"} for _ in range(40)]
    for _ in range(60):
        seen = 0.5 + 0.02 * rng.normal(size=40)
        # One metric has one value here, so each audit is judged by its worst value 40 times over.
        worst = gap(float(seen.max()), half)
        verdicts = judged(worst, rules=[{**rule, "at_most": 0.5} for rule in rules])
        alarms += any(item.status is Status.FAIL for item in verdicts.verdicts)
        alone += seen.max() - half > 0.5
    assert alone / 60 > 0.4
    assert alarms / 60 <= 0.05 + 0.06


def test_holm_spares_what_only_one_of_many_rules_says_and_says_so(judged: Judged) -> None:
    just, plain = gap(0.16, 0.05), [{"at_most": 0.1}, *[{"at_most": 0.9}] * 9]
    (first, *_), family = judged(just, rules=plain).verdicts, judged(just, rules=plain).family
    assert judged(just).verdicts[0].status is Status.FAIL
    assert first.status is Status.INCONCLUSIVE
    assert "among 10 rules of the gate that takes at most 0.005 (Holm)" in first.because
    assert first.p_value == pytest.approx(norm.sf(1.96 * 0.06 / 0.05), rel=0.01)
    assert family is not None
    assert (family.gated, family.others, family.error_budget) == (10, 0, 0.05)
    assert judged(gap(0.4), rules=plain).verdicts[0].status is Status.FAIL
    lax = judged(just, rules=plain, error_budget=0.5)
    assert lax.verdicts[0].status is Status.FAIL


def test_rules_beyond_the_gate_are_counted_and_not_corrected(judged: Judged) -> None:
    found = judged(gap(0.16), rules=[{"severity": "low"}, {"at_most": 0.9}])
    assert found.verdicts[0].status is Status.FAIL
    assert found.family is not None
    assert (found.family.gated, found.family.others) == (1, 1)
    assert found.family.by_chance == pytest.approx(0.025)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 3),
        ({"on_inconclusive": {"high": "fail"}}, 1),
        ({"on_inconclusive": {"high": "ignore"}}, 0),
        ({"on_not_measured": {"high": "fail"}}, 3),
        ({"gate": ["critical"]}, 0),
        ({"gate": ["critical"], "on_inconclusive": {"high": "hold"}}, 3),
    ],
)
def test_the_policy_says_what_an_undecided_rule_does(
    judged: Judged, changes: dict[str, Any], code: int
) -> None:
    found = judged(gap(0.1), **changes)
    assert found.verdicts[0].status is Status.INCONCLUSIVE
    assert exit_code(found) == code
    assert found.verdicts[0].gated == (code != 0)


def test_the_policy_says_what_an_unmeasured_rule_does(judged: Judged) -> None:
    assert exit_code(judged()) == 3
    assert exit_code(judged(on_not_measured={"high": "fail"})) == 1
    assert exit_code(judged(on_not_measured={"high": "ignore"})) == 0


def test_an_undecided_rule_says_how_many_samples_would_decide(judged: Judged) -> None:
    (verdict,) = judged(gap(0.08, 0.05)).verdicts
    assert verdict.samples_needed == 1300
    assert "about 1,300 samples would decide" in verdict.because
    assert judged(gap(0.02)).verdicts[0].samples_needed is None


@pytest.mark.parametrize(
    ("word", "abilities", "applies"),
    [
        ("generative", (Ability.WRITES_TEXT,), True),
        ("generative", (), False),
        ("gives_gradients", (Ability.GIVES_GRADIENTS,), True),
        ("gives_gradients", (Ability.WRITES_TEXT,), False),
    ],
)
def test_a_rule_may_depend_on_what_the_target_can_do(
    judged: Judged, word: str, abilities: tuple[Ability, ...], applies: bool
) -> None:
    found = judged(gap(0.01), rules=[{"when": f"target.{word}"}], abilities=abilities).verdicts[0]
    assert found.status is (Status.PASS if applies else Status.NOT_APPLICABLE)


def test_a_rule_may_require_a_target_and_samples_of_every_group(judged: Judged) -> None:
    needs = {"requires": {"group_samples": 100}}
    groups = gap(0.0, samples=150, gender="a"), gap(0.0, samples=99, gender="b")
    assert judged(gap(0.01), *groups[:1], rules=[needs]).verdicts[0].status is Status.PASS
    (short,) = judged(gap(0.01), *groups, rules=[needs]).verdicts
    assert short.status is Status.NOT_MEASURED
    assert "gap[gender=b] rests on 99 samples; 100 of every group are required" in short.because
    assert "reported no group" in judged(gap(0.01), rules=[needs]).verdicts[0].because
    wants = {"requires": {"target": ["writes_text"]}}
    (unable,) = judged(gap(0.01), rules=[wants]).verdicts
    assert (unable.status, "writes_text" in unable.because) == (Status.NOT_MEASURED, True)


def test_a_waiver_holds_for_its_scope_only(judged: Judged) -> None:
    waiver = {"rule": "rule_1", "owner": "o", "reason": "r", "expires": "2027-01-01"}
    bad = gap(0.5)
    assert judged(bad, waivers=[waiver]).verdicts[0].status is Status.WAIVED
    assert judged(bad, waivers=[{**waiver, "scope": "m*"}]).verdicts[0].status is Status.WAIVED
    (other,) = judged(bad, waivers=[{**waiver, "scope": "other-*"}]).verdicts
    assert other.status is Status.FAIL
    assert "the waiver by o is for other-* only" in other.because


def test_an_attestation_is_stale_after_its_review_interval(judged: Judged) -> None:
    word = {"control": "A 2", "statement": "s", "owner": "o", "evidence": "e",
            "given": "2026-11-01", "review_days": 30}  # fmt: skip
    fresh = judged(attestations=[word]).controls[1]
    assert (fresh.status, "until 2026-12-01" in fresh.because) == (ControlStatus.ATTESTED, True)
    stale = judged(attestations=[word], today=date(2026, 12, 2)).controls[1]
    assert stale.status is ControlStatus.NOT_MEASURED
    assert "expired on 2026-12-01" in stale.because
