"""The verdicts as a terminal shows them."""

from typing import TYPE_CHECKING

from vlaudit.core.audit import Evidence
from vlaudit.core.outcome import Broken, Skipped
from vlaudit.core.policy import Framework, Policy
from vlaudit.core.verdict import Judgement, Status, Verdict
from vlaudit.report.amounts import amount, exact, span, whole
from vlaudit.report.escape import visible
from vlaudit.report.judged import URGENCY
from vlaudit.report.page import compose
from vlaudit.report.readings import slice_name
from vlaudit.report.words import SEVERITY, STATUS, WORST_FIRST

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

COLOURS = {
    "fail": "bold red",
    "open": "yellow",
    "pass": "green",
    "word": "blue",
    "waived": "magenta",
    "none": "dim",
}
MARKS = {"fail": "✗", "open": "?", "pass": "✓", "word": "✓", "waived": "-", "none": "○"}


def summary_table(evidence: Evidence, judgement: Judgement) -> "Table":
    """Return verdicts, worst first, and the probes that gave no answer, as a table."""
    from rich.table import Table

    table = Table(
        title=_text(f"{evidence.audit.target.name} under policy {judgement.policy}"),
        title_justify="left",
        caption=_text(tally(judgement)),
        caption_justify="left",
        box=None,
        pad_edge=False,
    )
    for heading in ("verdict", "rule", "measured", "allowed", "samples", "severity"):
        table.add_column(heading, header_style="dim", overflow="fold")
    for verdict in sorted(judgement.verdicts, key=_rank):
        label, unit = STATUS[verdict.status], _unit(verdict, evidence)
        table.add_row(
            _text(f"{MARKS[label.style]} {label.name.lower()}", COLOURS[label.style]),
            _text(verdict.rule),
            _text(_measured(verdict, unit)),
            _text(_allowed(verdict, unit)),
            _text(whole(verdict.measurement.samples) if verdict.measurement else "none"),
            _text(SEVERITY[verdict.severity].lower() + (", must hold" * verdict.gated)),
        )
    table.add_section()
    for probe, outcome in evidence.audit.outcomes.items():
        match outcome:
            case Broken(error=error):
                table.add_row(_text("✗ broken", COLOURS["fail"]), _text(probe), _text(error))
            case Skipped(reason=reason):
                table.add_row(_text("○ skipped", COLOURS["none"]), _text(probe), _text(reason))
            case _:
                pass
    return table


def summary_lines(
    evidence: Evidence, judgement: Judgement, policy: Policy, framework: Framework
) -> list[str]:
    """Return the first page in a few lines of plain text."""
    page = compose(evidence, judgement, policy, framework)
    steps = (f"- {step.title}: {step.text}" for step in page.summary.steps)
    lines = [page.summary.headline, page.summary.detail, tally(judgement), *steps]
    return [visible(line) for line in lines]


def tally(judgement: Judgement) -> str:
    """Count the verdicts by status."""
    numbers = (
        (label.name.lower(), sum(item.status == status for item in judgement.verdicts))
        for status, label in STATUS.items()
    )
    return ", ".join(f"{number} {name}" for name, number in numbers if number) or "no rules"


def _rank(verdict: Verdict) -> tuple[bool, int, int]:
    answered = verdict.status not in {Status.FAIL, Status.INCONCLUSIVE, Status.NOT_MEASURED}
    return answered, URGENCY.index(verdict.status), WORST_FIRST.index(verdict.severity)


def _unit(verdict: Verdict, evidence: Evidence) -> str:
    probe, _, name = verdict.metric.rpartition(".")
    units = (
        planned.card.metrics[name].unit
        for planned in evidence.audit.plan
        if planned.card.id == probe and name in planned.card.metrics
    )
    return next(units, "")


def _allowed(verdict: Verdict, unit: str) -> str:
    side, _, number = verdict.limit.rpartition(" ")
    return f"{side} {exact(float(number), unit)}"


def _measured(verdict: Verdict, unit: str) -> str:
    item = verdict.measurement
    if item is None:
        return verdict.because
    value = f"{amount(item.value, unit)} ({span(item.interval.low, item.interval.high, unit)})"
    return f"{value}, {slice_name(item)}" if item.slice else value


def _text(words: str, style: str = "") -> "Text":
    from rich.text import Text

    return Text(visible(words), style=style)
