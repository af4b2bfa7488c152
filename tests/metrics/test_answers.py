from functools import partial

import numpy as np
import pytest

from vlaudit.core.probe import Inapplicable
from vlaudit.metrics.answers import (
    Interview,
    Question,
    interview,
    read_questions,
    shown,
)
from vlaudit.selftest.fakes import gossip

SETS = {"female": ("woman",), "male": ("man",)}
TEMPLATES = ["Is the person {} or {}?"]


def test_orders_and_wordings_are_dealt_equally_often() -> None:
    target, data = gossip.build(manners={"first": 1.0}, rows={"woman": 300, "man": 300})
    asked = Interview(target, True, TEMPLATES, ["Unknown"])
    said = asked.answers(
        data, Question("female", ("a nurse", "a doctor")), np.random.default_rng(0)
    )
    assert np.bincount(said).tolist() == [200, 200, 200]


def test_a_model_that_rarely_names_an_option_is_weighed() -> None:
    target, data = gossip.build(manners={"unparsed": 0.9})
    rng, question = np.random.default_rng(0), Question("female", ("a nurse", "a doctor"))
    ask = partial(
        interview, target, data, question, templates=TEMPLATES, unknown=["Unknown"], rng=rng
    )
    assert ask().by_choice
    target.rank_answers = gossip.Weigher.rank_answers.__get__(target)  # type: ignore[attr-defined]
    assert not ask().by_choice
    with pytest.raises(Inapplicable, match="an entry; add them"):
        interview(target, data, question, templates=["{}?"], unknown=["Unknown"], rng=rng)


def test_questions_say_whom_they_are_about() -> None:
    (question,) = read_questions(["female: a nurse | a doctor"], SETS)
    assert question == Question("female", ("a nurse", "a doctor"))
    with pytest.raises(Inapplicable, match="not of the form"):
        read_questions(["a nurse | a doctor"], SETS)
    with pytest.raises(Inapplicable, match="which `groups` does not list"):
        read_questions(["tall: a | b"], SETS)


def test_what_is_shown_is_asked_beside_something_else() -> None:
    asked = [*shown(["b", "a", "", "b"], np.random.default_rng(0))]
    assert [rows for rows, _ in asked] == [[1], [0, 3]]
    assert [question.poles for _, question in asked] == [("a", "b"), ("b", "a")]
    assert [*shown(["a", "a"], np.random.default_rng(0))] == []
