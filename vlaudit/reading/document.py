"""YAML text as plain values that remember the line on which each of them stands."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from vlaudit.core.errors import InputError

Keys = tuple[str | int, ...]

MOST_BYTES = 1_000_000
MOST_VALUES = 100_000
DEEPEST = 40

_PREFIX = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class Problem:
    """Something wrong with the value at a path of keys.

    Attributes:
        keys: where it is.
        text: what is wrong and what to do.
        about: keys of the thing to name, where that is not the value itself.
    """

    keys: Keys
    text: str
    about: Keys | None = None


@dataclass(frozen=True)
class Document:
    """Mappings, lists, texts, numbers, booleans and None, and where each of them came from.

    Attributes:
        name: where the whole came from, as people know it.
        value: the values.
        places: path of keys -> place, such as `vlaudit.yaml:12`.
        problems: what is wrong with the YAML itself, such as a key given twice.
        titles: path of keys -> name for people, such as `rule equal_accuracy`.
    """

    name: str
    value: Any
    places: Mapping[Keys, str] = field(default_factory=dict[Keys, str])
    problems: tuple[str, ...] = ()
    titles: Mapping[Keys, str] = field(default_factory=dict[Keys, str])

    def place(self, keys: Keys) -> str:
        """Return the place of the value at `keys`, or of the nearest value around it."""
        for length in range(len(keys), -1, -1):
            if keys[:length] in self.places:
                return self.places[keys[:length]]
        return self.name

    def lines(self, problems: Iterable[Problem]) -> list[str]:
        """Return what is wrong, one line a problem, in the order of the file.

        Of several problems with the same value only the first is said.
        """
        said: dict[Keys, Problem] = {}
        for problem in problems:
            said.setdefault(problem.keys, problem)
        ordered = sorted(said.values(), key=lambda problem: _position(self.place(problem.keys)))
        return [*self.problems, *(self._line(problem) for problem in ordered)]

    def _line(self, problem: Problem) -> str:
        place = self.place(problem.keys)
        about = problem.keys if problem.about is None else problem.about
        for length in range(len(about), 0, -1):
            if about[:length] in self.titles:
                title, rest = self.titles[about[:length]], dotted(about[length:])
                return ": ".join(
                    part for part in (f"{title} ({place})", rest, problem.text) if part
                )
        return ": ".join(part for part in (place, dotted(about), problem.text) if part)


def _position(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return (file, int(line)) if line.isdigit() else (place, 0)


def dotted(keys: Keys) -> str:
    """Write a path of keys as people do: `rules[3].at_most`, counted from one."""
    words = "".join(f"[{key + 1}]" if isinstance(key, int) else f".{key}" for key in keys)
    return words.removeprefix(".")


def read_text(path: Path) -> str:
    """Return the text of a small UTF-8 file.

    Raises:
        InputError: the file is absent, unreadable, too large or not UTF-8.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path}: larger than {MOST_BYTES:,} bytes; is it the right file?")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; check the path") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder; name the YAML file in it") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check its rights") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not UTF-8 text; save the file as UTF-8") from None


def read_document(path: Path) -> Document:
    """Read a YAML file; see `parse`."""
    return parse(read_text(path), where=str(path))


def parse(text: str, *, where: str, top: Literal["mapping", "list"] = "mapping") -> Document:
    """Read one YAML document whose top level is a mapping, or a list where that is asked for.

    Numbers that are not finite stay text, so that no field for numbers takes them.

    Raises:
        InputError: not YAML, not a mapping, or anchors that unfold into too much.
    """
    yaml: Any = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
        reader = _Reader(where, yaml.constructor)
        value = reader.value(node, (), ()) if node is not None else None
    except YAMLError as error:
        raise InputError(_unparsable(error, where)) from None
    except RecursionError:
        raise InputError(f"{where}: nested too deeply; write it flatter") from None
    if node is None or value is None:
        raise InputError(f"{where}: is empty; `vlaudit init` writes a file to start from")
    if not isinstance(value, dict if top == "mapping" else list):
        how = "lines of the form `key: value`" if top == "mapping" else "items that begin with `- `"
        raise InputError(f"{where}: is not a {top}; write {how}")
    return Document(where, value, reader.places, tuple(reader.problems))


class _Reader:
    """Turns nodes into values, and keeps the place of each and every problem on the way."""

    def __init__(self, where: str, constructor: Any) -> None:
        self.where = where
        self.constructor = constructor
        self.places: dict[Keys, str] = {}
        self.problems: list[str] = []
        self.seen = 0

    def value(self, node: Node, keys: Keys, around: tuple[Node, ...]) -> Any:
        self.places.setdefault(keys, self._place(node))
        self.seen += 1
        if self.seen > MOST_VALUES:
            raise InputError(
                f"{self.where}: unfolds into more than {MOST_VALUES:,} values; "
                "write it without anchors"
            )
        if any(node is outer for outer in around) or len(around) > DEEPEST:
            self._problem(node, "contains itself or is nested too deeply; write it flatter")
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, keys, (*around, node))
        if isinstance(node, SequenceNode):
            inner = (*around, node)
            return [self.value(item, (*keys, i), inner) for i, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: MappingNode, keys: Keys, around: tuple[Node, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, item in node.value:
            if not isinstance(key, ScalarNode):
                self._problem(key, "a key must be a word, not a list or mapping")
                continue
            name = str(key.value)
            if name in found:
                first = self.places[*keys, name].rpartition(":")[2]
                self._problem(key, f"key '{name}' is given twice, first in line {first}; keep one")
                continue
            self.places[*keys, name] = self._place(key)
            found[name] = self.value(item, (*keys, name), around)
        return found

    def _scalar(self, node: Any) -> str | int | float | bool | None:
        kind = str(node.tag).removeprefix(_PREFIX)
        if kind in ("null", "bool", "int", "float"):
            return self._plain(node)
        if kind not in ("str", "timestamp", "merge"):
            self._problem(node, f"tag '{node.tag}' is not allowed; write plain values")
        return str(node.value)

    def _plain(self, node: Any) -> str | int | float | bool | None:
        try:
            plain: str | int | float | bool | None = self.constructor.construct_object(node)
        except (ValueError, YAMLError):
            return str(node.value)
        finite = not isinstance(plain, float) or math.isfinite(plain)
        return plain if finite else str(node.value)

    def _place(self, node: Any) -> str:
        return f"{self.where}:{node.start_mark.line + 1}"

    def _problem(self, node: Node, text: str) -> None:
        self.problems.append(f"{self._place(node)}: {text}")


def _unparsable(error: Any, where: str) -> str:
    """Say in plain words what the YAML parser stumbled over."""
    problem = str(getattr(error, "problem", None) or str(error).splitlines()[0])
    unclosed = "end of stream" in problem or "<stream end>" in problem
    marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
    mark = next((one for one in (marks[::-1] if unclosed else marks) if one is not None), None)
    place = f"{where}:{mark.line + 1}" if mark is not None else where
    if unclosed:
        return f"{place}: a quote or bracket that opens here is never closed; close it"
    if "'\\t'" in problem:
        return f"{place}: a tab; YAML is indented with spaces"
    if "another document" in problem:
        return f"{place}: a second document begins with `---`; keep one document a file"
    if "undefined alias" in problem:
        return f"{place}: {problem}; define the anchor above, or quote a text that begins with *"
    if "mapping values are not allowed" in problem:
        return f"{place}: a colon where none may stand; check the indentation or quote the text"
    if "special characters" in problem:
        return f"{place}: a control character; remove it"
    return f"{place}: not YAML: {problem}; quote texts that hold brackets, braces or colons"
