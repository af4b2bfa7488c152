"""Jinja environments: sandboxed, strict about missing values, safe against hostile text."""

from collections.abc import Callable
from importlib.resources import files

from jinja2 import FunctionLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from vlaudit.report.amounts import percent, whole
from vlaudit.report.escape import code, html, indented, md, paragraphs
from vlaudit.report.words import counted, sentence, titled

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


def render_html(template: str, **values: object) -> str:
    """Render an HTML template; every printed value is escaped."""
    return environment(html).get_template(template).render(**values)


def render_markdown(template: str, **values: object) -> str:
    """Render a Markdown template; every printed value becomes one line of plain text."""
    return environment(md).get_template(template).render(**values)


def source(name: str) -> str | None:
    """Return the text of a template, or None where there is no template of that name."""
    place = files("vlaudit.templates").joinpath(name)
    return place.read_text(encoding="utf-8") if place.is_file() else None


def environment(finalize: Callable[[object], object]) -> SandboxedEnvironment:
    """Return an environment whose printed values all pass through `finalize` and autoescaping."""
    environment = SandboxedEnvironment(
        loader=FunctionLoader(source),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(_FILTERS)
    return environment
