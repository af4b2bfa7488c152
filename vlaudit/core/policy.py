"""What an organisation demands of the evidence, why, and where each number comes from."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vlaudit.core.finding import Severity
from vlaudit.core.probe import Setting
from vlaudit.core.record import Record


class Control(Record):
    """One requirement of a framework, such as the NIST AI RMF subcategory MEASURE 2.11.

    `kind` says what can show it: a test, a document, or a person's word. `actions` are ids of
    suggested actions of NIST AI 600-1 under it that an audit can give evidence for.
    """

    id: str
    title: str
    kind: Literal["measurable", "documentable", "organisational"]
    token: str
    section: str
    actions: tuple[str, ...] = ()


class Framework(Record):
    """A named list of controls, with its source.

    `sections` gives the title of each section that controls stand in.
    """

    id: str
    title: str
    version: str
    source: str
    note: str = ""
    sections: dict[str, str] = Field(default_factory=dict)
    controls: tuple[Control, ...]


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
    text: str


class Requirement(Record):
    """What a measurement must rest on before a rule may be decided by it.

    A number among `settings` must be reached, a list be held whole, and anything else be equal.
    """

    samples: Annotated[int, Field(ge=1)] = 1
    clusters: Annotated[int, Field(ge=1)] | None = None
    settings: dict[str, Setting] = Field(default_factory=dict)


class Rule(Record):
    """A limit on one metric.

    `metric` is `PROBE.METRIC`. `over` says whether the overall value is held against the limit,
    or every slice of it. `when` names a claim; without the claim the rule does not apply.
    """

    id: str
    metric: str
    at_most: float | None = None
    at_least: float | None = None
    over: Literal["overall", "each_slice"] = "overall"
    when: Annotated[str, Field(pattern=r"^claims\.[a-z_]+$")] | None = None
    requires: Requirement = Requirement()
    controls: Annotated[tuple[str, ...], Field(min_length=1)]
    severity: Severity
    because: str
    origin: Origin

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
    owner: str
    reason: str
    expires: date


class Attestation(Record):
    """A person's word that an organisational control is met, until a day."""

    control: str
    statement: str
    owner: str
    evidence: str
    expires: date


class Policy(Record):
    """Rules over the controls of one framework; rules of a `gate` severity decide the exit code."""

    id: str
    title: str
    framework: str
    gate: tuple[Severity, ...] = (Severity.CRITICAL, Severity.HIGH)
    rules: tuple[Rule, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    attestations: tuple[Attestation, ...] = ()
