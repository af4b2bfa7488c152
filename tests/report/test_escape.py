"""Hostile text means nothing but itself."""

import pytest
from markdown_it import MarkdownIt
from markupsafe import Markup

from vlaudit.report.escape import code, html, indented, md, paragraphs, visible

HOSTILE = [
    "<script>alert(1)</script>",
    "a | b || c",
    "`code` ``more``",
    "[link](javascript:alert(1)) ![x](https://example.com/x.png)",
    "# heading",
    "- item",
    "+ item",
    "= underline",
    "1. item",
    "2) item",
    "> quote",
    "**bold** _it_ ~~gone~~",
    "{{ 7*7 }} {% raw %}",
    "=cmd|' /C calc'!A0",
    "&lt;b&gt; &amp;",
    "back\\slash \\| \\`",
    "$$x$$",
    "---",
    "***",
    "line one\n\n# line two\n---\n| a | b |",
    "<!-- comment",
    "https://example.com/ www.example.com",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_text_is_one_paragraph_of_itself(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(str(md(text)))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    inline = tokens[1].children or []
    assert {child.type for child in inline} <= {"text", "text_special"}
    assert "".join(child.content for child in inline) == " ".join(text.split())


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_code_holds_nothing_but_its_text(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(f"| a |\n|---|\n| {code(text)} |")
    rows = [token for token in tokens if token.type == "inline"]
    assert len(rows) == 2
    inline = rows[1].children or []
    assert {child.content for child in inline if child.type == "html_inline"} <= {
        "<code>",
        "</code>",
    }
    shown = "".join(child.content for child in inline if child.type != "html_inline")
    assert shown == " ".join(text.split())


def test_a_plain_id_is_a_code_span() -> None:
    assert code("bias.zero_shot_parity") == "`bias.zero_shot_parity`"


@pytest.mark.parametrize("text", HOSTILE)
def test_paragraphs_hold_nothing_but_paragraphs(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(str(paragraphs(text)))
    assert {token.type for token in tokens} == {"paragraph_open", "inline", "paragraph_close"}


def test_an_indented_block_cannot_be_closed() -> None:
    tokens = MarkdownIt("commonmark").parse(str(indented("a: 1\n```\n# no heading\n---")))
    assert [token.type for token in tokens] == ["code_block"]


def test_what_hides_or_reorders_text_is_shown() -> None:
    assert visible("a\x00b\x1bc\u202egnp.exe") == "a\ufffdb\ufffdc\ufffdgnp.exe"
    assert visible("Zoë 👩‍🚀 العربية\n\tx") == "Zoë 👩‍🚀 العربية\n\tx"


def test_what_is_markup_already_stays() -> None:
    assert md(Markup("<br>")) == "<br>"
    assert html(Markup("<br>")) == "<br>"


@pytest.mark.parametrize("escape", [html, md, code, paragraphs, indented])
def test_nothing_is_never_printed(escape: type) -> None:
    with pytest.raises(ValueError, match="None"):
        escape(None)
