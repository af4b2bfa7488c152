"""The report in GitHub flavoured Markdown, with the contents of the HTML one."""

from vlaudit.report.page import Page
from vlaudit.report.rendering import render_markdown


def report(page: Page) -> str:
    """Return report.md."""
    return render_markdown("report.md.j2", folder=page.templates, page=page)
