"""Values held against a record's fields, with every problem said in words for people."""

import json
from collections.abc import Callable, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from vlaudit.core.errors import InputError
from vlaudit.reading.document import Document, Keys, Problem
from vlaudit.reading.suggest import did_you_mean, nearest

M = TypeVar("M", bound=BaseModel)

_KINDS = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "tuple": "a list, such as [a, b]",
    "list": "a list, such as [a, b]",
    "dict": "a mapping of `key: value` lines",
    "model": "a mapping of `key: value` lines",
    "date": "a date such as 2027-06-30",
}


def read_record(document: Document, model: type[M]) -> M:
    """Return the record that a document describes.

    Values are taken as JSON takes them: text is never read as a number, nor true as 1.

    Raises:
        InputError: the values do not fit the record; lists every problem found.
    """
    record, problems = check_record(document, model)
    if record is None:
        raise InputError(document.lines(problems))
    return record


def check_record(document: Document, model: type[M]) -> tuple[M | None, list[Problem]]:
    """Return the record, or None and every reason why the document does not describe one."""
    try:
        record = model.model_validate_json(json.dumps(document.value), strict=True)
    except ValidationError as error:
        return None, _problems(error, document.value, model)
    return (None if document.problems else record), []


def fits(value: object, annotation: Any) -> bool:
    """Tell whether a plain value is acceptable as `annotation`, read strictly as JSON."""
    try:
        TypeAdapter[Any](annotation).validate_json(json.dumps(value), strict=True)
    except ValidationError:
        return False
    return True


def annotation_at(annotation: Any, keys: Keys) -> Any:
    """Return the type of the value at `keys` within `annotation`, or None where there is none."""
    for key in keys:
        annotation = _inside(annotation, key)
    return annotation


def _inside(annotation: Any, key: str | int) -> Any:
    for option in _options(annotation):
        if isinstance(option, type) and issubclass(option, BaseModel):
            if key in option.model_fields:
                return option.model_fields[str(key)].annotation
            continue
        arguments = get_args(option)
        origin = get_origin(option)
        if isinstance(key, int) and origin in (tuple, list):
            repeated = origin is list or (len(arguments) == 2 and arguments[1] is Ellipsis)
            return arguments[0 if repeated else min(key, len(arguments) - 1)]
        if isinstance(key, str) and origin is dict:
            return arguments[1]
    return None


def _records(annotation: Any) -> list[type[BaseModel]]:
    """Return the records among the members of a type."""
    options = _options(annotation)
    return [one for one in options if isinstance(one, type) and issubclass(one, BaseModel)]


def _meaning(keys: Keys, model: type[BaseModel]) -> str | None:
    """Return what the docstring of the field at `keys` says."""
    for record in _records(annotation_at(model, keys[:-1])):
        if keys[-1] in record.model_fields:
            return record.model_fields[str(keys[-1])].description
    return None


def _options(annotation: Any) -> list[Any]:
    """Return the members of a union, or the type alone; without `Annotated`."""
    if get_origin(annotation) is Annotated:
        return _options(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [option for part in get_args(annotation) for option in _options(part)]
    return [annotation]


def _problems(error: ValidationError, value: Any, model: type[BaseModel]) -> list[Problem]:
    missing: dict[Keys, list[str]] = {}
    unknown: list[Keys] = []
    wrong: dict[Keys, list[Any]] = {}
    for found in error.errors(include_url=False):
        keys: Keys = found["loc"]
        if found["type"] == "missing":
            missing.setdefault(keys[:-1], []).append(str(keys[-1]))
        elif found["type"] == "extra_forbidden":
            unknown.append(keys)
        elif found["type"] != "too_short" or not found["input"]:
            wrong.setdefault(_present(keys, value), []).append(found)
    return [
        *[_unknown(keys, model, missing.get(keys[:-1], [])) for keys in unknown],
        *[
            Problem((*around, name), f"missing key '{name}'; add `{name}: ...`", around)
            for around, names in missing.items()
            for name in names
        ],
        *[Problem(keys, _wrong(keys, found, model)) for keys, found in wrong.items()],
    ]


def _present(keys: Keys, value: Any) -> Keys:
    """Cut off what pydantic adds to a path, such as the name of a union's member."""
    path: list[str | int] = []
    for key in keys:
        if isinstance(value, dict) and key in value:
            value = value[str(key)]
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            break
        path.append(key)
    return tuple(path)


def _unknown(keys: Keys, model: type[BaseModel], missing: list[str]) -> Problem:
    """Say that a key is unknown; a missing key that it stands for is then not said again."""
    around, word = keys[:-1], str(keys[-1])
    meant = nearest(word, missing)
    if meant is not None:
        missing.remove(meant)
        return Problem(keys, f"unknown key '{word}'; did you mean '{meant}'?", around)
    known = [
        name for record in _records(annotation_at(model, around)) for name in record.model_fields
    ]
    return Problem(keys, f"unknown key '{word}'{did_you_mean(word, known)}", around)


def _wrong(keys: Keys, found: Sequence[Any], model: type[BaseModel]) -> str:
    """Say what one value should have been; several errors are the members of a union."""
    if found[0]["type"] == "string_pattern_mismatch":
        form = _meaning(keys, model) or found[0]["ctx"]["pattern"]
        return f"{_shown(found[0]['input'])} has the wrong form; it is: {form.rstrip('.')}"
    if len(found) == 1 and found[0]["type"] in _WORDS:
        return _WORDS[found[0]["type"]](found[0])
    if any(len(one["loc"]) > len(keys) + 1 for one in found):
        return "the list mixes kinds; write texts only or numbers only"
    kinds = dict.fromkeys(_KINDS.get(str(one["type"]).partition("_")[0], "") for one in found)
    if "" in kinds:
        return _plain(found[0])
    return f"expected {_either(list(kinds))}, not {_shown(found[0]['input'])}"


def _either(words: Sequence[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value, ensure_ascii=False)
    if value is None:
        return "nothing"
    return text if len(text) <= 40 else f'{text[:36]}..."'


def _plain(error: Mapping[str, Any]) -> str:
    words = str(error["msg"]).removeprefix("Value error, ")
    return f"{words[:1].lower()}{words[1:].rstrip('.')}; it is {_shown(error['input'])}"


def _bound(words: str, name: str) -> Callable[[Mapping[str, Any]], str]:
    def say(error: Mapping[str, Any]) -> str:
        return f"must be {words} {error['ctx'][name]:g}, not {_shown(error['input'])}"

    return say


def _choice(error: Mapping[str, Any]) -> str:
    choices = str(error["ctx"]["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
    meant = nearest(error["input"], choices) if isinstance(error["input"], str) else None
    hint = f"did you mean '{meant}'?" if meant else f"choose from {', '.join(choices)}"
    return f"{_shown(error['input'])} is not one of the choices; {hint}"


def _own(error: Mapping[str, Any]) -> str:
    return str(error["msg"]).removeprefix("Value error, ").rstrip(".")


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "literal_error": _choice,
    "enum": _choice,
    "value_error": _own,
    "greater_than": _bound("more than", "gt"),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than": _bound("less than", "lt"),
    "less_than_equal": _bound("at most", "le"),
    "too_short": lambda _: "is empty; name at least one",
}
