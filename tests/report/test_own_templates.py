"""A folder of templates takes the place of shipped ones; what they may do is bounded."""

from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from vlaudit.core.errors import InputError
from vlaudit.report import Printed, render


def printed(example: Any, tmp_path: Path, **templates: str) -> dict[str, str]:
    folder = tmp_path / "templates"
    folder.mkdir(exist_ok=True)
    for name, text in templates.items():
        (folder / name.replace("__", ".")).write_text(text)
    parts = (example.evidence, example.judgement, example.policy, example.framework)
    paths = render(*parts, folder=tmp_path / "out", printed=Printed(templates=folder))
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def test_a_template_of_ones_own_is_used_and_others_stay(example: Any, tmp_path: Path) -> None:
    own = {"report.md.j2": "Ours: {{ page.summary.headline }}", "report.css": ":root{--x: 1}"}
    texts = printed(example, tmp_path, **own)
    assert texts["report.md"].startswith("Ours: Not ready")
    assert "<style>:root{--x: 1}</style>" in texts["report.html"]
    assert texts["model_card.md"].startswith("---\n")


def test_values_are_escaped_in_them_too(example: Any, tmp_path: Path) -> None:
    hostile = example.policy.model_copy(update={"title": "<script>alert(1)</script>"})
    changed = type(example)(example.evidence, example.judgement, hostile, example.framework)
    texts = printed(changed, tmp_path, **{"report.html.j2": "{{ page.policy.title }}"})
    assert texts["report.html"] == "&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.mark.parametrize(
    "text",
    [
        "{{ page.__class__.__mro__ }}",
        "{{ page.audit.parse_file('/etc/passwd') }}",
        "{{ page.audit.model_validate({}) }}",
        "{{ ''.__class__ }}",
        "{{ page.summarise.__globals__ }}",
        "{% include '../../secret' %}",
        "{% for x in range(10000000000) %}{% endfor %}",
        "{% broken",
    ],
)
def test_what_a_template_must_not_do_is_refused(example: Any, tmp_path: Path, text: str) -> None:
    (tmp_path / "secret").write_text("secret")
    with pytest.raises((InputError, UndefinedError)):
        printed(example, tmp_path, **{"report.md.j2": text})
