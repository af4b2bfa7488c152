"""What each probe that ran to its end has seen: numbers, groups and findings."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from vlaudit.core.audit import Evidence, PlannedProbe
from vlaudit.core.finding import Confidence, Finding
from vlaudit.core.outcome import Measured
from vlaudit.report.pictures import inlined
from vlaudit.report.readings import Reading, Slices, by_group, overall
from vlaudit.report.words import RISK, WORST_FIRST, counted, titled

SHOWN_FINDINGS = 60
SHOWN_PICTURES = 16
LISTED_FINDINGS = 5000
EXAMPLES = 3
EXAMPLE_SIDE = 96
OPEN_AT_ONCE = 8
SUREST_FIRST = tuple(reversed(Confidence))
PICTURE = "picture"


@dataclass(frozen=True)
class Clue:
    """One finding, ready to print."""

    finding: Finding
    kind: str
    facts: tuple[str, ...]
    picture: str | None


@dataclass(frozen=True)
class Clues:
    """The findings of one probe: the gravest whole, then some in one line, all counted by kind."""

    source: str
    title: str
    total: int
    kinds: tuple[str, ...]
    shown: tuple[Clue, ...]
    listed: tuple[Clue, ...] = ()

    @property
    def first(self) -> tuple[Clue, ...]:
        """The few that stand open."""
        return self.shown[:OPEN_AT_ONCE]

    @property
    def rest(self) -> tuple[Clue, ...]:
        """Those that the reader unfolds."""
        return self.shown[OPEN_AT_ONCE:]

    @property
    def pictured(self) -> bool:
        """Tell whether any finding shown has a picture."""
        return any(clue.picture for clue in self.shown)


@dataclass(frozen=True)
class Examined:
    """One probe that ran to its end."""

    planned: PlannedProbe
    outcome: Measured
    risk: str
    overall: tuple[Reading, ...]
    slices: tuple[Slices, ...]
    findings: int

    @property
    def settings(self) -> str:
        """The settings in one line."""
        return settings(self.planned.settings)


def examined(evidence: Evidence) -> tuple[Examined, ...]:
    """Return the probes that ran to their end, in the order of the plan."""
    found: list[Examined] = []
    for planned in evidence.audit.plan:
        outcome = evidence.audit.outcomes.get(planned.card.id)
        if isinstance(outcome, Measured):
            items = evidence.measurements.get(planned.card.id, ())
            found.append(
                Examined(
                    planned=planned,
                    outcome=outcome,
                    risk=RISK[planned.card.risk],
                    overall=overall(items, planned.card),
                    slices=by_group(items, planned.card),
                    findings=len(evidence.findings.get(planned.card.id, ())),
                )
            )
    return tuple(found)


def clues(evidence: Evidence) -> tuple[Clues, ...]:
    """Return what somebody should look at, by the probe that found it."""
    titles = {planned.card.id: planned.card.title for planned in evidence.audit.plan}
    left, found = LISTED_FINDINGS, list[Clues]()
    for source, items in evidence.findings.items():
        if items:
            title = titles.get(source, "Noticed while loading")
            found.append(_clues(evidence.folder, source, title, items, left))
            left -= len(found[-1].listed)
    return tuple(found)


def examples(evidence: Evidence) -> dict[str, tuple[Clue, ...]]:
    """Return the gravest findings with a picture, by probe, the pictures very small."""
    found: dict[str, tuple[Clue, ...]] = {}
    for probe, items in evidence.findings.items():
        clues = (_example(evidence.folder, item) for item in sorted(items, key=gravity))
        found[probe] = tuple(islice((clue for clue in clues if clue is not None), EXAMPLES))
    return found


def settings(values: Mapping[str, object]) -> str:
    """Print settings in one line."""
    return "; ".join(f"{name} = {_value(value)}" for name, value in values.items()) or "none"


def gravity(finding: Finding) -> tuple[int, int]:
    """Return what findings are sorted by, the gravest and surest first."""
    return WORST_FIRST.index(finding.severity), SUREST_FIRST.index(finding.confidence)


def _clues(folder: Path, source: str, title: str, items: tuple[Finding, ...], listed: int) -> Clues:
    kinds = Counter(item.kind for item in items).most_common()
    shown: list[Clue] = []
    pictures = 0
    ranked = sorted(items, key=gravity)
    for item in ranked[:SHOWN_FINDINGS]:
        path = item.evidence.get(PICTURE)
        wanted = isinstance(path, str) and pictures < SHOWN_PICTURES
        picture = inlined(folder, str(path)) if wanted else None
        pictures += picture is not None
        facts = tuple(
            f"{titled(key)}: {_value(value)}"
            for key, value in item.evidence.items()
            if key != PICTURE
        )
        shown.append(Clue(item, titled(item.kind), facts, picture))
    names = tuple(f"{counted(number, titled(kind), titled(kind))}" for kind, number in kinds)
    rest = ranked[SHOWN_FINDINGS : SHOWN_FINDINGS + listed]
    briefly = tuple(Clue(item, titled(item.kind), (), None) for item in rest)
    return Clues(source, title, len(items), names, tuple(shown), briefly)


def _example(folder: Path, item: Finding) -> Clue | None:
    path = item.evidence.get(PICTURE)
    picture = inlined(folder, path, side=EXAMPLE_SIDE) if isinstance(path, str) else None
    return None if picture is None else Clue(item, titled(item.kind), (), picture)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return ", ".join(_value(item) for item in value)
    return str(value)
