"""One thing somebody should look at; never raw personal data."""

from dataclasses import field
from enum import StrEnum

from pydantic.dataclasses import dataclass

from vlaudit.core.record import STRICT


class Severity(StrEnum):
    """How bad it is if true, from least to worst."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Confidence(StrEnum):
    """How sure the probe is that it is true."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, config=STRICT)
class Finding:
    """Something found in one row, or in the target as a whole.

    Attributes:
        kind: short machine name of what was found, such as `email_address` or `trigger`.
        summary: one sentence for a person, free of raw personal data.
        severity: how bad it is if true.
        confidence: how sure the probe is.
        row: id of the dataset row; None when it concerns the target or the whole set.
        where: place within the row, such as a column with offsets or a pixel box.
        evidence: named facts that support it: numbers, masks, the path of a kept picture.
    """

    kind: str
    summary: str
    severity: Severity
    confidence: Confidence
    row: str | None = None
    where: str | None = None
    evidence: dict[str, str | int | float | bool] = field(
        default_factory=dict[str, str | int | float | bool]
    )
