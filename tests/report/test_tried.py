"""What documents say of a probe that was run again on the rows of an audit."""

from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.selfcheck import Rerun, SelfCheck
from vlaudit.core.verdict import Tried
from vlaudit.report.tried import said, tally

GAP = Measurement("gap", 0.1, 100, Interval(0.0, 0.2, "by hand"))
CHECK = SelfCheck(
    probe="bias.parity", innocent="groups dealt at random", planted="a gap of 0.3", seconds=2.0,
    reruns=(Rerun(kind="innocent", measurements=(GAP,)), Rerun(kind="planted")),
)  # fmt: skip
FARED = Tried(innocent=20, alarms=1, planted=5, found=5, rows_planted=50, rows_found=48, harm=0.3)


def test_rates_stand_with_the_ends_of_their_intervals() -> None:
    assert said(FARED, CHECK, "fraction") == (
        "Tried on these very rows: on innocent rows (groups dealt at random) the rule failed in 1 "
        "of 20 further runs (at most 24.9%); with a planted flaw (a gap of 0.3, harm of 30.0% or "
        "worse) it failed in 5 of 5 (at least 47.8%); 48 of 50 planted rows were named."
    )


def test_what_was_not_tried_is_said_and_nothing_of_what_nobody_meant_to_try() -> None:
    assert said(None, None, "fraction") == ""
    late = CHECK.model_copy(update={"reruns": (), "remark": "the budget was spent"})
    assert said(None, late, "fraction") == (
        "Tried on these very rows: no innocent rows to try it on: groups dealt at random; not "
        "tried in full: the budget was spent."
    )


def test_one_line_sums_up() -> None:
    assert tally({}, {}) == ""
    assert tally({"bias.parity": CHECK}, {"r": FARED}) == (
        "1 probes tried on these rows in 2.0 s: 1 of 20 innocent runs failed a rule, 5 of 5 runs "
        "with planted harm did"
    )
