"""Verdicts worked out by hand."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.outcome import Broken, Outcome, Skipped
from vlaudit.core.verdict import Judgement, Status
from vlaudit.judge import exit_code

Judged = Callable[..., Judgement]


def gap(value: float, low: float, high: float, *, samples: int = 400, **where: str) -> Measurement:
    return Measurement("gap", value, samples, Interval(low, high, "newcombe"), slice=where)


def accuracy(value: float, low: float, high: float) -> Measurement:
    return Measurement("accuracy", value, 400, Interval(low, high, "wilson"))


AT_LEAST = {"metric": "bias.parity.accuracy", "at_most": None, "at_least": 0.8}


@pytest.mark.parametrize(
    ("measurement", "rule", "status"),
    [
        (gap(0.05, 0.02, 0.09), {}, Status.PASS),
        (gap(0.05, 0.02, 0.11), {}, Status.INCONCLUSIVE),
        (gap(0.15, 0.09, 0.21), {}, Status.INCONCLUSIVE),
        (gap(0.15, 0.11, 0.21), {}, Status.FAIL),
        (accuracy(0.9, 0.85, 0.93), AT_LEAST, Status.PASS),
        (accuracy(0.9, 0.75, 0.93), AT_LEAST, Status.INCONCLUSIVE),
        (accuracy(0.7, 0.65, 0.81), AT_LEAST, Status.INCONCLUSIVE),
        (accuracy(0.7, 0.65, 0.79), AT_LEAST, Status.FAIL),
        # An end exactly on the limit is within it, on either side, whatever rounding does.
        (gap(0.05, 0.0, 0.1), {}, Status.PASS),
        (gap(0.25, 0.1, 0.4), {}, Status.INCONCLUSIVE),
        (gap(0.2, 0.1, 0.1 + 0.2), {"at_most": 0.3}, Status.PASS),
        (gap(0.4, 0.1 + 0.2, 0.5), {"at_most": 0.3}, Status.INCONCLUSIVE),
        (accuracy(0.9, 0.8, 1.0), AT_LEAST, Status.PASS),
        # A limit at the end of the range: what is never seen may still happen.
        (gap(0.0, 0.0, 0.01), {"at_most": 0.0}, Status.INCONCLUSIVE),
        (gap(0.02, 0.001, 0.05), {"at_most": 0.0}, Status.FAIL),
        (accuracy(1.0, 0.99, 1.0), {**AT_LEAST, "at_least": 1.0}, Status.INCONCLUSIVE),
        # A value outside its interval does not decide.
        (gap(0.3, 0.01, 0.05), {}, Status.PASS),
    ],
)
def test_the_unfavourable_end_is_held_against_the_limit(
    judged: Judged, measurement: Measurement, rule: Mapping[str, Any], status: Status
) -> None:
    (verdict,) = judged(measurement, rules=[rule]).verdicts
    assert verdict.status is status
    assert verdict.measurement == measurement


def test_reasons_carry_value_interval_method_samples_and_limit(judged: Judged) -> None:
    (passed,) = judged(gap(0.05, 0.02, 0.09)).verdicts
    assert passed.because == (
        "gap is 0.05, 95 % interval 0.02 to 0.09 (newcombe), from 400 samples; "
        "all of the interval is at most 0.1"
    )
    (failed,) = judged(gap(0.15, 0.11, 0.21)).verdicts
    assert failed.because.endswith("; all of the interval misses the limit, at most 0.1")
    assert failed.limit == "at most 0.1"


def test_an_undecided_rule_says_how_many_samples_would_decide(judged: Judged) -> None:
    # 0.05 is 0.05 within the limit, the interval reaches 0.06 beyond the value:
    # 400 * (0.06 / 0.05)**2 = 576, rounded up to 580.
    (verdict,) = judged(gap(0.05, 0.0, 0.11)).verdicts
    assert verdict.because.endswith("about 580 samples would decide if the value stays")
    # 0.12 is 0.02 beyond it, the interval reaches 0.05 below: 400 * 2.5**2 = 2500.
    (verdict,) = judged(gap(0.12, 0.07, 0.2)).verdicts
    assert "about 2,500 samples" in verdict.because
    (verdict,) = judged(gap(0.1, 0.05, 0.2)).verdicts
    assert "the value is at the limit" in verdict.because
    (verdict,) = judged(gap(0.0999999, 0.05, 0.2)).verdicts
    assert "more than 10,000,000 samples" in verdict.because


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"outcome": Skipped(reason="no groups")}, "bias.parity was skipped: no groups"),
        ({"skip": "not selected", "outcome": None}, "bias.parity was skipped: not selected"),
        ({"outcome": Broken(error="boom")}, "bias.parity broke, and what it had measured counts"),
        ({"outcome": None}, "bias.parity has not run to its end"),
        ({"planned": False}, "bias.parity was not part of the run"),
        ({"rules": [AT_LEAST]}, "bias.parity reported no overall value of accuracy"),
        ({"rules": [{"over": "each_slice"}]}, "bias.parity reported no slice of gap"),
        (
            {"rules": [{"requires": {"samples": 500}}]},
            "gap rests on 400 samples; 500 are required",
        ),
        (
            {"rules": [{"requires": {"clusters": 5}}]},
            "gap rests on 0 known clusters; 5 are required",
        ),
        (
            {"rules": [{"requires": {"settings": {"steps": 100}}}]},
            "bias.parity ran with steps 50, and the rule requires 100",
        ),
        ({"rules": [{"requires": {"settings": {"norm": "l2"}}}]}, "ran with norm linf"),
        ({"rules": [{"requires": {"settings": {"kinds": ["a", "b"]}}}]}, "ran with kinds ['a']"),
        ({"rules": [{"requires": {"settings": {"exact": False}}}]}, "ran with exact True"),
        ({"rules": [{"requires": {"settings": {"unknown": 1}}}]}, "ran with unknown None"),
    ],
)
def test_what_did_not_measure_enough_never_passes(
    judged: Judged, change: dict[str, Any], why: str
) -> None:
    judgement = judged(gap(0.01, 0.0, 0.02), **change)
    (verdict,) = judgement.verdicts
    assert verdict.status is Status.NOT_MEASURED
    assert why in verdict.because
    assert verdict.measurement is None
    assert exit_code(judgement) == 3


def test_settings_at_least_as_strict_are_enough(judged: Judged) -> None:
    wanted = {"steps": 50, "kinds": ["a"], "norm": "linf", "exact": True}
    judgement = judged(
        gap(0.01, 0.0, 0.02),
        rules=[{"requires": {"settings": wanted}}],
        settings={"steps": 100, "kinds": ["a", "b"]},
    )
    assert judgement.verdicts[0].status is Status.PASS


def test_clusters_are_counted_where_they_are_known(judged: Judged) -> None:
    clustered = Measurement("gap", 0.01, 400, Interval(0.0, 0.02, "bootstrap"), clusters=30)
    rules = [{"requires": {"clusters": 30}}, {"requires": {"clusters": 31}}]
    enough, short = judged(clustered, rules=rules).verdicts
    assert enough.status is Status.PASS
    assert short.because == "gap rests on 30 known clusters; 31 are required"


def test_a_rule_on_a_claim_applies_only_to_those_who_claim_it(judged: Judged) -> None:
    rule = {"when": "claims.robustness"}
    bad = gap(0.5, 0.4, 0.6)
    silent = judged(bad, rules=[rule])
    assert silent.verdicts[0].status is Status.NOT_APPLICABLE
    assert silent.verdicts[0].because == "the configuration does not claim robustness"
    assert exit_code(silent) == 0
    assert exit_code(judged(bad, rules=[rule], claims=["robustness"])) == 1


EACH = {"over": "each_slice"}


def test_every_slice_must_pass(judged: Judged) -> None:
    good = [gap(0.05, 0.02, 0.09, sex=name) for name in "ab"]
    (verdict,) = judged(*good, gap(0.5, 0.4, 0.6), rules=[EACH]).verdicts
    assert verdict.status is Status.PASS
    assert verdict.because.endswith("at most 0.1 for each of 2 slices")
    (verdict,) = judged(*good, gap(0.08, 0.02, 0.12, sex="c"), rules=[EACH]).verdicts
    assert verdict.status is Status.INCONCLUSIVE
    assert verdict.because.startswith("gap[sex=c] is 0.08")
    assert verdict.measurement is not None
    assert verdict.measurement.slice == {"sex": "c"}


def test_one_failing_slice_fails_and_the_worst_is_named(judged: Judged) -> None:
    (verdict,) = judged(
        gap(0.4, 0.3, 0.5, sex="a"),
        gap(0.5, 0.4, 0.6, sex="b"),
        gap(0.01, 0.0, 0.3, sex="c"),
        rules=[EACH],
    ).verdicts
    assert verdict.status is Status.FAIL
    assert verdict.because.startswith("gap[sex=b] is 0.5")


def test_many_slices_make_a_fail_harder(judged: Judged) -> None:
    # Alone the interval of 0.15 begins at 0.11. Among 20 slices it is widened by
    # 3.023 / 1.960 = 1.542, so that it begins at 0.15 - 1.542 * 0.04 = 0.088: undecided.
    slices = [gap(0.05, 0.02, 0.09, group=str(number)) for number in range(19)]
    (alone,) = judged(gap(0.15, 0.11, 0.19, group="x"), rules=[EACH]).verdicts
    assert alone.status is Status.FAIL
    (verdict,) = judged(*slices, gap(0.15, 0.11, 0.19, group="x"), rules=[EACH]).verdicts
    assert verdict.status is Status.INCONCLUSIVE
    assert "widened for 20 slices looked at together (Bonferroni)" in verdict.because
    (verdict,) = judged(*slices, gap(0.15, 0.13, 0.17, group="x"), rules=[EACH]).verdicts
    assert verdict.status is Status.FAIL
    assert "also when 20 slices are looked at together" in verdict.because


def test_a_slice_too_small_to_judge_keeps_the_rule_from_passing(judged: Judged) -> None:
    good, small = gap(0.05, 0.02, 0.09, sex="a"), gap(0.0, 0.0, 0.01, samples=9, sex="b")
    rule = {**EACH, "requires": {"samples": 50}}
    (verdict,) = judged(good, small, rules=[rule]).verdicts
    assert verdict.status is Status.NOT_MEASURED
    assert verdict.because == "gap[sex=b] rests on 9 samples; 50 are required"
    (verdict,) = judged(gap(0.5, 0.4, 0.6, sex="a"), small, rules=[rule]).verdicts
    assert verdict.status is Status.FAIL


def waiver(expires: str) -> dict[str, str]:
    return {"rule": "rule_1", "owner": "Lab", "reason": "Being retrained", "expires": expires}


def test_a_waiver_sets_a_rule_aside_through_its_last_day(judged: Judged) -> None:
    judgement = judged(gap(0.5, 0.4, 0.6), waivers=[waiver("2026-11-21")])
    (verdict,) = judgement.verdicts
    assert verdict.status is Status.WAIVED
    assert verdict.because.startswith(
        "waived by Lab until 2026-11-21: Being retrained; without the waiver: fail, gap is 0.5"
    )
    assert exit_code(judgement) == 0


def test_an_expired_waiver_does_not_count_and_is_said(judged: Judged) -> None:
    judgement = judged(gap(0.5, 0.4, 0.6), waivers=[waiver("2026-11-20")])
    (verdict,) = judgement.verdicts
    assert verdict.status is Status.FAIL
    assert verdict.because.endswith("the waiver by Lab expired on 2026-11-20 and does not count")
    assert exit_code(judgement) == 1


def test_a_waiver_of_what_passes_or_does_not_apply_changes_nothing(judged: Judged) -> None:
    kept = [waiver("2027-01-01")]
    assert judged(gap(0.01, 0.0, 0.02), waivers=kept).verdicts[0].status is Status.PASS
    rule = {"when": "claims.x"}
    assert judged(rules=[rule], waivers=kept).verdicts[0].status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("measurement", "changes", "code"),
    [
        (gap(0.01, 0.0, 0.02), {}, 0),
        (gap(0.5, 0.4, 0.6), {}, 1),
        (gap(0.1, 0.0, 0.6), {}, 3),
        (gap(0.5, 0.4, 0.6), {"severity": "medium"}, 0),
        (gap(0.1, 0.0, 0.6), {"severity": "medium"}, 0),
        (gap(0.1, 0.0, 0.6), {"severity": "critical"}, 3),
        (gap(0.5, 0.4, 0.6), {"optional": True}, 1),
        (gap(0.1, 0.0, 0.6), {"optional": True}, 0),
    ],
)
def test_exit_codes_follow_the_gated_rules(
    judged: Judged, measurement: Measurement, changes: dict[str, Any], code: int
) -> None:
    assert exit_code(judged(measurement, rules=[changes])) == code


def test_a_fail_outweighs_what_was_not_measured(judged: Judged) -> None:
    assert exit_code(judged(gap(0.5, 0.4, 0.6), rules=[AT_LEAST, {}])) == 1


def test_the_same_evidence_gives_the_same_judgement(judged: Judged) -> None:
    assert judged(gap(0.1, 0.0, 0.6)) == judged(gap(0.1, 0.0, 0.6))


@pytest.mark.parametrize("outcome", [Broken(error="x"), Skipped(reason="x"), None])
def test_no_state_but_measured_can_pass(judged: Judged, outcome: Outcome | None) -> None:
    judgement = judged(gap(0.0, 0.0, 0.01), outcome=outcome, today=date(2020, 1, 1))
    assert judgement.verdicts[0].status is Status.NOT_MEASURED
