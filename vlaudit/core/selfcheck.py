"""How the probes of an audit did on its own rows: made innocent, and with known flaws in them."""

from typing import Literal

from pydantic import Field

from vlaudit.core.measurement import Measurement
from vlaudit.core.record import Record


class Rerun(Record):
    """One more run of a probe, on rows that were altered in memory only."""

    kind: Literal["innocent", "planted"]
    """Whether the rows were made innocent, or given a known flaw."""
    measurements: tuple[Measurement, ...] = ()
    """Overall values of the metrics that the alteration speaks of."""
    harms: dict[str, float] = Field(default_factory=dict)
    """Harm that was planted, by metric, in its unit."""
    planted: int = 0
    """Rows with a flaw of their own, such as a caption with personal data."""
    found: int = 0
    """Those of them that a finding names."""


class SelfCheck(Record):
    """All further runs of one probe."""

    probe: str
    """Id of the probe."""
    innocent: str = ""
    """How the rows were made innocent; empty where they cannot be."""
    planted: str = ""
    """What was planted."""
    reruns: tuple[Rerun, ...] = ()
    """The runs, in order."""
    seconds: float = 0.0
    """Time that they took."""
    remark: str = ""
    """Why the probe was not tried, or not in full."""
