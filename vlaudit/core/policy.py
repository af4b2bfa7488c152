"""What an organisation demands of the evidence, why, and where each number comes from."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, model_validator

from vlaudit.core.finding import Severity
from vlaudit.core.probe import Setting
from vlaudit.core.record import Record
from vlaudit.core.target import Ability


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
    group_samples: Annotated[int, Field(ge=1)] | None = None
    """Fewest samples behind the value of every group that the probe reports."""
    target: tuple[Ability, ...] = ()
    """What the target must be able to do, such as writes_text."""
    settings: dict[str, Setting] = Field(default_factory=dict)
    """Settings of the probe that the run must reach."""


class Rule(Record):
    """A limit on one metric; exactly one of `at_most` and `at_least`."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["at_most"]}, {"required": ["at_least"]}]}
    )

    id: str
    """Name, unique in the policy."""
    title: str | None = None
    """Title for people; the name in words by default."""
    metric: str
    """`PROBE.METRIC`, such as `bias.zero_shot_parity.accuracy_gap`."""
    at_most: float | None = None
    """Limit that the interval must not exceed."""
    at_least: float | None = None
    """Limit that the interval must not fall below."""
    over: Literal["overall", "each_slice"] = "overall"
    """Hold the overall value against the limit, or that of every slice."""
    when: Annotated[str, Field(pattern=r"^(claims|target)\.[a-z_]+$")] | None = None
    """Claim, such as `claims.robustness`, or property, such as `target.generative` or
    `target.gives_gradients`, without which the rule does not apply."""
    requires: Requirement = Requirement()
    """What a value must rest on."""
    controls: Annotated[tuple[str, ...], Field(min_length=1)]
    """Ids of the framework's controls that it is evidence for."""
    covers: tuple[str, ...] = ()
    """Ids of the catalogue's controls that it carries out."""
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
    scope: str = "*"
    """Name of the target that it holds for; `*` stands for any text."""
    expires: date
    """Last day on which it counts."""


class Attestation(Record):
    """A person's word that an organisational control is met, until a day.

    It ends on the day `expires`, or `review_days` after the day on which it was given.
    """

    control: str
    """Id of the control."""
    statement: str
    """What is attested."""
    owner: str
    """Whose word it is."""
    evidence: str
    """Where the proof is kept: a link or place, or a file beside the policy."""
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """SHA-256 of the file that `evidence` names."""
    given: date | None = None
    """Day on which it was given."""
    review_days: Annotated[int, Field(ge=1)] | None = None
    """Days after which it is stale."""
    expires: date | None = None
    """Last day on which it counts."""

    @model_validator(mode="after")
    def _ends_some_day(self) -> Self:
        if self.expires is None and (self.given is None or self.review_days is None):
            raise ValueError("needs an end: expires, or given and review_days")
        return self

    @property
    def until(self) -> date:
        """Last day on which it counts."""
        ends = [self.expires] if self.expires is not None else []
        if self.given is not None and self.review_days is not None:
            ends.append(self.given + timedelta(days=self.review_days))
        return min(ends)


class Missing(Record):
    """A control of the catalogue that no rule carries out yet, and why."""

    id: str
    """Id of the catalogue's control."""
    because: str
    """Why no rule carries it out."""


Reaction = Literal["ignore", "hold", "fail"]


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
    on_inconclusive: dict[Severity, Reaction] = Field(default_factory=dict)
    """What an undecided rule of a severity does to the exit code: `ignore` nothing, `hold` 3,
    `fail` 1. By default rules of the gate hold, and others are ignored."""
    on_not_measured: dict[Severity, Reaction] = Field(default_factory=dict)
    """The same for a rule that was not measured."""
    error_budget: Annotated[float, Field(gt=0, le=0.5)] = 0.05
    """Bound on the chance that any rule of the gate fails although all are met (Holm)."""
    include: tuple[str, ...] = ()
    """Policies whose rules, waivers, attestations and gaps this one begins with: shipped names, or
    paths from its folder. A rule of the same id takes the place of the included one."""
    drop: tuple[str, ...] = ()
    """Ids of included rules that are left out."""
    change: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)
    """Fields of included rules to replace, by id of the rule."""
    rules: tuple[Rule, ...] = ()
    """What is demanded."""
    waivers: tuple[Waiver, ...] = ()
    """Rules set aside for a time."""
    attestations: tuple[Attestation, ...] = ()
    """Words of people for what no test can show."""
    missing: tuple[Missing, ...] = ()
    """Controls of the catalogue that no rule carries out, each with the reason."""

    def reaction(self, severity: Severity, *, measured: bool) -> Reaction:
        """Return what an open rule of a severity does to the exit code."""
        chosen = self.on_inconclusive if measured else self.on_not_measured
        return chosen.get(severity, "hold" if severity in self.gate else "ignore")
