"""Jinja environments: sandboxed, strict about missing values, safe against hostile text."""

from collections.abc import Callable, Mapping
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel

from vlaudit.core.errors import InputError
from vlaudit.report.amounts import percent, whole
from vlaudit.report.escape import code, html, indented, md, paragraphs
from vlaudit.report.words import counted, sentence, titled

RECORD_METHODS = ("model_", "parse_", "from_orm", "construct", "validate", "update_forward")
_FILTERS: dict[str, Callable[..., object]] = {
    "code": code,
    "counted": counted,
    "indented": indented,
    "md": md,
    "paragraphs": paragraphs,
    "percent": percent,
    "sentence": sentence,
    "titled": titled,
    "whole": whole,
}


def render_html(template: str, *, folder: str = "", **values: object) -> str:
    """Render an HTML template; every printed value is escaped."""
    return _rendered(environment(html, folder), template, values)


def render_markdown(template: str, *, folder: str = "", **values: object) -> str:
    """Render a Markdown template; every printed value becomes one line of plain text."""
    return _rendered(environment(md, folder), template, values)


def source(name: str, folder: str = "") -> str | None:
    """Return the text of a template, or None where there is no template of that name.

    One in `folder` takes the place of the shipped one of the same name.
    """
    if folder:
        own = (Path(folder) / name).resolve()
        if own.is_relative_to(Path(folder).resolve()) and own.is_file():
            return own.read_text(encoding="utf-8")
    place = files("vlaudit.templates").joinpath(name)
    return place.read_text(encoding="utf-8") if place.is_file() else None


class Sandbox(ImmutableSandboxedEnvironment):
    """Lets templates read values and nothing else: no file, no change, no internals."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Refuse the methods of records that read files or make other records."""
        if isinstance(obj, BaseModel) and attr.startswith(RECORD_METHODS):
            return False
        return bool(super().is_safe_attribute(obj, attr, value))


def environment(finalize: Callable[[object], object], folder: str = "") -> Sandbox:
    """Return an environment whose printed values all pass through `finalize` and autoescaping."""
    environment = Sandbox(
        loader=FunctionLoader(partial(source, folder=folder)),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(_FILTERS)
    return environment


def _rendered(environment: Sandbox, template: str, values: Mapping[str, object]) -> str:
    try:
        return environment.get_template(template).render(**values)
    except (TemplateSyntaxError, TemplateNotFound, SecurityError, OverflowError) as error:
        raise InputError(f"template {template} cannot be used: {error}") from error
