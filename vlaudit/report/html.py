"""The report as one HTML file: no request, its own style sheet and script and nothing else."""

import base64
import hashlib

from markupsafe import Markup

from vlaudit.report.page import Page
from vlaudit.report.rendering import render_html, source


def report(page: Page) -> str:
    """Return report.html."""
    style, script = (source(name, page.templates) or "" for name in ("report.css", "report.js"))
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return render_html(
        "report.html.j2",
        folder=page.templates,
        page=page,
        style=Markup(style),
        script=Markup(script),
        security_policy=policy,
    )


def _digest(text: str) -> str:
    """Return what a security policy names an inline style sheet or script by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"
