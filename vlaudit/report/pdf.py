"""The report as a tagged PDF with an outline, printed from the same page as the HTML.

WeasyPrint draws every inline SVG as a document of its own: style sheet and symbols of the page do
not reach into it, so each one is given what it needs.
"""

import logging
import re
from dataclasses import replace

from markupsafe import Markup

from vlaudit.core.errors import MissingExtraError
from vlaudit.report.page import Page
from vlaudit.report.rendering import render_html, source

VARIANT = "pdf/ua-1"
TONES = ("fail", "open", "pass", "word", "waived", "none", "s1", "s2", "s3", "s4", "s5")
DRAWN = re.compile(r"^(\.(?:chart|mark|way|bar|cloud|s\d)\b[^{\n]*) \{ ([^}\n]*) \}$", re.MULTILINE)
SYMBOL = re.compile(r'<symbol id="i-(\w+)" (viewBox="[^"]*")>(.*?)</symbol>')
USE = re.compile(r'<svg class="icon"([^>]*)><use href="#i-(\w+)"/></svg>')
CHART = re.compile(r'(<svg class="(?:chart|icon s\d)[^>]*>)')


def report(page: Page) -> bytes:
    """Return report.pdf; nothing but the page itself is read.

    Raises:
        MissingExtraError: WeasyPrint, or the Pango library that it draws text with, is missing.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:
        raise MissingExtraError(extra="pdf", purpose=f"A PDF report ({error})") from error
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    short = tuple(replace(group, listed=()) for group in page.clues)
    style = source("report.css", page.templates) or ""
    text = render_html(
        "report.html.j2",
        folder=page.templates,
        page=replace(page, clues=short),
        style=Markup(style + (source("pdf.css", page.templates) or "")),
        script=Markup(""),
        security_policy="",
    )
    drawn = HTML(
        string=_self_contained(text, style), url_fetcher=URLFetcher(allowed_protocols={"data"})
    )
    return bytes(drawn.write_pdf(pdf_variant=VARIANT) or b"")


def _self_contained(text: str, style: str) -> str:
    """Return a page whose every SVG holds its own shapes and colours."""
    colours = _colours(style)
    shapes = {
        name: (box, inner.replace("currentColor", colours[name]))
        for name, box, inner in SYMBOL.findall(text)
    }

    def icon(match: re.Match[str]) -> str:
        box, inner = shapes[match[2]]
        return f'<svg class="icon" {box}{match[1]}>{inner}</svg>'

    own = svg_style(style)
    return CHART.sub(lambda match: f"{match[1]}<style>{own}</style>", USE.sub(icon, text))


def svg_style(style: str) -> str:
    """Return the rules of the report's style sheet that draw charts, their colours resolved."""
    colours = _colours(style)
    rules: list[str] = []
    for selector, body in DRAWN.findall(style):
        if "--tone:" in body:
            continue
        plain = body.replace("var(--tone, var(--ink))", colours["ink"]).replace(
            "var(--sans)", "sans-serif"
        )
        rules.append(f"{selector} {{ {_resolved(plain, colours)} }}")
        if "var(--tone" in body:
            for tone in TONES:
                toned = re.sub(r"var\(--tone(?:, var\(--ink\))?\)", colours[tone], body)
                name = selector.removeprefix(".chart ")
                rules.append(f".{tone} {name} {{ {_resolved(toned, colours)} }}")
    return " ".join(rules)


def _colours(style: str) -> dict[str, str]:
    """Return the colours of the light scheme, which stands first."""
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]+);", style.partition("}")[0]))


def _resolved(body: str, colours: dict[str, str]) -> str:
    known = re.sub(r"var\(--([a-z0-9-]+)\)", lambda match: colours.get(match[1], "#000"), body)
    return known.replace("rem ", "em ")
