"""One finite number and how sure we are of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass as plain
from dataclasses import field
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from vlaudit.core.record import STRICT


@dataclass(frozen=True, config=STRICT)
class Interval:
    """A confidence interval: its ends, in the unit of the metric, its level and its method.

    Attributes:
        low: lower end.
        high: upper end.
        method: how the ends were found.
        level: chance that the interval covers the true value.
        one_sided: where the metric has a bad side, the bound on that side at one-sided `level`; a
            pass is decided by it, as a promise needs a bound on one side only.
    """

    low: float
    high: float
    method: str
    level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    one_sided: float | None = None

    @model_validator(mode="after")
    def _ends_in_order(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"interval ends out of order: {self.low} > {self.high}")
        return self


@dataclass(frozen=True, config=STRICT)
class Measurement:
    """The value of one metric, over all rows or one slice of them.

    Attributes:
        metric: name of a metric that the probe's card declares.
        value: point estimate, finite, in the card's unit.
        samples: number of independent observations behind the value, at least 1.
        interval: confidence interval around the value.
        clusters: number of independent clusters where observations share an image or person.
        slice: attribute -> group, for a value that holds for part of the rows only.
    """

    metric: str
    value: float
    samples: Annotated[int, Field(ge=1)]
    interval: Interval
    clusters: Annotated[int, Field(ge=1)] | None = None
    slice: dict[str, str] = field(default_factory=dict[str, str])


@plain(frozen=True)
class RowResults:
    """Which rows succeeded, behind a rate; by these two runs are compared row by row.

    Attributes:
        metric: the rate that they add up to.
        ids: id of each row.
        right: whether the row succeeded.
        groups: group of each row by attribute; None where it is not annotated.
    """

    metric: str
    ids: Sequence[str]
    right: Sequence[bool]
    groups: Mapping[str, Sequence[str | None]] = field(
        default_factory=dict[str, Sequence[str | None]]
    )
