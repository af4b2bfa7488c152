"""The shipped catalogue of proposed controls, and the crosswalk to other frameworks."""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, TypeVar

from vlaudit.core.catalogue import Catalogue, Crosswalk
from vlaudit.core.record import Record
from vlaudit.reading.document import Keys, Problem, parse
from vlaudit.reading.record import read_record
from vlaudit.reading.suggest import did_you_mean

R = TypeVar("R", bound=Record)


def read_catalogue() -> Catalogue:
    """Return the controls that are proposed for every audit."""
    return _read("controls", Catalogue)


def read_crosswalk() -> Crosswalk:
    """Return the other frameworks that the evidence can be read by."""
    return _read("crosswalk", Crosswalk)


def covering_problems(value: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with the ids of the catalogue that a policy names.

    A control that a rule covers is not missing.
    """
    rules, missing = value.get("rules"), value.get("missing")
    named: list[tuple[Keys, Any]] = [
        (("rules", at, "covers", place), name)
        for at, rule in enumerate(rules if isinstance(rules, list) else [])
        if isinstance(rule, dict) and isinstance(rule.get("covers"), list)
        for place, name in enumerate(rule["covers"])
    ]
    covered = {name for _, name in named if isinstance(name, str)}
    gaps = [
        (("missing", at, "id"), entry.get("id"))
        for at, entry in enumerate(missing if isinstance(missing, list) else [])
        if isinstance(entry, dict)
    ]
    if not named and not gaps:
        return
    known = [control.id for control in read_catalogue().controls]
    for keys, name in (*named, *gaps):
        if isinstance(name, str) and name not in known:
            hint = did_you_mean(name, known)
            yield Problem(keys, f"the catalogue has no control '{name}'{hint}", keys[:2])
    for keys, name in gaps:
        if name in covered:
            yield Problem(keys, f"'{name}' is covered by a rule, so it is not missing", keys[:2])


def _read(name: str, model: type[R]) -> R:
    path = f"catalogue/{name}.yaml"
    text = (files("vlaudit.policies") / path).read_text(encoding="utf-8")
    return read_record(parse(text, where=f"policies/{path}"), model)
