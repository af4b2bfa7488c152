"""Policies, read with every name in them resolved: nothing unknown may pass for checked."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from vlaudit.core.errors import InputError, PolicyError
from vlaudit.core.policy import Framework, Policy
from vlaudit.core.probe import Card
from vlaudit.reading.catalogue import covering_problems
from vlaudit.reading.document import Document, Keys, Problem, parse, read_text
from vlaudit.reading.framework import framework_ids, read_framework
from vlaudit.reading.inclusion import merged
from vlaudit.reading.record import check_record
from vlaudit.reading.rule import rule_problems
from vlaudit.reading.suggest import did_you_mean


def policy_names() -> list[str]:
    """Return the names of the shipped policies."""
    items = files("vlaudit.policies").iterdir()
    return sorted(item.name.removesuffix(".yaml") for item in items if item.name.endswith(".yaml"))


def read_policy(name_or_path: str, *, cards: Mapping[str, Card]) -> Policy:
    """Return a policy whose every probe, metric, control, setting and limit makes sense.

    Args:
        name_or_path: name of a shipped policy, or the path of a YAML file.
        cards: the installed probes.

    Raises:
        PolicyError: there is no such policy, or it cannot be used; lists every problem found
            with its file and line.
    """
    try:
        text, where = _source(name_or_path)
        whole = merged(parse(text, where=where), _source)
        document = _titled(whole.document)
    except InputError as error:
        raise PolicyError(error.problems) from None
    policy, problems = check_record(document, Policy)
    problems = [*whole.problems, *_problems(document.value, cards), *problems]
    problems += evidence_problems(document.value, Path(where).parent)
    if policy is None or problems:
        raise PolicyError(document.lines(problems))
    return policy


def notices(policy: Policy, cards: Mapping[str, Card], *, today: date) -> list[str]:
    """Return what is allowed but worth knowing: what has expired, and what cannot pass."""
    waived = [w for w in policy.waivers if w.expires < today]
    attested = [a for a in policy.attestations if a.until < today]
    idle = not any(rule.severity in policy.gate for rule in policy.rules)
    sharp = [rule for rule in policy.rules if _cannot_pass(cards, rule.metric, rule.limit)]
    return [
        *(f"waiver of rule {w.rule} expired on {w.expires} and does not count" for w in waived),
        *(f"attestation of {a.control} expired on {a.until}; ask its owner" for a in attested),
        *(f"rule {r.id} can fail but never pass: no interval ends at {r.limit:g}" for r in sharp),
        *(["no rule has a severity of the gate; the exit code is always 0"] if idle else []),
    ]


def _cannot_pass(cards: Mapping[str, Card], metric: str, limit: float) -> bool:
    """Tell whether the limit is the best value that the metric can take."""
    probe, _, name = metric.rpartition(".")
    declared = cards[probe].metrics[name]
    low, high = declared.range
    return limit == (low if declared.better == "lower" else high)


def _source(name_or_path: str) -> tuple[str, str]:
    """Return the text of a policy and where it stands."""
    if name_or_path.endswith((".yaml", ".yml")) or Path(name_or_path).name != name_or_path:
        return read_text(Path(name_or_path)), name_or_path
    known = policy_names()
    if name_or_path not in known:
        hint = did_you_mean(name_or_path, known)
        raise PolicyError(f"no shipped policy '{name_or_path}' (a file is named *.yaml){hint}")
    file = f"{name_or_path}.yaml"
    return (files("vlaudit.policies") / file).read_text(encoding="utf-8"), f"policies/{file}"


def evidence_problems(value: Mapping[str, Any], folder: Path) -> Iterator[Problem]:
    """Yield the attestations whose evidence is not the file that they name by its digest."""
    for place, entry in _entries(value, "attestations"):
        digest, name = entry.get("digest"), entry.get("evidence")
        if not isinstance(digest, str) or not isinstance(name, str):
            continue
        file, keys = folder / name, ("attestations", place, "digest")
        if not file.is_file():
            yield Problem(keys, f"no file {name} beside the policy to hold against the digest")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            yield Problem(keys, f"{name} has changed: its digest is another; ask for a new word")


def _titled(document: Document) -> Document:
    """Return the document with rules, waivers and attestations called by their names."""
    titles: dict[Keys, str] = {}
    for section, key, word in (
        ("rules", "id", "rule"),
        ("waivers", "rule", "waiver of"),
        ("attestations", "control", "attestation of"),
        ("missing", "id", "missing control"),
    ):
        for place, entry in _entries(document.value, section):
            if isinstance(entry.get(key), str):
                titles[section, place] = f"{word} {entry[key]}"
    return replace(document, titles=titles)


def _entries(value: Any, section: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield position and content of the mappings in a list, whatever else is in it."""
    entries = value.get(section)
    for place, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, dict):
            yield place, entry


def _problems(value: Mapping[str, Any], cards: Mapping[str, Card]) -> Iterator[Problem]:
    """Yield what is wrong with the names in a policy, even where its form is wrong as well."""
    framework, problem = _framework(value.get("framework"))
    if problem is not None:
        yield problem
    if value.get("rules") == [] or "rules" not in value:
        keys: Keys = ("rules",) if "rules" in value else ()
        yield Problem(keys, "has no rules, so it would pass anything; add one", ())
    controls = [control.id for control in framework.controls] if framework else None
    for place, rule in _entries(value, "rules"):
        yield from rule_problems(rule, ("rules", place), cards)
        yield from _control_problems(rule.get("controls"), ("rules", place, "controls"), controls)
    yield from _repeated(value, "rules", "id")
    yield from _repeated(value, "waivers", "rule")
    yield from _repeated(value, "attestations", "control")
    yield from _repeated(value, "missing", "id")
    yield from covering_problems(value)
    rules = [str(rule.get("id")) for _, rule in _entries(value, "rules")]
    for place, waiver in _entries(value, "waivers"):
        name = waiver.get("rule")
        if isinstance(name, str) and name not in rules:
            text = f"no rule has the id '{name}'{did_you_mean(name, rules)}"
            yield Problem(("waivers", place, "rule"), text, ("waivers", place))
    for place, attestation in _entries(value, "attestations"):
        keys = ("attestations", place, "control")
        yield from _control_problems([attestation.get("control")], keys, controls)


def _framework(name: object) -> tuple[Framework | None, Problem | None]:
    if not isinstance(name, str):
        return None, None
    known = framework_ids()
    if name not in known:
        text = f"no framework '{name}'{did_you_mean(name, known)}"
        return None, Problem(("framework",), text, ())
    return read_framework(name), None


def _control_problems(
    names: object, keys: Keys, controls: Sequence[str] | None
) -> Iterator[Problem]:
    if controls is None or not isinstance(names, list):
        return
    for place, name in enumerate(names):
        where = (*keys, place) if keys[-1] == "controls" else keys
        if isinstance(name, str) and name not in controls:
            text = f"the framework has no control '{name}'{did_you_mean(name, controls)}"
            yield Problem(where, text, keys[:2])
        elif name in names[:place]:
            yield Problem(where, f"control '{name}' is named twice; keep one", keys[:2])


def _repeated(value: Mapping[str, Any], section: str, key: str) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for place, entry in _entries(value, section):
        name = entry.get(key)
        if isinstance(name, str) and name in first:
            text = f"{key} '{name}' is taken by {section}[{first[name] + 1}]; keep one"
            yield Problem((section, place, key), text, (section, place))
        elif isinstance(name, str):
            first[name] = place
