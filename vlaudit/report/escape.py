"""Makes hostile text harmless: names, labels, captions and file names are never markup."""

import re

from markupsafe import Markup

_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
_MARKDOWN = re.compile(r"([\\`*_\[\]{}#|~$!])")
_LIST_MARKER = re.compile(r"^(\d+)([.)])(?=\s|$)")
_PLAIN_CODE = re.compile(r"^[\w.,:;/@+()\[\]= -]+$")


def visible(text: object) -> str:
    """Return `text` without characters that hide or reorder what a reader sees.

    Control characters and bidirectional overrides become U+FFFD; tabs and line ends stay.
    """
    return _HIDDEN.sub("\N{REPLACEMENT CHARACTER}", str(text))


def html(value: object) -> object:
    """Return a value as HTML templates print it; autoescaping does the rest."""
    return value if isinstance(value, Markup) else visible(_present(value))


def md(value: object) -> Markup:
    """Return a value as one line of Markdown text that means nothing but itself."""
    if isinstance(value, Markup):
        return value
    text = " ".join(visible(_present(value)).split())
    text = _MARKDOWN.sub(r"\\\1", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = text.replace("://", "&#58;//").replace("www.", "www&#46;").replace("@", "&#64;")
    text = _LIST_MARKER.sub(r"\1\\\2", text)
    if text[:1] in {"-", "+", "="}:
        text = f"\\{text}"
    return Markup(text)


def paragraphs(value: object) -> Markup:
    """Return a person's words as Markdown paragraphs: blank lines part them, nothing else."""
    parts = re.split(r"\n\s*\n", visible(_present(value)))
    return Markup("\n\n").join(md(part) for part in parts if part.strip())


def code(value: object) -> Markup:
    """Return a value as Markdown code, such as an id or a digest."""
    text = " ".join(visible(_present(value)).split())
    if _PLAIN_CODE.match(text):
        return Markup("`{}`").format(Markup(text))
    return Markup(f"<code>{md(text)}</code>")


def indented(value: object) -> Markup:
    """Return lines as an indented Markdown code block, which no content can close."""
    lines = visible(_present(value)).splitlines()
    return Markup("\n".join(f"    {line}" for line in lines))


def _present(value: object) -> object:
    if value is None:
        raise ValueError("a template printed None, which stands for nothing a reader could use")
    return value
