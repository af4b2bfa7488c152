"""What an organisation demands of the evidence, why, and where each number comes from."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from vlaudit.core.finding import Severity
from vlaudit.core.probe import Setting
from vlaudit.core.record import Record


class Control(Record):
    """One requirement of a framework, such as the NIST AI RMF subcategory MEASURE 2.11."""

    id: str
    """Id, as the framework writes it."""
    title: str
    """What it asks for, in own words."""
    kind: Literal["measurable", "documentable", "organisational"]
    """What can show it: a test, a document, or a person's word."""
    token: str
    """Id that is usable as an OSCAL control id."""
    section: str
    """Section that it stands in."""
    actions: tuple[str, ...] = ()
    """Suggested actions of NIST AI 600-1 that an audit can give evidence for."""


class Framework(Record):
    """A named list of controls, with its source."""

    id: str
    """Name of the file without `.yaml`."""
    title: str
    """Title for people."""
    version: str
    """Version of the framework."""
    source: str
    """Where the framework is published."""
    note: str = ""
    """What a reader must know about it."""
    sections: dict[str, str] = Field(default_factory=dict)
    """Title of each section."""
    controls: tuple[Control, ...]
    """Its requirements, in order."""


class OriginClass(StrEnum):
    """Where a threshold comes from."""

    LAW = "law"
    SPECIFICATION = "specification"
    PUBLISHED = "published"
    CONVENTION = "convention"
    HOUSE = "house"


class Origin(Record):
    """The source of a threshold, printed with it."""

    kind: OriginClass
    """Class of the source; `house` when no standard sets the number."""
    text: str
    """The source, and how far it carries."""


class Requirement(Record):
    """What a measurement must rest on before a rule may be decided by it.

    A number among `settings` must be reached, a list be held whole, and anything else be equal.
    """

    samples: Annotated[int, Field(ge=1)] = 1
    """Fewest samples behind a value."""
    clusters: Annotated[int, Field(ge=1)] | None = None
    """Fewest independent clusters behind a value."""
    settings: dict[str, Setting] = Field(default_factory=dict)
    """Settings of the probe that the run must reach."""


class Rule(Record):
    """A limit on one metric; exactly one of `at_most` and `at_least`."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["at_most"]}, {"required": ["at_least"]}]}
    )

    id: str
    """Name, unique in the policy."""
    metric: str
    """`PROBE.METRIC`, such as `bias.zero_shot_parity.accuracy_gap`."""
    at_most: float | None = None
    """Limit that the interval must not exceed."""
    at_least: float | None = None
    """Limit that the interval must not fall below."""
    over: Literal["overall", "each_slice"] = "overall"
    """Hold the overall value against the limit, or that of every slice."""
    when: Annotated[str, Field(pattern=r"^claims\.[a-z_]+$")] | None = None
    """Claim, such as `claims.robustness`, without which the rule does not apply."""
    requires: Requirement = Requirement()
    """What a value must rest on."""
    controls: Annotated[tuple[str, ...], Field(min_length=1)]
    """Ids of the framework's controls that it is evidence for."""
    severity: Severity
    """How bad it is to miss the limit."""
    optional: bool = False
    """Let the exit code pass over the rule unless it fails, for want of data most users lack."""
    because: str
    """Why the rule exists, for people."""
    origin: Origin
    """Where the limit comes from."""

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("a rule has exactly one limit: at_most or at_least")
        return self

    @property
    def limit(self) -> float:
        """The number that the metric is held against."""
        return self.at_most if self.at_most is not None else self.at_least or 0.0

    @property
    def probe(self) -> str:
        """Id of the probe that reports the metric."""
        return self.metric.rpartition(".")[0]

    @property
    def metric_name(self) -> str:
        """Name of the metric within its probe."""
        return self.metric.rpartition(".")[2]


class Waiver(Record):
    """A rule set aside by a named owner, for a reason, until a day."""

    rule: str
    """Id of the rule."""
    owner: str
    """Who answers for it."""
    reason: str
    """Why the rule is set aside."""
    expires: date
    """Last day on which it counts."""


class Attestation(Record):
    """A person's word that an organisational control is met, until a day."""

    control: str
    """Id of the control."""
    statement: str
    """What is attested."""
    owner: str
    """Whose word it is."""
    evidence: str
    """Where the proof is kept."""
    expires: date
    """Last day on which it counts."""


class Policy(Record):
    """Rules over the controls of one framework; rules of a `gate` severity decide the exit code."""

    id: str
    """Name of the policy."""
    title: str
    """Title for people."""
    framework: str
    """Id of a shipped framework."""
    gate: tuple[Severity, ...] = (Severity.CRITICAL, Severity.HIGH)
    """Severities of the rules that decide the exit code."""
    rules: tuple[Rule, ...] = ()
    """What is demanded."""
    waivers: tuple[Waiver, ...] = ()
    """Rules set aside for a time."""
    attestations: tuple[Attestation, ...] = ()
    """Words of people for what no test can show."""
