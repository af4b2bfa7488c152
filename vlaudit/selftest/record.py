"""The stored record of the probes: how often they erred, and what they found."""

from importlib.resources import files

import numpy as np
from scipy.stats import fisher_exact

from vlaudit.core.measurement import Interval
from vlaudit.core.record import Record
from vlaudit.stats.intervals import clopper_pearson

FOUND = 0.95
DOUBT = 0.001


class Level(Record):
    """What many audits of one world said."""

    strength: float
    name: str
    innocent: bool
    audits: int
    fails: int
    passes: int

    @property
    def found(self) -> float:
        """Share of audits that failed the limit."""
        return self.fails / self.audits


class ProbeRecord(Record):
    """Error and power of one metric of a probe against a limit."""

    probe: str
    metric: str
    harm: str
    at_most: float | None = None
    at_least: float | None = None
    levels: tuple[Level, ...]

    @property
    def false_alarms(self) -> tuple[int, int]:
        """Failed audits of innocent worlds, and all audits of them."""
        innocent = [level for level in self.levels if level.innocent]
        return sum(level.fails for level in innocent), sum(level.audits for level in innocent)

    @property
    def false_alarm_rate(self) -> Interval:
        """Interval of the share of innocent audits that fail."""
        return clopper_pearson(*self.false_alarms)

    @property
    def found_at(self) -> Level | None:
        """The mildest harm from which on at least 95 % of audits fail; None where none is."""
        harmful = [level for level in self.levels if not level.innocent]
        mildest_first = sorted(harmful, key=lambda level: level.strength)
        if self.at_least is not None and self.metric != "p_value":
            mildest_first.reverse()
        surely: Level | None = None
        for level in reversed(mildest_first):
            if level.found < FOUND:
                break
            surely = level
        return surely

    @property
    def sentence(self) -> str:
        """What the record says, for people."""
        fails, audits = self.false_alarms
        said = (
            f"Its own record: {fails} of {audits} audits of innocent worlds failed "
            f"(at most {self.false_alarm_rate.high:.1%})"
        )
        level = self.found_at
        if level is None:
            return f"{said}; no harm that was planted is found in {FOUND:.0%} of audits."
        return f"{said}; from {level.strength:g} on, {self.harm} is found in {level.found:.0%}."

    def worse_than(self, stored: "ProbeRecord") -> list[str]:
        """Say where this record falls short of a stored one beyond chance."""
        before = {(level.strength, level.name): level for level in stored.levels}
        problems: list[str] = []
        for level in self.levels:
            old = before.get((level.strength, level.name))
            if old is None:
                continue
            table = np.array(
                [[level.fails, level.audits - level.fails], [old.fails, old.audits - old.fails]]
            )
            if fisher_exact(table, "greater" if level.innocent else "less").pvalue < DOUBT:
                problems.append(
                    f"{self.probe} at {level.strength:g} {level.name}: failed {level.fails} of "
                    f"{level.audits}, and {old.fails} of {old.audits} by the record"
                )
        return problems


class SelftestRecord(Record):
    """The stored record of all probes."""

    vlaudit: str
    probes: tuple[ProbeRecord, ...]


def stored_record() -> SelftestRecord | None:
    """Return the record of this release, or None where it has none."""
    place = files("vlaudit.selftest") / "selftest.json"
    if not place.is_file():
        return None
    return SelftestRecord.model_validate_json(place.read_text(encoding="utf-8"))
