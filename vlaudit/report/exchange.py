"""What every exchange format is made from, and how it is written down."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from vlaudit.core.audit import Audit, Evidence
from vlaudit.core.finding import Finding
from vlaudit.core.policy import Framework, Policy
from vlaudit.core.probe import Card
from vlaudit.core.verdict import Judgement, Status
from vlaudit.report.escape import visible
from vlaudit.report.examined import gravity
from vlaudit.report.judged import Judged
from vlaudit.report.page import Page, compose
from vlaudit.report.words import sentence

UNDECIDED = frozenset({Status.INCONCLUSIVE, Status.NOT_MEASURED})


@dataclass(frozen=True)
class JudgedRun:
    """A run folder, read, and its verdicts under one policy."""

    evidence: Evidence
    judgement: Judgement
    policy: Policy
    framework: Framework

    @property
    def audit(self) -> Audit:
        """What was looked at, and by what."""
        return self.evidence.audit

    @cached_property
    def page(self) -> Page:
        """The contents of the printed documents."""
        return compose(self.evidence, self.judgement, self.policy, self.framework)

    @property
    def cards(self) -> dict[str, Card]:
        """The card of every planned probe, by id."""
        return {planned.card.id: planned.card for planned in self.audit.plan}

    @property
    def findings(self) -> list[tuple[str, Finding]]:
        """Every finding with the id of its probe, the gravest first."""
        found = ((probe, item) for probe, items in self.evidence.findings.items() for item in items)
        return sorted(found, key=lambda entry: gravity(entry[1]))

    @property
    def started(self) -> str:
        """When the run began, in UTC."""
        return moment(self.audit.stamp.started)

    @property
    def finished(self) -> str:
        """When the run ended, in UTC; when it began, where it was interrupted."""
        return moment(self.audit.stamp.finished or self.audit.stamp.started)

    def id(self, *parts: str) -> str:
        """Return a UUID (version 5) for a part of this document: equal input, equal id."""
        whole = (self.audit.stamp.run, self.policy.id, *parts)
        return str(uuid.uuid5(uuid.NAMESPACE_OID, "\x1f".join(("vlaudit", *whole))))


def moment(text: str) -> str:
    """Return an ISO 8601 time as UTC with seconds and `Z`."""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def account(judged: Judged) -> str:
    """Say in one paragraph what was demanded, what was seen and what the probe is blind to."""
    said = [f"{judged.status.name}: {judged.because}", f"Demanded: {judged.limit}."]
    if judged.reading is not None:
        said.append(f"{judged.reading.slice.capitalize()}: {judged.reading.sentence}.")
    else:
        said.append("There is no measurement behind it.")
    if judged.planned is not None:
        said.append(f"Blind to: {sentence(judged.planned.card.blind_to)}")
    return " ".join(said)


def as_json(document: object) -> str:
    """Return a document as JSON, without characters that hide or reorder what a reader sees."""
    return json.dumps(_harmless(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _harmless(value: object) -> object:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {visible(key): _harmless(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_harmless(item) for item in value]
    return value
