"""The stored record of the probes: how often they erred, and what they found."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Literal

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
        """Say where this record falls short of a stored one beyond chance.

        Worlds are compared one by one, and all innocent ones and all harm that was surely found
        taken together, so that a few audits of each tell.
        """
        before = {(level.strength, level.name): level for level in stored.levels}
        shared = [
            (level, old)
            for level in self.levels
            if (old := before.get((level.strength, level.name))) is not None
        ]
        kinds = {
            "innocent worlds": [pair for pair in shared if pair[1].innocent],
            "harm that was surely found": [
                pair for pair in shared if not pair[1].innocent and pair[1].found >= FOUND
            ],
        }
        named = {f"{one.strength:g} {one.name}".strip(): [(one, old)] for one, old in shared}
        return [
            f"{self.probe} at {name}: {said}"
            for name, pairs in {**named, **kinds}.items()
            if pairs and (said := _shortfall(pairs))
        ]


def _shortfall(pairs: Sequence[tuple[Level, Level]]) -> str:
    """Say how audits of the same worlds did worse than those of the record; nothing by chance."""
    fails, audits, old_fails, old_audits = (
        sum(getattr(pair[side], name) for pair in pairs)
        for side in (0, 1)
        for name in ("fails", "audits")
    )
    table = np.array([[fails, audits - fails], [old_fails, old_audits - old_fails]])
    side: Literal["greater", "less"] = "greater" if pairs[0][1].innocent else "less"
    if fisher_exact(table, side).pvalue >= DOUBT:
        return ""
    return f"failed {fails} of {audits}, and {old_fails} of {old_audits} by the record"


class CrossTalk(Record):
    """What a probe said of the gravest flaw of another probe's kind."""

    flaw: str
    """Id of the probe whose flaw it is, or what was audited."""
    probe: str
    """Id of the probe that looked at it."""
    fails: int
    """Audits that failed the limit."""
    audits: int
    """All audits."""


class SelftestRecord(Record):
    """The stored record of all probes."""

    vlaudit: str
    probes: tuple[ProbeRecord, ...]
    cross_talk: tuple[CrossTalk, ...] = ()


def stored_record() -> SelftestRecord | None:
    """Return the record of this release, or None where it has none."""
    place = files("vlaudit.selftest") / "selftest.json"
    if not place.is_file():
        return None
    return SelftestRecord.model_validate_json(place.read_text(encoding="utf-8"))
