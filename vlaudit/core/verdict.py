"""A rule, held against the evidence at the interval's unfavourable end."""

from enum import StrEnum

from vlaudit.core.finding import Severity
from vlaudit.core.measurement import Measurement
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


class Verdict(Record):
    """The status of one rule and the measurement it was decided by."""

    rule: str
    status: Status
    because: str
    metric: str
    limit: str
    severity: Severity
    gated: bool
    controls: tuple[str, ...]
    measurement: Measurement | None = None


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
