"""Values from the command line and the environment, laid over those of a file."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from vlaudit.core.errors import InputError
from vlaudit.reading.document import Document, Keys, parse
from vlaudit.reading.record import annotation_at, fits

Value = str | int | float | bool | Sequence[str] | None

PREFIX = "VLAUDIT_"


@dataclass(frozen=True)
class Override:
    """One value that replaces that of the file, and where it came from."""

    keys: Keys
    value: Any
    place: str


def from_flags(flags: Mapping[str, Value], model: type[BaseModel]) -> list[Override]:
    """Return the overrides of dotted keys such as `target.model`."""
    found: list[Override] = []
    for name, value in flags.items():
        keys = _keys(name.split("."), model)
        found.append(Override(keys, _value(value, keys, model), f"command line ({name})"))
    return found


def from_environment(environ: Mapping[str, str], model: type[BaseModel]) -> list[Override]:
    """Return the overrides of variables such as `VLAUDIT_TARGET__MODEL`.

    Two underscores stand for the dot between keys; letters count as small.
    """
    found: list[Override] = []
    for name in sorted(name for name in environ if name.startswith(PREFIX)):
        keys = _keys(name.removeprefix(PREFIX).lower().split("__"), model)
        found.append(Override(keys, _value(environ[name], keys, model), f"environment ({name})"))
    return found


def overlay(document: Document, overrides: Sequence[Override]) -> Document:
    """Return the document with each override in place of what was there; later ones win."""
    value = deepcopy(document.value)
    places = dict(document.places)
    for override in overrides:
        *around, last = override.keys
        inner = value
        for key in around:
            if not isinstance(inner.get(key), dict):
                inner[key] = {}
            inner = inner[key]
        inner[last] = override.value
        inside = len(override.keys)
        places = {keys: at for keys, at in places.items() if keys[:inside] != override.keys}
        places[override.keys] = override.place
    return replace(document, value=value, places=places)


def _keys(words: Sequence[str], model: type[BaseModel]) -> Keys:
    """Return the path of keys; in a mapping of mappings all words but the last are one key.

    So `probes.settings.bias.zero_shot_parity.prompt` sets `prompt` of `bias.zero_shot_parity`.
    """
    for length in range(1, len(words) - 1):
        annotation = annotation_at(model, tuple(words[:length]))
        if get_origin(annotation) is dict and get_origin(get_args(annotation)[1]) is dict:
            return (*words[:length], ".".join(words[length:-1]), words[-1])
    return tuple(words)


def _value(value: Value, keys: Keys, model: type[BaseModel]) -> Any:
    """Return what a text stands for where it is put: read as YAML, as itself or as a list."""
    if not isinstance(value, str):
        return list(value) if isinstance(value, Sequence) else value
    annotation = annotation_at(model, keys)
    try:
        read = parse(f"value: {value}", where="").value["value"]
    except InputError:
        read = value
    for candidate in (read, value, [part.strip() for part in value.split(",")]):
        if annotation is not None and fits(candidate, annotation):
            return candidate
    return read
