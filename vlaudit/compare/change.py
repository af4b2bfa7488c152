"""What two audits say of one metric."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from vlaudit.core.measurement import Interval


class Outcome(StrEnum):
    """What two values of one metric say."""

    WORSE = "worse"
    BETTER = "better"
    SAME = "same"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True)
class Change:
    """One metric in two audits.

    Attributes:
        metric: `PROBE.METRIC`.
        slice: the part of the rows that it holds for.
        before, after: the two values.
        change: `after - before` with its interval.
        margin: change that counts as none.
        better: which way is good.
        paired: whether the same rows were compared.
        p_value: Holm's, of a change for the worse, over all compared values.
        outcome: what can be told.
        rules: ids of the policy's rules on the metric.
    """

    metric: str
    slice: Mapping[str, str]
    before: float
    after: float
    change: Interval
    margin: float
    better: str
    paired: bool
    p_value: float
    outcome: Outcome = Outcome.UNKNOWN
    rules: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The metric with its slice."""
        part = ", ".join(f"{key}={value}" for key, value in self.slice.items())
        return f"{self.metric}[{part}]" if part else self.metric


@dataclass(frozen=True)
class Flips:
    """Rows that were right in the first audit and are wrong in the second."""

    metric: str
    rows: int
    share: float
    interval: Interval


@dataclass(frozen=True)
class Comparison:
    """Everything that two audits say of each other.

    `silent` are the slices that became worse while the whole did not.
    """

    changes: tuple[Change, ...]
    flips: tuple[Flips, ...]
    notes: tuple[str, ...]

    @property
    def harm(self) -> tuple[Change, ...]:
        """What became worse beyond chance and margin."""
        return tuple(item for item in self.changes if item.outcome is Outcome.WORSE)

    @property
    def silent(self) -> tuple[Change, ...]:
        """Slices that became worse while the metric as a whole did not.

        The whole of `group_accuracy` is `accuracy`.
        """
        whole = {item.metric: item.outcome for item in self.changes if not item.slice}
        return tuple(
            item
            for item in self.harm
            if item.slice
            and whole.get(item.metric.replace(".group_", "."), Outcome.WORSE) is not Outcome.WORSE
        )
