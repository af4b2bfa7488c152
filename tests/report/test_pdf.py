"""The PDF is tagged, has an outline and every chart, and reads nothing but the page."""

import re
import zlib
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from markupsafe import Markup

from vlaudit.core.errors import MissingExtraError
from vlaudit.report import pdf
from vlaudit.report.page import compose
from vlaudit.report.rendering import source


@pytest.fixture(scope="module")
def weasyprint() -> Any:
    return pytest.importorskip("weasyprint", exc_type=ImportError)


def test_it_is_tagged_with_language_title_and_outline(weasyprint: Any, example: Any) -> None:
    page = compose(example.evidence, example.judgement, example.policy, example.framework)
    raw = pdf.report(page)
    assert raw.startswith(b"%PDF-")
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", raw, flags=re.DOTALL):
        with suppress(zlib.error):
            raw += zlib.decompress(packed)
    for entry in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang", b"/Outlines", b"/Title"):
        assert entry in raw


def test_charts_carry_their_own_colours() -> None:
    style = pdf.svg_style(source("report.css") or "")
    assert "var(" not in style
    assert ".fail .reach { stroke: #a8201a;" in style
    assert ".s2 .way { stroke: #a04c05;" in style


def test_nothing_outside_is_read(weasyprint: Any, example: Any, tmp_path: Any) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    templates = tmp_path / "templates"
    (templates / "html").mkdir(parents=True)
    lines = f'<p id="x">x</p><img alt="x" src="file://{tmp_path}/secret.png">'
    (templates / "html" / "masthead.html.j2").write_text(Markup(lines))
    page = compose(example.evidence, example.judgement, example.policy, example.framework)
    assert b"secret" not in pdf.report(replace(page, templates=str(templates)))


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, example: Any) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "weasyprint", None)
    page = compose(example.evidence, example.judgement, example.policy, example.framework)
    with pytest.raises(MissingExtraError, match=r"pip install 'vlaudit\[pdf\]'"):
        pdf.report(page)
