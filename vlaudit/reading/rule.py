"""One rule of a policy, held against the cards of the probes it speaks of."""

from collections.abc import Iterator, Mapping
from typing import Any

from vlaudit.core.probe import Card, Metric
from vlaudit.reading.document import Keys, Problem
from vlaudit.reading.setting import setting_problem
from vlaudit.reading.suggest import did_you_mean, nearest

_WRONG_WAY = {"at_most": "higher", "at_least": "lower"}


def rule_problems(
    rule: Mapping[str, Any], keys: Keys, cards: Mapping[str, Card]
) -> Iterator[Problem]:
    """Yield what is wrong with the metric, limit and required settings of one rule.

    Args:
        rule: the rule as it stands in the file; of any form.
        keys: its place in the policy.
        cards: the installed probes.
    """
    if (rule.get("at_most") is None) == (rule.get("at_least") is None):
        yield Problem(keys, "needs exactly one limit: at_most or at_least")
    metric = rule.get("metric")
    if not isinstance(metric, str):
        return
    probe, _, name = metric.rpartition(".")
    if probe not in cards or name not in cards[probe].metrics:
        unknown = f"no probe reports '{metric}'{_meant(metric, cards)}"
        yield Problem((*keys, "metric"), unknown, keys)
        return
    for side in ("at_most", "at_least"):
        limit = rule.get(side)
        if isinstance(limit, int | float) and not isinstance(limit, bool):
            text = _limit_problem(side, limit, metric, cards[probe].metrics[name])
            if text is not None:
                yield Problem((*keys, side), text, keys)
    requires = rule.get("requires")
    settings = requires.get("settings") if isinstance(requires, dict) else None
    for setting, value in (settings if isinstance(settings, dict) else {}).items():
        wrong = setting_problem(cards[probe], setting, value)
        if wrong is not None:
            yield Problem((*keys, "requires", "settings", setting), wrong, keys)


def _meant(metric: str, cards: Mapping[str, Card]) -> str:
    """Say which metric was meant: of the probe named, or of any probe."""
    probe, _, name = metric.rpartition(".")
    known = [f"{card.id}.{each}" for card in cards.values() for each in card.metrics]
    if not probe:
        alike = nearest(name, {full.rpartition(".")[2] for full in known})
        full = [full for full in known if full.rpartition(".")[2] == alike]
        return f"; did you mean '{full[0]}'?" if full else "; write PROBE.METRIC"
    if probe in cards:
        return did_you_mean(name, cards[probe].metrics)
    if metric in cards:
        names = ", ".join(cards[metric].metrics)
        return f"; that is a probe, name one of its metrics: {names}"
    alike = nearest(metric, known)
    if alike is not None:
        return f"; did you mean '{alike}'?"
    return did_you_mean(probe or metric, cards)


def _limit_problem(side: str, limit: float, metric: str, declared: Metric) -> str | None:
    """Say why a limit makes no sense for its metric, or return None."""
    low, high = declared.range
    if declared.better == _WRONG_WAY[side]:
        right = "at_least" if side == "at_most" else "at_most"
        return f"{side} on '{metric}', where {declared.better} is better; write {right}"
    if not declared.admits(limit):
        ends = f"{'any' if low is None else f'{low:g}'} to {'any' if high is None else f'{high:g}'}"
        return f"{side} {limit:g} is outside the range of '{metric}', {ends}"
    if limit == (high if side == "at_most" else low):
        return f"{side} {limit:g} can never fail, as '{metric}' is never beyond it; set a limit"
    return None
