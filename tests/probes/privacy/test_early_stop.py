"""Probes that read or ask end once their rules are decided, and their intervals allow for that."""

from functools import partial
from typing import Any

import numpy as np
import pytest

from vlaudit import registry
from vlaudit.core.errors import MissingExtraError
from vlaudit.core.measurement import Measurement
from vlaudit.core.policy import Policy, Rule
from vlaudit.core.probe import Context
from vlaudit.core.verdict import Status
from vlaudit.detect.ocr import load
from vlaudit.features import Encoded, TargetFeatures
from vlaudit.judge.limit import hold
from vlaudit.judge.settled import settled
from vlaudit.selftest.cases import Case
from vlaudit.selftest.check import build_world


def rule(metric: str, at_most: float) -> Rule:
    return Rule.model_validate({
        "id": "limit", "metric": metric, "at_most": at_most, "controls": ["MEASURE 2.10"],
        "severity": "high", "because": "b", "requires": {"samples": 12},
        "origin": {"kind": "house", "text": "No standard."},
    })  # fmt: skip


def audit(limit: Rule, spec: dict[str, Any], **settings: Any) -> tuple[Measurement, list[str]]:
    probe = registry.load(limit.probe)
    target, data = build_world(Case(name="w", target=spec, skipped="never"))
    notes: list[str] = []
    policy = Policy(id="p", title="P", framework="f", rules=(limit,))
    context = Context(
        target=target, data=data, features=TargetFeatures(target, Encoded.empty(data)),
        settings={**probe.card.settings, "recogniser": "shipped", **settings},
        rng=np.random.default_rng(0), note=notes.append, progress=lambda fraction: None,
        keep_picture=lambda name, pixels: name,
        settled=partial(settled(policy, claims=(), abilities=()), probe.card.id),
    )  # fmt: skip
    (found,) = [
        item for item in probe.run(context)
        if isinstance(item, Measurement) and item.metric == limit.metric_name and not item.slice
    ]  # fmt: skip
    return found, notes


def test_a_chatterer_is_found_out_after_few_answers() -> None:
    limit = rule("privacy.pii_in_answers.unasked_rate", 0.1)
    spec = {"fake": "answerer", "rows": 40, "reads": False, "chatters": 1.0}
    found, notes = audit(limit, spec)
    assert found.samples < 40
    assert "every rule was decided" in notes[0]
    assert found.interval.method == "betting confidence sequence, stopped early"
    assert hold(found, limit).status is Status.FAIL


def test_one_who_is_never_decided_is_asked_everything() -> None:
    limit = rule("privacy.pii_in_answers.unasked_rate", 0.1)
    found, notes = audit(limit, {"fake": "answerer", "rows": 40, "reads": False})
    assert found.samples == 40
    assert found.interval.method.endswith("after looks on the way")
    assert not any("decided" in note for note in notes)


def test_pictures_are_read_until_it_is_plain_that_they_tell() -> None:
    try:
        load()
    except MissingExtraError as missing:
        pytest.skip(str(missing))
    limit = rule("privacy.pii_in_pixels.rate", 50)
    spec = {"fake": "inscribed", "rows": 100, "planted": 100, "height": 18}
    found, notes = audit(limit, spec, planted=0, sample=0)
    assert found.samples == 32
    assert "every rule was decided by then" in notes[0]
    assert hold(found, limit).status is Status.FAIL
    assert found.interval.low < 900 < found.value
