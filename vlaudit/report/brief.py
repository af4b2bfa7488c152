"""A short Markdown summary for pull requests and the summary page of a CI job."""

from vlaudit.core.verdict import Status
from vlaudit.report.escape import code, md
from vlaudit.report.exchange import UNDECIDED, JudgedRun
from vlaudit.report.judged import Judged
from vlaudit.report.words import counted

ATTENTION = frozenset({Status.FAIL, Status.WAIVED}) | UNDECIDED
MARK = {"fail": "❌", "hold": "⚠️", "ignore": "○"}


def export(run: JudgedRun) -> str:
    """Return summary.md: headline, counts, and every rule that did not pass."""
    summary, audit = run.page.summary, run.audit
    counts = ", ".join(f"{number} {label.name.lower()}" for label, number in summary.counts)
    lines = [
        f"## {md(summary.headline)}",
        "",
        str(md(summary.detail)),
        "",
        f"{md(audit.target.name)} on {md(audit.dataset.name)} under policy {md(run.policy.id)}: "
        f"{counts or 'no rules'}. {counted(run.page.found, 'finding')}. "
        f"Run {code(audit.stamp.run)}.",
    ]
    open_ones = [item for item in run.page.verdicts if item.verdict.status in ATTENTION]
    if open_ones:
        head = "| | Rule | Verdict | Measured | Limit | Severity | Blind to |"
        lines += ["", head, "|---|---|---|---|---|---|---|", *(_row(item) for item in open_ones)]
    if run.page.gaps.probes:
        lines += ["", "Probes without an answer:", "", *_unseen(run)]
    return "\n".join(lines) + "\n"


def _row(judged: Judged) -> str:
    measured = judged.reading.sentence if judged.reading else judged.because
    blind = judged.planned.card.blind_to if judged.planned else "unknown"
    must = ", must hold" * judged.verdict.gated
    cells = (
        MARK[judged.verdict.effect],
        md(judged.title),
        md(judged.status.name),
        md(measured),
        md(judged.limit),
        md(judged.severity + must),
        md(blind),
    )
    return f"| {' | '.join(cells)} |"


def _unseen(run: JudgedRun) -> list[str]:
    gaps = run.page.gaps
    kinds = (("broke", gaps.broken), ("not reached", gaps.unreached), ("skipped", gaps.skipped))
    return [
        f"- {code(gap.planned.card.id)} {word}: {md(gap.reason)}"
        for word, items in kinds
        for gap in items
    ]
