"""Verdicts and changes as workflow commands, which GitHub shows as annotations of a job."""

from collections.abc import Iterator

from vlaudit.compare import Comparison, Outcome
from vlaudit.core.policy import Reaction
from vlaudit.core.verdict import Status
from vlaudit.report.escape import visible
from vlaudit.report.exchange import UNDECIDED, JudgedRun
from vlaudit.report.judged import Judged

LEVEL: dict[Reaction, str] = {"fail": "error", "hold": "warning", "ignore": "notice"}
TOLD = frozenset({Status.FAIL}) | UNDECIDED


def annotations(run: JudgedRun) -> Iterator[str]:
    """Yield one command a rule that failed or could not be decided, the gravest first."""
    for item in run.page.verdicts:
        if item.verdict.status in TOLD and (
            item.verdict.gated or item.verdict.status is Status.FAIL
        ):
            yield command(
                LEVEL[item.verdict.effect], f"{item.status.name}: {item.title}", _said(item)
            )


def changes(found: Comparison) -> Iterator[str]:
    """Yield one command a metric or slice that became worse."""
    for item in found.changes:
        if item.outcome is Outcome.WORSE:
            low, high = item.change.low, item.change.high
            said = f"{item.before:.4g} before, {item.after:.4g} now ({low:+.4g} to {high:+.4g})"
            yield command("error", f"Worse: {item.name}", said)


def command(level: str, title: str, message: str) -> str:
    """Return a workflow command; whatever the words hold, they cannot begin another one."""
    name = _escaped(title).replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={name}::{_escaped(message)}"


def _said(item: Judged) -> str:
    measured = item.reading.sentence if item.reading else item.because
    blind = f" Blind to: {item.planned.card.blind_to}" if item.planned else ""
    return f"{measured}; {item.limit} is allowed.{blind}"


def _escaped(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
