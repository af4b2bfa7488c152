"""An interval held against a limit."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from vlaudit.core.measurement import Measurement
from vlaudit.core.policy import Rule
from vlaudit.core.verdict import Status

ROUNDING = 1e-9


@dataclass(frozen=True)
class Held:
    """A measurement in the distance by which it lies beyond the limit; negative is within.

    Attributes:
        measurement: what is held.
        value: distance of the point estimate.
        least: distance of the interval's favourable end, after allowing for `among` slices.
        most: distance of the unfavourable end, or of the one-sided bound where there is one.
        alone: distance of the favourable end without that allowance.
        among: number of slices that are looked at together.
        slack: difference that rounding alone can make.
    """

    measurement: Measurement
    value: float
    least: float
    most: float
    alone: float
    among: int
    slack: float

    @property
    def status(self) -> Status:
        """Pass when the whole interval is within the limit, fail when all of it is beyond."""
        if self.most <= self.slack:
            return Status.PASS
        return Status.FAIL if self.least > self.slack else Status.INCONCLUSIVE

    @property
    def samples_needed(self) -> int | None:
        """About how many samples would decide if the value stays, rounded up to two digits.

        An interval shrinks with the square root of its samples. None when the value lies on the
        limit, where no number of samples decides.
        """
        reach = self.most - self.value if self.value <= 0 else self.value - self.least
        if abs(self.value) <= self.slack or reach <= 0:
            return None
        needed = self.measurement.samples * (reach / abs(self.value)) ** 2
        unit = 10.0 ** (math.floor(math.log10(needed)) - 1)
        rounded = math.ceil(round(needed / unit, 6)) * unit
        return max(math.ceil(round(rounded, 6)), self.measurement.samples + 1)


def hold(measurement: Measurement, rule: Rule, *, among: int = 1) -> Held:
    """Hold a measurement against the limit of a rule.

    Args:
        measurement: what was measured.
        rule: has the limit.
        among: number of slices of which any may fail the rule. The end that decides a fail is
            moved out as Bonferroni's correction moves that of a normal interval; a pass needs
            every slice to pass, and so no correction.
    """
    sign = 1.0 if rule.at_most is not None else -1.0
    interval = measurement.interval
    value, low, high = (
        sign * (number - rule.limit) for number in (measurement.value, interval.low, interval.high)
    )
    least, most = min(low, high), max(low, high)
    if interval.one_sided is not None:
        most = max(value, min(most, sign * (interval.one_sided - rule.limit)))
    alone = least
    if among > 1:
        tail = (1 - interval.level) / 2
        wider = NormalDist().inv_cdf(tail / among) / NormalDist().inv_cdf(tail)
        least = min(least, value - wider * (value - least))
    slack = ROUNDING * max(1.0, abs(rule.limit))
    return Held(measurement, value, least, most, alone, among, slack)
