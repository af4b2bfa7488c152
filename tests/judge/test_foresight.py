"""What can be said of a rule before anything runs."""

from typing import Any

import pytest

from vlaudit.core.audit import PlannedProbe
from vlaudit.core.policy import Rule
from vlaudit.judge.foresight import Foresight, foresee
from vlaudit.reading.policy import read_policy
from vlaudit.registry import cards
from vlaudit.stats.intervals import clopper_pearson

CARDS = cards()
RULES = {rule.id: rule for rule in read_policy("release", cards=CARDS).rules}


def foreseen(rule: Rule, rows: int, *, skip: str | None = None, **groups: Any) -> Foresight:
    card = CARDS[rule.probe]
    planned = PlannedProbe(card=card, settings=card.settings, skip=skip)
    return foresee(rule, planned, rows=rows, groups=groups)


def test_clean_captions_must_be_many_to_show_that_few_hold_numbers() -> None:
    rule = RULES["no_high_risk_data"]
    short, enough = foreseen(rule, 3000), foreseen(rule, 4000)
    assert short.needed == enough.needed == 3688
    assert short.words == "cannot pass below 3,688 samples"
    assert enough.words == "can pass and fail"
    assert 1000 * clopper_pearson(0, 3688).high <= rule.limit
    assert 1000 * clopper_pearson(0, 3680).high > rule.limit


def test_the_smallest_group_counts_where_groups_are_compared() -> None:
    rule = RULES["equal_accuracy"]
    few = foreseen(rule, 2000, gender={"a": 1900, "b": 100})
    many = foreseen(rule, 2000, gender={"a": 1000, "b": 1000})
    assert (few.samples, few.words) == (100, "cannot pass below 360 samples")
    assert many.words == "can pass and fail"
    assert few.fails_from is not None
    assert many.fails_from is not None
    assert few.fails_from > many.fails_from > rule.limit
    assert few.fails_from == pytest.approx(0.1 + 0.18, abs=0.01)


def test_what_will_not_run_or_rests_on_too_little_is_said_in_advance() -> None:
    rule = RULES["accuracy"]
    assert foreseen(rule, 500, skip="no labels").words == "will not be measured: no labels"
    assert foreseen(rule, 50).words == "cannot be decided: 100 samples are required"
    found = foreseen(rule, 500)
    assert found.fails_from is not None
    assert 0.4 < found.fails_from < 0.5
    assert foreseen(RULES["written_words"], 5000).samples == 192
    assert "not foreseen" in foreseen(RULES["equal_search"], 5000).words


def test_the_number_of_words_says_which_effects_they_can_prove() -> None:
    rule = RULES["names_carry_no_concept"]
    card = CARDS[rule.probe]

    def said(words: int) -> Foresight:
        listed = ", ".join(f"word{at}" for at in range(words))
        settings = {**card.settings, "names": [f"gender: {listed} | {listed}"]}
        return foresee(rule, PlannedProbe(card=card, settings=settings), rows=10, groups={})

    assert said(8).words == "8 words a group: effects between 0.8 and about 1.5 stay open"
    assert said(8).fails_from == pytest.approx(1.52, abs=0.01)
    assert said(24).fails_from == pytest.approx(1.22, abs=0.01)
    assert "can pass but not fail below 3 words a group" in said(2).words
    assert said(2).fails_from is None
