"""The plan names every probe, and the reason of each that will not run."""

import pytest

from vlaudit.core.config import ProbesConfig
from vlaudit.core.dataset import Columns
from vlaudit.core.probe import Card
from vlaudit.core.target import Ability
from vlaudit.planner import plan

CARD = Card.model_validate(
    {
        "id": "bias.gap",
        "title": "t",
        "asks": "a",
        "risk": "bias",
        "needs": (Ability.SCORES_PAIRS,),
        "data": ("image", "groups"),
        "metrics": {"gap": {"means": "m", "unit": "1", "range": (0, 1), "better": "lower"}},
        "settings": {"attribute": "gender", "draws": 5},
        "blind_to": "b",
        "tags": ("fast",),
    }
)
ABLE = (Ability.SCORES_PAIRS,)
WHOLE = Columns(image="image", groups=("gender",))


@pytest.mark.parametrize(
    ("config", "abilities", "columns", "reason"),
    [
        (ProbesConfig(), ABLE, WHOLE, None),
        (ProbesConfig(select=("bias.gap",)), ABLE, WHOLE, None),
        (ProbesConfig(select=("bias",)), ABLE, WHOLE, None),
        (ProbesConfig(select=("fast",)), ABLE, WHOLE, None),
        (ProbesConfig(select=("privacy",)), ABLE, WHOLE, "not selected"),
        (ProbesConfig(skip=("fast",)), ABLE, WHOLE, "left out"),
        (ProbesConfig(select=("bias",), skip=("bias.gap",)), ABLE, WHOLE, "left out"),
        (ProbesConfig(), (), WHOLE, "cannot do what the probe needs: scores_pairs"),
        (ProbesConfig(), ABLE, Columns(image="image"), "no column for: groups"),
        (ProbesConfig(), ABLE, Columns(), "no column for: image, groups"),
    ],
)
def test_a_probe_runs_or_says_why_not(
    config: ProbesConfig, abilities: tuple[Ability, ...], columns: Columns, reason: str | None
) -> None:
    (planned,) = plan(config, {CARD.id: CARD}, abilities=abilities, columns=columns)
    if reason is None:
        assert planned.skip is None
    else:
        assert reason in (planned.skip or "")


def test_the_users_settings_stand_in_for_the_defaults() -> None:
    config = ProbesConfig(settings={"bias.gap": {"draws": 9}})
    (planned,) = plan(config, {CARD.id: CARD}, abilities=ABLE, columns=WHOLE)
    assert planned.settings == {"attribute": "gender", "draws": 9}


def test_a_target_that_says_why_it_cannot_is_quoted() -> None:
    lacks = {Ability.SCORES_PAIRS: "it only writes", Ability.GIVES_GRADIENTS: "it is far away"}
    cards = {CARD.id: CARD}
    (planned,) = plan(ProbesConfig(), cards, abilities=(), columns=WHOLE, lacks=lacks)
    assert planned.skip == (
        "the target cannot do what the probe needs: scores_pairs; it only writes"
    )


def test_one_of_several_abilities_is_enough() -> None:
    either = (Ability.WRITES_TEXT, Ability.RANKS_ANSWERS)
    card = CARD.model_copy(update={"needs": (), "needs_one_of": either})
    (planned,) = plan(
        ProbesConfig(), {card.id: card}, abilities=(Ability.RANKS_ANSWERS,), columns=WHOLE
    )
    assert planned.skip is None
    (planned,) = plan(ProbesConfig(), {card.id: card}, abilities=ABLE, columns=WHOLE)
    assert planned.skip == (
        "the target cannot do what the probe needs: writes_text or ranks_answers"
    )


def test_a_probe_that_reads_what_others_kept_comes_last() -> None:
    last = CARD.model_copy(update={"id": "bias.a", "reads_rows": True})
    planned = plan(ProbesConfig(), {last.id: last, CARD.id: CARD}, abilities=ABLE, columns=WHOLE)
    assert [item.card.id for item in planned] == ["bias.gap", "bias.a"]
