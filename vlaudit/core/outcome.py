"""What became of one probe: measured, skipped or broken. Not looking is never passing."""

from typing import Annotated, Literal

from pydantic import Field

from vlaudit.core.record import Record


class Measured(Record):
    """The probe ran to its end."""

    state: Literal["measured"] = "measured"
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


class Skipped(Record):
    """The probe was not applicable here, or was not asked for."""

    state: Literal["skipped"] = "skipped"
    reason: str


class Broken(Record):
    """The probe raised; what it had measured before is kept but judged by no rule."""

    state: Literal["broken"] = "broken"
    error: str
    seconds: float = 0.0


Outcome = Annotated[Measured | Skipped | Broken, Field(discriminator="state")]
