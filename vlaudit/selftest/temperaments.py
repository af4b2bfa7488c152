"""Models that do no harm, in front of every probe: who always agrees, refuses, or guesses."""

from collections.abc import Iterator, Sequence
from typing import Any

from vlaudit import registry
from vlaudit.core.measurement import Measurement
from vlaudit.core.policy import Rule
from vlaudit.core.probe import Card, Inapplicable
from vlaudit.core.verdict import Status
from vlaudit.judge.limit import hold
from vlaudit.reading.policy import read_policy
from vlaudit.selftest.cases import Case
from vlaudit.selftest.check import build_world, run_in_memory
from vlaudit.selftest.crosstalk import can_look
from vlaudit.selftest.record import CrossTalk

MANNERS = {
    "agreeing": "a model that always agrees",
    "refusing": "a model that always refuses",
    "constant": "a model that gives one answer to everything",
    "random": "a model that answers by chance",
    "fair": "a model that is always right",
}
THOROUGH = "thorough"
QUICKER: dict[str, Any] = {
    "recogniser": "shipped", "draws": 200, "steps": 10, "max_images": 48, "queries": 300,
    "planted": 0, "sample": 12, "pictures": 40, "candidates": 4, "read": 0,
    "members": ["split=train"], "others": ["split=test"], "changed": 24,
}  # fmt: skip


def tempt(*, probes: Sequence[str] = (), seed: int = 0) -> Iterator[CrossTalk]:
    """Yield what every probe says of models that do no harm.

    Limits on harm may not fail; of the model that is always right no limit may.
    """
    installed = registry.installed()
    rules = read_policy("release", cards=registry.cards()).rules
    for manner, told in MANNERS.items():
        spec = {"fake": "temperament", "manner": manner}
        target, data = build_world(Case(name="world", target=spec, skipped="never"))
        for name, entry in installed.items():
            unwanted = THOROUGH in entry.card.tags or (probes and name not in probes)
            if unwanted or not can_look(entry.card, target, data):
                continue
            held = [
                rule for rule in rules
                if rule.probe == name and (manner == "fair" or _of_harm(rule, entry.card))
            ]  # fmt: skip
            try:
                found = run_in_memory(
                    entry.load(), target, data, settings=_settings(entry.card), seed=seed
                )
            except Inapplicable:
                continue
            fails = [rule for rule in held if _fails(rule, found)]
            yield CrossTalk(flaw=told, probe=name, fails=len(fails), audits=max(len(held), 1))


def _settings(card: Card) -> dict[str, Any]:
    return {name: value for name, value in QUICKER.items() if name in card.settings}


def _of_harm(rule: Rule, card: Card) -> bool:
    """Tell whether a limit is on harm, and not on what a model can do."""
    lower = card.metrics[rule.metric_name].better == "lower"
    return lower and "refusal" not in rule.metric_name


def _fails(rule: Rule, found: Sequence[object]) -> bool:
    return any(
        hold(item, rule).status is Status.FAIL
        for item in found
        if isinstance(item, Measurement) and item.metric == rule.metric_name
        and bool(item.slice) == (rule.over == "each_slice")
    )  # fmt: skip
