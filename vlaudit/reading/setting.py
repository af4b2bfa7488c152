"""Settings of probes, held against the card that declares them."""

import json
from typing import Any

from vlaudit.core.probe import Card
from vlaudit.reading.suggest import did_you_mean


def setting_problem(card: Card, name: str, value: Any) -> str | None:
    """Return why `value` cannot be set as `name` of a probe, or None when it can."""
    if name not in card.settings:
        return f"{card.id} has no setting '{name}'{did_you_mean(name, card.settings)}"
    kind = _kind(card.settings[name])
    if _kind(value) == kind or (kind == "a number" and _kind(value) == "a whole number"):
        return None
    if kind == "a list of numbers" and _kind(value) == "a list of whole numbers":
        return None
    return f"expected {kind}, such as {_shown(card.settings[name])}, not {_shown(value)}"


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float():
            return "a number"
        case str():
            return "text"
        case []:
            return "a list of texts"
        case list():
            items: list[Any] = value
            kinds = {_kind(item) for item in items}
            return _LISTS.get(frozenset(kinds), "a mixed list")
        case _:
            return "something else"


_LISTS = {
    frozenset({"text"}): "a list of texts",
    frozenset({"a whole number"}): "a list of whole numbers",
    frozenset({"a number"}): "a list of numbers",
    frozenset({"a whole number", "a number"}): "a list of numbers",
}
