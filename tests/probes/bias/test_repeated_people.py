"""Several pictures of one person tell no more than one of them, in every probe of rows."""

from typing import Any

import pytest

from tests.probes.bias.conftest import Runner
from vlaudit.core.dataset import Role
from vlaudit.selftest.cases import Case
from vlaudit.selftest.check import build_world
from vlaudit.selftest.memory import MemoryDataset

TIMES = 5
SMALL = {"prompts": ["a photo of a person", "a photo of a doctor"], "k": [10.0], "draws": 200}
WRONG = {"fake": "chronicler", "rows": {"woman": 60, "man": 60}, "wrong": {"woman": 0.3}}
THIEF = {"fake": "namecaller", "rows": {"a": 60, "b": 60}, "called": {"b": {"thief": 0.2}}}
SHELF = {"fake": "shelves", "rows": {"a": [30, 30], "b": [30, 30]}, "overlooked": {"b": 0.4}}
BLIND = {"fake": "gossip", "rows": {"woman": 40, "man": 40}, "manners": {"blind": 0.3}}
CREWS = {"cook": {"woman": 20, "man": 30}, "pilot": {"woman": 10, "man": 30}}
WORLDS: list[tuple[str, tuple[str, ...], dict[str, Any], dict[str, Any]]] = [
    ("zero_shot_parity", ("matched_accuracy_gap", "accuracy"),
     {"fake": "seer", "accuracy": {"a": 0.8, "b": 0.6}, "rows": 80}, {}),
    ("retrieval_skew", ("label_excess_skew",), SHELF, SMALL),
    ("association", ("excess_effect_size",),
     {"fake": "opinionated", "lean": 1.0, "rows": {"a": [40], "b": [40]}}, {"draws": 300}),
    ("harm_labels", ("worst_group_harm_rate", "harm_beyond_nonsense"), THIEF, {}),
    ("caption_parity", ("wrong_gender_gap", "wrong_gender_rate"), WRONG, {"draws": 100}),
    ("answer_stereotype", ("disambiguated_accuracy",), BLIND,
     {"questions": ["female: a nurse | a doctor"], "draws": 100}),
    ("pronoun_resolution", ("resolution_gap", "sensitivity"),
     {"fake": "resolver", "accuracy": {"woman": 0.7, "man": 0.9}, "rows": 80}, {}),
    ("representation", ("label_gap",), {"fake": "crowd", "rows": CREWS}, {}),
]  # fmt: skip


def pictured(data: MemoryDataset, times: int, *, named: bool) -> MemoryDataset:
    """Return every row several times, with the name of the person or without."""
    rows = [row for row in range(len(data)) for _ in range(times)]
    known = {role: of for role, of in data.values.items() if role is not Role.IDENTITY}
    values: dict[Role, list[str | None]] = {
        role: [of[row] for row in rows] for role, of in known.items()
    }
    if named:
        values[Role.IDENTITY] = [f"person {row}" for row in rows]
    pictures = [data.pictures[row] for row in rows] if data.pictures else ()
    groups = {name: [of[row] for row in rows] for name, of in data.attributes.items()}
    return MemoryDataset(pictures, values, groups)


@pytest.mark.parametrize(("probe", "metrics", "world", "settings"), WORLDS)
def test_five_pictures_of_everybody_are_as_one(
    run: Runner, probe: str, metrics: tuple[str, ...], world: dict[str, Any],
    settings: dict[str, Any],
) -> None:  # fmt: skip
    target, made = build_world(Case(name="world", target=world, skipped="never"))
    assert isinstance(made, MemoryDataset)
    once, told, untold = (
        run(f"bias.{probe}", target, pictured(made, times, named=named), **settings)[0]
        for times, named in ((1, False), (TIMES, True), (TIMES, False))
    )
    for metric in metrics:
        widths = [
            measured[metric, ""].interval.high - measured[metric, ""].interval.low
            for measured in (once, told, untold)
        ]
        assert widths[1] > 0.8 * widths[0]
        assert widths[1] > 1.4 * widths[2]
