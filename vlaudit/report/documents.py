"""Every document of a run folder, by file name."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from vlaudit.core.audit import Evidence
from vlaudit.core.policy import Framework, Policy
from vlaudit.core.verdict import Judgement
from vlaudit.evidence.files import write_whole
from vlaudit.report import dataset_card, html, markdown, model_card, pdf
from vlaudit.report.page import Page, compose

DOCUMENTS: dict[str, Callable[[Page], str]] = {
    "report.html": html.report,
    "report.md": markdown.report,
    "model_card.md": model_card.card,
    "dataset_card.md": dataset_card.card,
}


@dataclass(frozen=True)
class Printed:
    """What is printed beyond the documents of every run.

    Attributes:
        pdf: whether report.pdf is written too.
        templates: folder whose templates take the place of those of the same name.
    """

    pdf: bool = False
    templates: Path | None = None


def render(
    evidence: Evidence,
    judgement: Judgement,
    policy: Policy,
    framework: Framework,
    *,
    folder: Path,
    printed: Printed | None = None,
) -> list[Path]:
    """Write every document into `folder`, which is made if need be, and return their paths.

    Raises:
        EvidenceError: the folder cannot be written to.
        InputError: a template of the user cannot be used.
        MissingExtraError: a PDF is wanted and WeasyPrint is missing.
    """
    page = compose(evidence, judgement, policy, framework)
    printed = printed or Printed()
    page = replace(page, templates=str(printed.templates or ""))
    documents = {name: print_it(page) for name, print_it in DOCUMENTS.items()}
    whole: dict[str, str | bytes] = {**documents}
    if printed.pdf:
        whole["report.pdf"] = pdf.report(page)
    return [write_whole(folder / name, text) for name, text in whole.items()]


def document(
    name: str,
    evidence: Evidence,
    judgement: Judgement,
    policy: Policy,
    framework: Framework,
) -> str:
    """Return one document, by its file name, as text."""
    return DOCUMENTS[name](compose(evidence, judgement, policy, framework))
