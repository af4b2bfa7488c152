"""Finds code that a loader may run beside the weights: files, names of classes, templates."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

RUNNABLE = {
    ".py": "Python source", ".pyc": "compiled Python", ".so": "a binary library",
    ".dll": "a binary library", ".dylib": "a binary library", ".pyd": "a binary library",
    ".sh": "a shell script", ".exe": "a program", ".bat": "a shell script",
}  # fmt: skip
TEMPLATES = (".jinja", ".j2", ".jinja2")
_TEMPLATE_KEYS = ("chat_template", "template")
# Ways out of a template: attributes of Python objects that no template for prompts needs.
_ESCAPE = re.compile(
    r"__\w+__|\b(?:mro|subclasses|globals|builtins|getattr|popen|eval|exec|os\.system|import_module)\b"
    r"|\|\s*attr\s*\(|\\x5f|\\u005f"
)


@dataclass(frozen=True)
class Code:
    """Something that runs, or names what is to be run.

    Attributes:
        what: what it is, in words.
        where: place within the file, such as a key; empty for the file itself.
        hostile: whether it looks like an attack, and not merely like code.
    """

    what: str
    where: str = ""
    hostile: bool = False


def code_in(name: str, content: bytes) -> Iterator[Code]:
    """Yield the code that a small file of text is, or that it asks a loader to fetch and run."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in RUNNABLE:
        yield Code(RUNNABLE[suffix])
    elif suffix in TEMPLATES:
        yield from _template(content.decode("utf-8", "replace"), "")
    elif suffix == ".json":
        try:
            yield from _in_json(json.loads(content), "")
        except (ValueError, RecursionError):
            return


def _in_json(node: Any, path: str) -> Iterator[Code]:
    if isinstance(node, list):
        for index, inner in enumerate(node):
            yield from _in_json(inner, f"{path}[{index}]")
    if not isinstance(node, dict):
        return
    for key, inner in node.items():
        here = f"{path}.{key}".lstrip(".")
        if key == "auto_map" and inner:
            named = inner.values() if isinstance(inner, dict) else [inner]
            yield from (Code(_mapped(str(one)), here) for one in named if one)
        elif key == "class_name" and inner == "Lambda":
            yield Code("a Keras layer that holds code", here)
        elif key in _TEMPLATE_KEYS and isinstance(inner, str):
            yield from _template(inner, here)
        else:
            yield from _in_json(inner, here)


def _mapped(named: str) -> str:
    repository, _, inner = named.rpartition("--")
    if repository:
        return f"a class {inner} of another repository, {repository}"
    return f"a class {inner} of a Python file beside it"


def _template(text: str, where: str) -> Iterator[Code]:
    for expression in re.findall(r"\{[{%].*?[}%]\}", text, re.DOTALL):
        if found := _ESCAPE.search(expression):
            yield Code(f"a template that reaches for {found[0]!r}", where, hostile=True)
            return
