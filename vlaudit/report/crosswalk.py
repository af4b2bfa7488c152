"""The same evidence, read by the ids of other frameworks, and what chance did to the verdicts."""

from dataclasses import dataclass

from vlaudit.core.catalogue import CrosswalkFramework
from vlaudit.core.policy import Policy
from vlaudit.core.verdict import Family, Judgement
from vlaudit.judge.crosswalk import read_by
from vlaudit.reading.catalogue import read_catalogue, read_crosswalk
from vlaudit.report.words import CONTROL, Label, counted


@dataclass(frozen=True)
class Line:
    """One id of another framework, with the rules that bear on it."""

    id: str
    summary: str
    status: Label
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Other:
    """Another framework: the ids that a rule bears on, and how many others there are."""

    framework: CrosswalkFramework
    lines: tuple[Line, ...]
    silent: int


def others(policy: Policy, judgement: Judgement) -> tuple[Other, ...]:
    """Return the reading of the verdicts by every framework that any rule bears on."""
    if not any(rule.covers for rule in policy.rules):
        return ()
    catalogue = read_catalogue()
    found: list[Other] = []
    for framework in read_crosswalk().frameworks:
        entries = read_by(framework, policy, judgement, catalogue)
        lines = tuple(
            Line(entry.item.id, entry.item.summary, CONTROL[entry.status], entry.rules)
            for entry in entries
            if entry.rules
        )
        if lines:
            found.append(Other(framework, lines, len(entries) - len(lines)))
    return tuple(found)


def by_chance(family: Family | None) -> str:
    """Say how many rules would fail by chance alone."""
    if family is None:
        return ""
    said = (
        f"Were all {counted(family.gated, 'tested rule')} that must hold in fact met, any of them "
        f"would fail by chance in at most {family.error_budget:.0%} of audits (Holm)."
    )
    if family.others:
        said += (
            f" The {counted(family.others, 'other rule')} that were tested are not corrected for "
            f"their number: about {family.by_chance:.2g} of them would fail by chance."
        )
    return said
