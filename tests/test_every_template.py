"""Every template compiles, is used, and prints nothing that its document does not give it."""

import re
from collections.abc import Callable
from importlib.resources import files
from importlib.resources.abc import Traversable

import pytest
from jinja2 import UndefinedError, meta, nodes
from jinja2.exceptions import SecurityError

from vlaudit.report.escape import html, md
from vlaudit.report.rendering import environment, render_html, render_markdown, source

GIVEN = {
    "report.html.j2": {"page", "style", "script", "security_policy"},
    "report.md.j2": {"page"},
    "model_card.md.j2": {"page", "told", "subject", "target"},
    "dataset_card.md.j2": {"page", "facts", "verdicts", "privacy", "others"},
    "history.html.j2": {"title", "trends", "history", "style", "security_policy"},
    "card_block.md.j2": {"page", "told", "verdicts"},
    "probe_page.md.j2": {"card", "cases", "limits", "raw", "between_kinds"},
    "probe_index.md.j2": {"cards"},
}


def names(folder: Traversable, prefix: str = "") -> list[str]:
    found: list[str] = []
    for item in folder.iterdir():
        if item.is_dir():
            found += names(item, f"{prefix}{item.name}/")
        elif item.name.endswith(".j2"):
            found.append(f"{prefix}{item.name}")
    return sorted(found)


ENVIRONMENT = environment(md)
TEMPLATES = names(files("vlaudit.templates"))


def parsed(name: str) -> nodes.Template:
    return ENVIRONMENT.parse(source(name) or "")


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_uses_what_it_is_given(name: str) -> None:
    free = meta.find_undeclared_variables(parsed(name))
    assert free <= GIVEN.get(name, {"page"})


def test_every_template_is_used() -> None:
    used = set(GIVEN)
    for name in TEMPLATES:
        used |= {other for other in meta.find_referenced_templates(parsed(name)) if other}
    assert used == set(TEMPLATES)


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_turns_escaping_off(name: str) -> None:
    text = source(name) or ""
    assert not re.search(r"\|\s*(safe|e|escape|forceescape)\b|autoescape|style=|javascript:", text)
    assert not list(parsed(name).find_all(nodes.MarkSafe))


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_a_missing_value_is_an_error(name: str) -> None:
    render = render_html if ".html" in name else render_markdown
    with pytest.raises(UndefinedError):
        render(name)


@pytest.mark.parametrize("escape", [html, md])
def test_templates_run_in_a_sandbox(escape: Callable[[object], object]) -> None:
    template = environment(escape).from_string("{{ page.__class__.__mro__ }}")
    with pytest.raises(SecurityError):
        template.render(page="x")
