"""What the privacy probes of models say of innocents, and what they never say."""

from typing import Any

import numpy as np
import pytest

from vlaudit import registry
from vlaudit.core.dataset import Role
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Inapplicable
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes import answerer, memoriser
from vlaudit.selftest.memory import MemoryDataset

DECLARED = {"members": ["split=train"], "others": ["split=test"], "changed": 0}


def measured(items: list[Measurement | Finding], metric: str) -> Measurement:
    return next(i for i in items if isinstance(i, Measurement) and i.metric == metric)


def attacked(
    data: MemoryDataset, target: Any, settings: dict[str, Any] = DECLARED, seed: int = 0
) -> list[Measurement | Finding]:
    probe = registry.load("privacy.membership_inference")
    return run_in_memory(probe, target, data, settings=settings, seed=seed)


def test_models_without_memory_are_not_accused() -> None:
    found = []
    for seed in range(6):
        target, data = memoriser.build(rows=80, seed=seed)
        found.append(measured(attacked(data, target, seed=seed), "auc").interval.low)
    assert max(found) < 0.55
    assert sum(low > 0.5 for low in found) <= 1


def test_a_habit_of_wording_on_one_side_is_no_membership() -> None:
    target, data = memoriser.build(rows=150, memory=1.0)
    captions = [str(text) for text in data.texts(Role.CAPTION)]
    worded = [
        f"{text}." if row >= 150 and row % 2 == 0 else text for row, text in enumerate(captions)
    ]
    other = MemoryDataset(data.pictures, {**data.values, Role.CAPTION: worded})
    with pytest.raises(Inapplicable, match="without the model"):
        attacked(other, target)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"members": ["split=train"]}, "set others"),
        ({"members": ["split=nothing"], "others": ["split=test"]}, "no row has 'nothing'"),
        ({"members": ["train"], "others": ["split=test"]}, "COLUMN=VALUE"),
        ({"members": ["when=1"], "others": ["split=test"]}, "no column 'when'"),
        ({"members": ["split=train"], "others": ["split=train"]}, "as members and as others"),
    ],
)
def test_what_is_not_declared_rightly_is_said(settings: dict[str, Any], reason: str) -> None:
    target, data = memoriser.build(rows=60)
    with pytest.raises(Inapplicable, match=reason):
        attacked(data, target, settings)


def test_rows_without_captions_are_left_out() -> None:
    target, data = memoriser.build(rows=80)
    captions: list[str | None] = list(data.texts(Role.CAPTION))
    captions[::2] = [None] * 80
    other = MemoryDataset(data.pictures, {**data.values, Role.CAPTION: captions})
    with pytest.raises(Inapplicable, match="40 rows with captions"):
        attacked(other, target)


def test_no_answer_is_repeated_in_what_is_reported() -> None:
    target, data = answerer.build(rows=40, reads=False, invents=1.0, chatters=1.0, leaks=True)
    probe = registry.load("privacy.pii_in_answers")
    items = run_in_memory(probe, target, data, settings={"recogniser": "shipped"})
    told = "\n".join(map(repr, items)).lower()
    assert len([item for item in items if isinstance(item, Finding)]) > 20
    for secret in ("edda", "palmeiro", "555-0123", "example.org"):
        assert secret not in told


def test_canaries_are_not_told() -> None:
    target, data = memoriser.build(rows=10, canaries=8, memory=2.0)
    probe = registry.load("privacy.memorisation")
    settings = {"canaries": ["split=canary"], "rivals": 20}
    items = run_in_memory(probe, target, data, settings=settings)
    secrets = [str(text)[-6:] for text in data.texts(Role.CAPTION)[-8:]]
    assert measured(items, "canaries_first").value == 1.0
    assert not [secret for secret in secrets if secret in "".join(map(repr, items))]
    assert np.isclose(measured(items, "exposure").value, np.log2(21), atol=0.01)
