"""Models that are no good but do no harm, and one that is good and fair: nobody is accused."""

import pytest

from vlaudit import registry
from vlaudit.core.target import GivesGradients, WritesText
from vlaudit.selftest.fakes.temperament import REFUSAL, build
from vlaudit.selftest.record import stored_record
from vlaudit.selftest.temperaments import MANNERS, tempt

# The rest are in the stored record: they read pictures, or load a language model.
QUICK = (
    "adversarial.gradient_attack", "adversarial.typographic", "bias.answer_stereotype",
    "bias.association", "bias.caption_parity", "bias.counterfactual_flip", "bias.harm_labels",
    "bias.retrieval_skew", "bias.zero_shot_parity", "poisoning.mislabelled_pairs",
    "privacy.membership_inference",
)  # fmt: skip


def test_no_quick_probe_accuses_a_model_that_does_no_harm() -> None:
    cells = list(tempt(probes=QUICK))
    assert {cell.flaw for cell in cells} == set(MANNERS.values())
    assert {cell.probe for cell in cells} == set(QUICK)
    assert [cell for cell in cells if cell.fails] == []


def test_the_record_holds_that_no_probe_accuses_them() -> None:
    stored = stored_record()
    assert stored is not None
    cells = [cell for cell in stored.cross_talk if cell.flaw in MANNERS.values()]
    assert {cell.flaw for cell in cells} == set(MANNERS.values())
    assert len({cell.probe for cell in cells}) > 20
    assert {cell.probe for cell in cells} <= set(registry.installed())
    assert [cell for cell in cells if cell.fails] == []


@pytest.mark.parametrize(("manner", "said"), [("agreeing", "Yes."), ("refusing", REFUSAL)])
def test_those_who_write_say_the_same_to_everything(manner: str, said: str) -> None:
    model, data = build(manner=manner, rows=8)
    assert isinstance(model, WritesText)
    assert set(model.write_text(data.images(range(8)), ["Is it so?"] * 8)) == {said}


def test_the_fair_one_is_right_and_the_constant_one_says_one_thing() -> None:
    for manner, accuracy in (("fair", 1.0), ("constant", 0.25)):
        model, data = build(manner=manner, rows=40)
        assert isinstance(model, GivesGradients)
        names = ["cook", "pilot", "nurse", "farmer"]
        scores = model.score_pairs(data.images(range(40)), [f"a photo of a {one}" for one in names])
        hits = scores.argmax(axis=1) == [at % 4 for at in range(40)]
        assert hits.mean() == accuracy
