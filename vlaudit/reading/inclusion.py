"""Policies that begin with other policies: read, merged, and still known by file and line."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vlaudit.core.errors import InputError
from vlaudit.reading.document import Document, Keys, Problem, parse
from vlaudit.reading.suggest import did_you_mean

SECTIONS = {"rules": "id", "waivers": "rule", "attestations": "control", "missing": "id"}
INHERITED = ("framework", "gate", "on_inconclusive", "on_not_measured", "error_budget")

Source = Callable[[str], tuple[str, str]]


@dataclass(frozen=True)
class Merged:
    """A policy with all that it includes, and what is wrong with the inclusion."""

    document: Document
    problems: tuple[Problem, ...] = ()


@dataclass
class _Entries:
    """Entries of one section by name, with the places of their values."""

    values: list[Any] = field(default_factory=list[Any])
    places: list[dict[Keys, str]] = field(default_factory=list[dict[Keys, str]])

    def index(self, key: str, name: object) -> int | None:
        for at, value in enumerate(self.values):
            if isinstance(value, dict) and name is not None and value.get(key) == name:
                return at
        return None

    def add(self, value: Any, places: dict[Keys, str], at: int | None) -> None:
        if at is None:
            self.values.append(value)
            self.places.append(places)
        else:
            self.values[at], self.places[at] = value, places


def merged(document: Document, source: Source, *, around: tuple[str, ...] = ()) -> Merged:
    """Return a policy's document with the entries of all that it includes before its own.

    Args:
        document: the policy as it stands in its file.
        source: returns text and name of a policy that a name or path stands for.
        around: names of the policies that are being read, outermost first.
    """
    value = document.value
    names = value.get("include")
    if not isinstance(names, list) or not names:
        return Merged(document, tuple(_useless(value)))
    problems: list[Problem] = []
    sections = {section: _Entries() for section in SECTIONS}
    inherited: dict[str, Any] = {}
    for place, name in enumerate(names):
        if isinstance(name, str):
            included = _included(name, ("include", place), document, source, around, problems)
            if included is not None:
                _take(sections, included, own=False)
                head = included.value
                inherited |= {key: head[key] for key in INHERITED if key in head}
    problems += _dropped(sections["rules"], value)
    problems += _changed(sections["rules"], document)
    _take(sections, document, own=True)
    return Merged(_whole(document, sections, inherited), tuple(problems))


def _included(
    name: str, keys: Keys, document: Document, source: Source, around: tuple[str, ...],
    problems: list[Problem],
) -> Document | None:  # fmt: skip
    """Return the document of an included policy, or None and say what is wrong."""
    path = _beside(name, document.name)
    circle = (*around, document.name)
    try:
        text, where = source(path)
        if _same(where, circle):
            chain = " > ".join(Path(part).name for part in (*circle, where))
            problems.append(Problem(keys, f"includes itself: {chain}; take one out", ()))
            return None
        inner = merged(parse(text, where=where), source, around=circle)
    except InputError as error:
        problems.append(Problem(keys, "; ".join(error.problems), ()))
        return None
    for line in inner.document.lines(inner.problems):
        problems.append(Problem((*keys, len(problems)), line, ()))
    return inner.document


def _beside(name: str, including: str) -> str:
    """Return the path of an included file, taken from the folder of the one that includes it."""
    if name.endswith((".yaml", ".yml")) and not Path(name).is_absolute():
        return str(Path(including).parent / name)
    return name


def _same(where: str, circle: tuple[str, ...]) -> bool:
    return Path(where).resolve() in {Path(part).resolve() for part in circle}


def _take(sections: Mapping[str, _Entries], document: Document, *, own: bool) -> None:
    """Add the entries of a document; one of the same name takes the place of an included one."""
    for section, key in SECTIONS.items():
        entries = document.value.get(section)
        kept = sections[section]
        before = len(kept.values) if own else None
        for at, entry in enumerate(entries if isinstance(entries, list) else []):
            name = entry.get(key) if isinstance(entry, dict) else None
            stands = kept.index(key, name)
            replaces = stands if before is None or (stands or 0) < before else None
            kept.add(entry, _places(document, (section, at)), replaces)


def _places(document: Document, head: Keys) -> dict[Keys, str]:
    """Return the places of a value and of everything in it, by path from it."""
    size = len(head)
    return {keys[size:]: place for keys, place in document.places.items() if keys[:size] == head}


def _dropped(rules: _Entries, value: Mapping[str, Any]) -> Iterator[Problem]:
    """Take out the rules that are dropped, and yield those that are not there."""
    names = value.get("drop")
    for place, name in enumerate(names if isinstance(names, list) else []):
        at = rules.index("id", name)
        if at is None:
            yield _unknown(name, ("drop", place), rules)
            continue
        del rules.values[at], rules.places[at]


def _changed(rules: _Entries, document: Document) -> Iterator[Problem]:
    """Change fields of included rules, and yield the rules that are not there."""
    changes = document.value.get("change")
    for name, fields in (changes if isinstance(changes, dict) else {}).items():
        at = rules.index("id", name)
        if at is None:
            yield _unknown(name, ("change", name), rules)
        elif isinstance(fields, dict):
            sides = {"at_most", "at_least"}
            gone = sides - set(fields) if sides & set(fields) else set[str]()
            kept = {key: item for key, item in rules.values[at].items() if key not in gone}
            rules.values[at] = {**kept, **fields}
            rules.places[at] = {**rules.places[at], **_places(document, ("change", name))}


def _unknown(name: object, keys: Keys, rules: _Entries) -> Problem:
    known = [str(rule.get("id")) for rule in rules.values if isinstance(rule, dict)]
    hint = did_you_mean(str(name), known)
    return Problem(keys, f"no included rule has the id '{name}'{hint}", ())


def _useless(value: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the keys that speak of included rules where nothing is included."""
    for key in ("drop", "change"):
        if value.get(key):
            yield Problem((key,), f"{key} speaks of included rules, and nothing is included", ())


def _whole(
    document: Document, sections: Mapping[str, _Entries], inherited: Mapping[str, Any]
) -> Document:
    value = {**inherited, **document.value}
    places = {keys: at for keys, at in document.places.items() if keys[:1] not in _HEADS}
    for section, kept in sections.items():
        own = document.value.get(section)
        if not kept.values and not isinstance(own, list):
            continue
        value[section] = kept.values
        places[section,] = document.place((section,))
        for at, inner in enumerate(kept.places):
            places |= {(section, at, *keys): place for keys, place in inner.items()}
    return replace(document, value=value, places=places)


_HEADS = {(section,) for section in SECTIONS}
