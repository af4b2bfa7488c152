from collections.abc import Callable

from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.verdict import ControlStatus, ControlVerdict, Judgement

Judged = Callable[..., Judgement]

GOOD = Measurement("gap", 0.05, 400, Interval(0.02, 0.09, "newcombe"))
BAD = Measurement("gap", 0.5, 400, Interval(0.4, 0.6, "newcombe"))
OPEN = Measurement("gap", 0.1, 400, Interval(0.0, 0.2, "newcombe"))
UNSEEN = {"metric": "bias.parity.accuracy", "at_most": None, "at_least": 0.8}
CLAIMED = {"when": "claims.robustness"}
EASY = {"at_most": 0.9}


def word(control: str, expires: str = "2027-01-31") -> dict[str, str]:
    return {
        "control": control,
        "statement": "We keep a register",
        "owner": "Legal office",
        "evidence": "register, page 4",
        "expires": expires,
    }


def first(judgement: Judgement) -> ControlVerdict:
    return judgement.controls[0]


def test_every_control_of_the_framework_is_listed(judged: Judged) -> None:
    controls = judged(GOOD).controls
    assert [control.control for control in controls] == ["A 1", "A 2", "A 3"]
    assert [control.status for control in controls] == [
        ControlStatus.EVIDENCED,
        ControlStatus.NOT_MEASURED,
        ControlStatus.NOT_MEASURED,
    ]
    assert controls[0].because == "rule_1 passes"
    assert controls[1].because == "needs a person's attestation, and the policy has none"
    assert controls[2].because.startswith("no rule of the policy concerns it")


def test_one_failing_rule_refutes_a_control(judged: Judged) -> None:
    control = first(judged(BAD, rules=[EASY, {}, UNSEEN]))
    assert control.status is ControlStatus.REFUTED
    assert control.because == "rule_2 fails"
    assert control.rules == ("rule_1", "rule_2", "rule_3")


def test_an_undecided_rule_leaves_a_control_undecided(judged: Judged) -> None:
    control = first(judged(OPEN, rules=[EASY, {}, UNSEEN]))
    assert control.status is ControlStatus.INCONCLUSIVE
    assert control.because == "rule_2 is undecided"


def test_one_unmeasured_rule_keeps_a_control_from_being_evidenced(judged: Judged) -> None:
    control = first(judged(GOOD, rules=[{}, UNSEEN]))
    assert control.status is ControlStatus.NOT_MEASURED
    assert control.because == "rule_2 was not measured"


def test_rules_that_do_not_apply_are_no_evidence(judged: Judged) -> None:
    control = first(judged(GOOD, rules=[{}, CLAIMED]))
    assert control.status is ControlStatus.EVIDENCED
    assert control.because == "rule_1 passes; rule_2 does not apply"
    control = first(judged(GOOD, rules=[CLAIMED, CLAIMED]))
    assert control.status is ControlStatus.NOT_MEASURED
    assert control.because == "rule_1, rule_2 do not apply"


def test_a_waiver_is_no_evidence(judged: Judged) -> None:
    waiver = {"rule": "rule_1", "owner": "Lab", "reason": "r", "expires": "2027-01-01"}
    refuted = first(judged(BAD, waivers=[waiver]))
    assert refuted.status is ControlStatus.REFUTED
    assert refuted.because == (
        "rule_1 fails; Lab waives rule_1 until 2027-01-01, which is no evidence"
    )
    unseen = first(judged(GOOD, rules=[UNSEEN], waivers=[waiver]))
    assert unseen.status is ControlStatus.NOT_MEASURED
    assert first(judged(GOOD, waivers=[waiver])).because == "rule_1 passes"


def test_an_attestation_stands_in_where_nothing_was_measured(judged: Judged) -> None:
    control = judged(GOOD, attestations=[word("A 2")]).controls[1]
    assert control.status is ControlStatus.ATTESTED
    assert control.because == (
        "Legal office attests until 2027-01-31: We keep a register (register, page 4)"
    )
    control = first(judged(GOOD, rules=[{}, UNSEEN], attestations=[word("A 1")]))
    assert control.status is ControlStatus.ATTESTED
    assert control.because.endswith("; rule_2 was not measured")


def test_measurements_come_before_words(judged: Judged) -> None:
    refuted = first(judged(BAD, attestations=[word("A 1")]))
    assert refuted.status is ControlStatus.REFUTED
    assert refuted.because.endswith("Legal office attests to it, but measurements come first")
    assert first(judged(GOOD, attestations=[word("A 1")])).status is ControlStatus.EVIDENCED


def test_a_stale_attestation_does_not_count_and_is_said(judged: Judged) -> None:
    control = judged(GOOD, attestations=[word("A 2", "2026-11-20")]).controls[1]
    assert control.status is ControlStatus.NOT_MEASURED
    assert control.because.endswith("the attestation by Legal office expired on 2026-11-20")
    today = judged(GOOD, attestations=[word("A 2", "2026-11-21")]).controls[1]
    assert today.status is ControlStatus.ATTESTED
