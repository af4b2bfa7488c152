"""The one document: what was looked at, by what, and what was seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field

from vlaudit.core.config import Config
from vlaudit.core.dataset import DatasetFacts
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.outcome import Outcome
from vlaudit.core.probe import Card, Setting
from vlaudit.core.record import Record
from vlaudit.core.selfcheck import SelfCheck
from vlaudit.core.target import TargetFacts


class Stamp(Record):
    """Where and when a run took place, and with which versions."""

    run: str
    started: str
    finished: str | None = None
    vlaudit: str
    python: str
    platform: str
    packages: dict[str, str]


class PlannedProbe(Record):
    """A probe of the plan with its final settings, or the reason why it will not run."""

    card: Card
    settings: dict[str, Setting]
    skip: str | None = None


class Audit(Record):
    """`run.json`: config, plan, target, data, versions and what became of each probe.

    `base` is the folder that relative paths of the configuration are taken from; `reference` is
    the model that the target is compared with, where one is named.
    """

    schema_version: int = 1
    stamp: Stamp
    config: Config
    base: str
    plan: tuple[PlannedProbe, ...]
    target: TargetFacts
    reference: TargetFacts | None = None
    dataset: DatasetFacts
    outcomes: dict[str, Outcome] = Field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """A run folder, read: everything that judging and printing need.

    `measurements` and `findings` are keyed by probe id; findings of the engine itself (unsafe
    weights, quarantined rows) stand under the key `vlaudit`. `self_checks` says by probe id how the
    probes did on the same rows, made innocent or given a known flaw.
    """

    folder: Path
    audit: Audit
    measurements: Mapping[str, tuple[Measurement, ...]] = field(
        default_factory=dict[str, tuple[Measurement, ...]]
    )
    findings: Mapping[str, tuple[Finding, ...]] = field(
        default_factory=dict[str, tuple[Finding, ...]]
    )
    self_checks: Mapping[str, SelfCheck] = field(default_factory=dict[str, SelfCheck])
