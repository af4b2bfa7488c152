"""The record of the probes: what it says, and how a shortfall is told from chance."""

import pytest

from vlaudit.reading.policy import read_policy
from vlaudit.registry import cards
from vlaudit.selftest.crosstalk import cross_talk, matrix
from vlaudit.selftest.record import CrossTalk, Level, ProbeRecord, stored_record
from vlaudit.selftest.strengths import Grid, World, measure, read_grids

# Sixteen names are too few to prove any effect beyond the limit; the record says so.
BLIND = ("bias.word_association",)

# What their rules ask for takes more rebuilt pictures and answers than a small world has.
OWN_LIMIT = ("privacy.model_inversion", "privacy.pii_in_answers")


def level(strength: float, fails: int, *, innocent: bool = False, audits: int = 40) -> Level:
    return Level(
        strength=strength, name="", innocent=innocent, audits=audits, fails=fails, passes=0
    )


def record(*levels: Level) -> ProbeRecord:
    return ProbeRecord(
        probe="a.b", metric="gap", harm="a gap", at_most=0.1,
        levels=(level(0.0, 0, innocent=True), level(0.1, 1, innocent=True), *levels),
    )  # fmt: skip


def test_the_record_says_false_alarms_and_the_harm_that_is_found() -> None:
    found = record(level(0.2, 20), level(0.3, 39), level(0.4, 40))
    assert found.false_alarms == (1, 80)
    assert found.false_alarm_rate.high == pytest.approx(0.068, abs=0.001)
    assert found.sentence == (
        "Its own record: 1 of 80 audits of innocent worlds failed (at most 6.8%); "
        "from 0.3 on, a gap is found in 98%."
    )
    blind = record(level(0.2, 3), level(0.3, 40), level(0.4, 5))
    assert blind.found_at is None
    assert "no harm that was planted is found" in blind.sentence


def test_a_shortfall_is_told_from_chance() -> None:
    stored = record(level(0.3, 39))
    assert record(level(0.3, 37)).worse_than(stored) == []
    assert "a.b at 0.3: failed 15 of 40" in record(level(0.3, 15)).worse_than(stored)[0]
    alarmed = ProbeRecord(
        probe="a.b", metric="gap", harm="a gap", at_most=0.1,
        levels=(level(0.0, 15, innocent=True),),
    )  # fmt: skip
    assert "failed 15 of 40, and 0 of 40 by the record" in alarmed.worse_than(stored)[0]


def test_a_few_audits_of_each_world_tell_together() -> None:
    stored = record(level(0.3, 40), level(0.4, 40), level(0.5, 40))
    few = [level(strength, 0, audits=2) for strength in (0.3, 0.4, 0.5)]
    found = ProbeRecord(probe="a.b", metric="gap", harm="a gap", at_most=0.1, levels=tuple(few))
    (said,) = [text for text in found.worse_than(stored) if "surely" in text]
    assert said == (
        "a.b at harm that was surely found: failed 0 of 6, and 120 of 120 by the record"
    )


def test_cross_talk_is_measured_where_a_probe_can_look() -> None:
    cells = list(cross_talk(1, probes=["bias.word_association"]))
    seen = {cell.probe: cell.fails for cell in cells}
    assert seen["privacy.metadata"] == 0
    assert "bias.word_association" not in seen
    assert "bias.association" not in seen  # its world has one group only
    assert "privacy.pii_in_captions" not in seen  # and no captions
    stored = stored_record()
    assert stored is not None
    fired = {(cell.flaw, cell.probe) for cell in stored.cross_talk if cell.fails}
    assert not any(flaw == "reference:clean" for flaw, _ in fired)
    assert ("reference:flawed", "poisoning.suspicious_pairs") in fired
    lines = matrix([CrossTalk(flaw="a.b", probe="c.d", fails=2, audits=3)])
    assert lines == ["        1", "a.b   2/3", "   1 c.d"]
    assert matrix([]) == []


@pytest.mark.parametrize("grid", read_grids(), ids=lambda grid: grid.probe)
def test_worlds_have_innocents_and_graded_harm_and_the_limit_of_the_release_policy(
    grid: Grid,
) -> None:
    harms = [(world.strength, world.name) for world in grid.worlds if not grid.innocent(world)]
    assert len(harms) == len(set(harms)) >= 2
    assert sum(grid.innocent(world) for world in grid.worlds) >= 1
    limits = {
        (rule.at_most, rule.at_least)
        for rule in read_policy("release", cards=cards()).rules
        if rule.metric == f"{grid.probe}.{grid.metric}"
    }
    assert not limits or grid.probe in OWN_LIMIT or (grid.at_most, grid.at_least) in limits


def test_a_few_audits_of_each_world_agree_with_the_stored_record() -> None:
    stored = stored_record()
    assert stored is not None
    assert {one.probe for one in stored.probes} == {grid.probe for grid in read_grids()}
    for one in stored.probes:
        fails, audits = one.false_alarms
        assert fails / audits <= 0.1
        assert (one.found_at is None) == (one.probe in BLIND), one.probe


@pytest.mark.parametrize(
    "probe",
    ["privacy.identity_inference", "privacy.consent_and_licence", "bias.harm_labels",
     "bias.counterfactual_flip", "bias.association", "bias.spurious_slices", "bias.retrieval_skew"],
)  # fmt: skip
def test_no_probe_has_fallen_below_its_record(probe: str) -> None:
    stored = stored_record()
    assert stored is not None
    (found,) = measure(2, probes=[probe])
    (before,) = [one for one in stored.probes if one.probe == probe]
    assert found.worse_than(before) == []
    assert isinstance(read_grids()[0].worlds[0], World)
