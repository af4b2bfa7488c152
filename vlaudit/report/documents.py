"""Every document of a run folder, by file name."""

from collections.abc import Callable
from pathlib import Path

from vlaudit.core.audit import Evidence
from vlaudit.core.policy import Framework, Policy
from vlaudit.core.verdict import Judgement
from vlaudit.evidence.files import write_whole
from vlaudit.report import dataset_card, html, markdown, model_card
from vlaudit.report.page import Page, compose

DOCUMENTS: dict[str, Callable[[Page], str]] = {
    "report.html": html.report,
    "report.md": markdown.report,
    "model_card.md": model_card.card,
    "dataset_card.md": dataset_card.card,
}


def render(
    evidence: Evidence,
    judgement: Judgement,
    policy: Policy,
    framework: Framework,
    *,
    folder: Path,
) -> list[Path]:
    """Write every document into `folder`, which is made if need be, and return their paths.

    Raises:
        EvidenceError: the folder cannot be written to.
    """
    page = compose(evidence, judgement, policy, framework)
    return [write_whole(folder / name, document(page)) for name, document in DOCUMENTS.items()]


def document(
    name: str,
    evidence: Evidence,
    judgement: Judgement,
    policy: Policy,
    framework: Framework,
) -> str:
    """Return one document, by its file name, as text."""
    return DOCUMENTS[name](compose(evidence, judgement, policy, framework))
