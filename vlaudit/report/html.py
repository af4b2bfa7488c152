"""The report as one HTML file: no script, no request, its own style sheet and nothing else."""

import base64
import hashlib

from markupsafe import Markup

from vlaudit.report.page import Page
from vlaudit.report.rendering import render_html, source


def report(page: Page) -> str:
    """Return report.html."""
    style = source("report.css") or ""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return render_html("report.html.j2", page=page, style=Markup(style), security_policy=policy)
