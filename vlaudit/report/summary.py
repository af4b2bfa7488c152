"""The first page: what was found, what it means and what to do next, in plain words."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from vlaudit.core.policy import Policy
from vlaudit.core.probe import Risk
from vlaudit.core.verdict import Status
from vlaudit.report.gaps import Gaps
from vlaudit.report.judged import Judged
from vlaudit.report.words import REMEDY, STATUS, Label, counted

IDLE = Status.NOT_APPLICABLE
OPEN = frozenset({Status.INCONCLUSIVE, Status.NOT_MEASURED})


@dataclass(frozen=True)
class Step:
    """One thing to do next, and for whom it is: a title and a sentence or two."""

    title: str
    text: str


@dataclass(frozen=True)
class Summary:
    """What a reader without knowledge of machine learning needs to know.

    `unsettled` are the rules that must hold and could not be decided.
    """

    headline: str
    detail: str
    style: str
    counts: tuple[tuple[Label, int], ...]
    failed: tuple[Judged, ...]
    unsettled: tuple[Judged, ...]
    steps: tuple[Step, ...]


def summarise(policy: Policy, verdicts: tuple[Judged, ...], gaps: Gaps) -> Summary:
    """Return the first page under one policy."""
    tally = Counter(item.verdict.status for item in verdicts)
    headline, detail, style = _headline(policy, verdicts)
    return Summary(
        headline=headline,
        detail=detail,
        style=style,
        counts=tuple((label, tally[status]) for status, label in STATUS.items() if tally[status]),
        failed=tuple(item for item in verdicts if item.verdict.status == Status.FAIL),
        unsettled=tuple(
            item for item in verdicts if item.verdict.gated and item.verdict.status in OPEN
        ),
        steps=tuple(_steps(verdicts, gaps)),
    )


def _headline(policy: Policy, verdicts: tuple[Judged, ...]) -> tuple[str, str, str]:
    must = [item for item in verdicts if item.verdict.gated and item.verdict.status != IDLE]
    broken = sum(item.verdict.status == Status.FAIL for item in must)
    unsure = sum(item.verdict.status in OPEN for item in must)
    name, rules = policy.title.rstrip("."), counted(len(must), "rule")
    if not must:
        return (
            f"Nothing is demanded: no rule of the policy “{name}” must hold.",
            "The figures below are for information; nobody has said what would be too much.",
            "none",
        )
    if broken:
        return (
            f"Not ready: {broken} of the {rules} that must hold failed.",
            f"The policy “{name}” says what must hold. For {_these(broken)} the measurements lie "
            "beyond the limit by more than chance explains.",
            "fail",
        )
    if unsure:
        return (
            f"Not decided: {unsure} of the {rules} that must hold could not be settled.",
            f"No rule of the policy “{name}” that must hold failed, but not failing is not "
            "passing: for these the evidence is missing or too thin.",
            "open",
        )
    return (
        f"Nothing stands against it: all {rules} that must hold do.",
        f"Each rule of the policy “{name}” that must hold passed, or a named person answers for "
        "it. That is no proof of safety: see what was not measured.",
        "pass",
    )


def _these(number: int) -> str:
    return "this one" if number == 1 else "these"


def _steps(verdicts: tuple[Judged, ...], gaps: Gaps) -> Iterator[Step]:
    for risk, items in _failed_by_risk(verdicts).items():
        rules = ", ".join(f"“{item.title}”" for item in items)
        yield Step(f"Act on {rules}", REMEDY[risk])
    if gaps.broken:
        names = ", ".join(gap.planned.card.id for gap in gaps.broken)
        yield Step(
            f"Repair and resume {counted(len(gaps.broken), 'broken probe')}",
            f"{names} stopped with an error, so nothing is known about what it asks. "
            "The error stands under what was not measured.",
        )
    if gaps.unreached:
        yield Step(
            "Finish the run",
            f"{counted(len(gaps.unreached), 'probe')} had no turn before the run ended; "
            "resume it to measure the rest.",
        )
    if gaps.undecided:
        rules = ", ".join(f"“{item.title}”" for item in gaps.undecided)
        yield Step(
            "Gather more evidence",
            f"{rules}: the interval reaches to both sides of the limit, or rests on too few "
            "samples. More pictures narrow it.",
        )
    if gaps.unmeasured:
        yield Step(
            f"Decide about {counted(len(gaps.unmeasured), 'rule')} without evidence",
            "Give the audit what the probes need (see what was not measured), or have a named "
            "person waive the rule for a reason and until a day.",
        )
    if gaps.unread:
        yield Step(
            f"Repair or remove {counted(gaps.unread, 'unreadable row')}",
            "They were set aside and took no part in any figure.",
        )
    yield Step(
        "Read what was not measured",
        "Every probe has a blind spot, and a risk that no probe looked at may still be there.",
    )


def _failed_by_risk(verdicts: tuple[Judged, ...]) -> dict[Risk, list[Judged]]:
    found: dict[Risk, list[Judged]] = {}
    for item in verdicts:
        if item.verdict.status == Status.FAIL and item.planned is not None:
            found.setdefault(item.planned.card.risk, []).append(item)
    return found
