"""Identity inference on models that know nobody, somebody, or like a name."""

from typing import Any

import numpy as np
import pytest

from vlaudit import registry
from vlaudit.core.dataset import Role
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Inapplicable
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes.acquainted import build


def report(seed: int = 0, settings: dict[str, Any] | None = None, **world: Any) -> list[Any]:
    target, data = build(**world)
    probe = registry.load("privacy.identity_inference")
    return list(run_in_memory(probe, target, data, settings=settings, seed=seed))


def value(items: list[Any], metric: str) -> float:
    [found] = [i.value for i in items if isinstance(i, Measurement) and i.metric == metric]
    return float(found)


FEW: dict[str, Any] = {"decoys": 60, "background": 40, "prompts": ["a photo of {}", "{}"]}


def test_a_model_that_knows_nobody_is_not_accused() -> None:
    rates = [value(report(s, FEW, people=6), "identification_rate") for s in range(12)]
    assert np.mean(rates) < 0.02


@pytest.mark.parametrize("learnt", [0, 3, 6])
def test_as_many_are_found_as_are_known(learnt: int) -> None:
    items = report(0, FEW, people=6, learnt=learnt, memory=0.8)
    assert value(items, "identification_rate") == pytest.approx(learnt / 6)
    findings = [item for item in items if isinstance(item, Finding)]
    assert len(findings) == learnt


def test_no_name_is_told() -> None:
    _, data = build(people=6)
    parts = {part for who in data.texts(Role.IDENTITY) if who for part in who.lower().split()}
    told = "\n".join(map(repr, report(0, FEW, people=6, learnt=6, memory=0.8))).lower()
    assert len(parts) > 6
    assert not [part for part in parts if part in told]


def test_too_few_pictures_is_a_reason() -> None:
    with pytest.raises(Inapplicable, match=r"data\.columns\.identity"):
        report(people=4, pictures=2)


def test_the_same_seed_gives_the_same_numbers() -> None:
    assert report(3, FEW, people=5, learnt=2) == report(3, FEW, people=5, learnt=2)
