"""A rule, held against the evidence at the interval's unfavourable end."""

from enum import StrEnum

from vlaudit.core.finding import Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.policy import OriginClass, Reaction
from vlaudit.core.record import Record


class Status(StrEnum):
    """What the evidence says about a rule."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NOT_MEASURED = "not_measured"
    NOT_APPLICABLE = "not_applicable"
    ATTESTED = "attested"
    WAIVED = "waived"


class ControlStatus(StrEnum):
    """What the evidence says about a control of a framework."""

    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"
    EVIDENCED = "evidenced"
    ATTESTED = "attested"
    NOT_MEASURED = "not_measured"


class Tried(Record):
    """How a rule fared when its probe was run again on the audit's own rows.

    Attributes:
        innocent: runs on rows that were made innocent.
        alarms: those of them that failed the rule.
        planted: runs on rows with planted harm beyond the limit.
        found: those of them that failed the rule.
        rows_planted: rows with a flaw of their own, over all these runs.
        rows_found: those of them that a finding named.
        harm: the mildest harm that was planted, in the unit of the metric.
    """

    innocent: int = 0
    alarms: int = 0
    planted: int = 0
    found: int = 0
    rows_planted: int = 0
    rows_found: int = 0
    harm: float | None = None


class Verdict(Record):
    """The status of one rule and the measurement it was decided by.

    Attributes:
        effect: what it does to the exit code: nothing, hold it at 3, or fail with 1.
        samples_needed: about how many samples would decide an inconclusive rule.
        p_value: of a rule that competes in the family, how often chance alone gives as much.
        origin: class of the source of the limit.
        tried: how the rule fared on the audit's own rows, made innocent or given a known flaw.
    """

    rule: str
    status: Status
    because: str
    metric: str
    limit: str
    severity: Severity
    gated: bool
    controls: tuple[str, ...]
    measurement: Measurement | None = None
    title: str | None = None
    effect: Reaction = "ignore"
    samples_needed: int | None = None
    p_value: float | None = None
    origin: OriginClass | None = None
    tried: Tried | None = None


class Family(Record):
    """The rules that were tested together, and what chance alone would have done to them.

    Attributes:
        error_budget: bound on the chance that any gated rule fails although all are met.
        gated: number of gated rules that were tested; Holm's correction holds for them.
        others: number of other rules that were tested, each at its own interval.
        by_chance: expected number of the others that fail although all are met, at most.
    """

    error_budget: float
    gated: int
    others: int
    by_chance: float


class ControlVerdict(Record):
    """The status of one control and the rules it follows from."""

    control: str
    status: ControlStatus
    rules: tuple[str, ...] = ()
    because: str


class Judgement(Record):
    """All verdicts under one policy."""

    policy: str
    framework: str
    verdicts: tuple[Verdict, ...]
    controls: tuple[ControlVerdict, ...]
    family: Family | None = None
