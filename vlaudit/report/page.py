"""Everything that documents print, worked out once from a run folder and its judgement."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vlaudit.core.audit import Audit, Evidence
from vlaudit.core.policy import Attestation, Framework, Policy, Waiver
from vlaudit.core.record import Record
from vlaudit.core.verdict import Judgement
from vlaudit.report.crosswalk import Other, by_chance, others
from vlaudit.report.examined import Clue, Clues, Examined, clues, examined, examples
from vlaudit.report.filters import Filters, filters
from vlaudit.report.gaps import Gaps, gaps
from vlaudit.report.judged import Judged, SeverityBand, bands, judged
from vlaudit.report.ledger import Ledger, ledger
from vlaudit.report.scatter import Scatter, scatter
from vlaudit.report.summary import Summary, summarise
from vlaudit.report.tried import TriedProbe, tried_probes

MEASUREMENTS = "measurements.parquet"


@dataclass(frozen=True)
class Page:
    """The contents of every document, in the order in which they are read.

    `measured` is the number of all measurements, slices too, and `digest` the SHA-256 of the file
    that holds them. `templates` is the folder of a user's own templates; none where it is empty.
    """

    audit: Audit
    policy: Policy
    framework: Framework
    summary: Summary
    verdicts: tuple[Judged, ...]
    bands: tuple[SeverityBand, ...]
    probes: tuple[Examined, ...]
    clues: tuple[Clues, ...]
    ledger: Ledger
    gaps: Gaps
    config: str
    others: tuple[Other, ...] = ()
    by_chance: str = ""
    filters: Filters = field(default_factory=Filters)
    examples: Mapping[str, tuple[Clue, ...]] = field(default_factory=dict[str, tuple[Clue, ...]])
    scatter: Scatter | None = None
    tried: tuple[TriedProbe, ...] = ()
    measured: int = 0
    digest: str = ""
    templates: str = ""

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """Rules that a named person set aside."""
        return self.policy.waivers

    @property
    def attestations(self) -> tuple[Attestation, ...]:
        """Controls that a named person vouches for."""
        return self.policy.attestations

    @property
    def found(self) -> int:
        """Number of findings."""
        return sum(item.total for item in self.clues)

    def ran(self, probe: str) -> bool:
        """Tell whether a probe ran to its end."""
        return any(item.planned.card.id == probe for item in self.probes)

    @property
    def day(self) -> str:
        """The day of the run, as ISO 8601."""
        return self.audit.stamp.started[:10]


def compose(evidence: Evidence, judgement: Judgement, policy: Policy, framework: Framework) -> Page:
    """Work out what every document prints."""
    verdicts = judged(evidence, judgement, policy, framework)
    missing = gaps(evidence, verdicts)
    read_by = others(policy, judgement)
    risks = {planned.card.id: str(planned.card.risk) for planned in evidence.audit.plan}
    return Page(
        audit=evidence.audit,
        policy=policy,
        framework=framework,
        summary=summarise(policy, verdicts, missing),
        verdicts=verdicts,
        bands=bands(verdicts),
        probes=examined(evidence),
        clues=clues(evidence),
        ledger=ledger(judgement, framework),
        gaps=missing,
        config=as_yaml(evidence.audit.config),
        others=read_by,
        by_chance=by_chance(judgement.family),
        filters=filters(verdicts, framework, read_by, risks),
        examples=examples(evidence),
        scatter=scatter(evidence),
        tried=tried_probes(evidence),
        measured=sum(len(items) for items in evidence.measurements.values()),
        digest=_digest(evidence.folder / MEASUREMENTS),
    )


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file; nothing where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def as_yaml(record: Record) -> str:
    """Return a configuration, or part of one, as YAML without what is left at its default."""
    from ruamel.yaml import YAML

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.width = 90
    stream = io.StringIO()
    writer.dump(record.model_dump(mode="json", exclude_defaults=True), stream)
    return stream.getvalue()
