"""Cases: planted flaws and innocents that every probe carries beside its code."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from vlaudit.core.record import Record
from vlaudit.reading.document import Document, parse
from vlaudit.reading.record import read_record


class Expectation(Record):
    """What a measured value must be: near a number, or on one side of it."""

    near: float | None = None
    within: Annotated[float, Field(gt=0)] | None = None
    at_most: float | None = None
    at_least: float | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if (self.near is None) != (self.within is None):
            raise ValueError("`near` and `within` come together")
        if self.near is None and self.at_most is None and self.at_least is None:
            raise ValueError("expects nothing: give near and within, at_most or at_least")
        return self

    def problem(self, value: float) -> str | None:
        """Return what is wrong with `value`, or None."""
        if self.near is not None and abs(value - self.near) > (self.within or 0.0):
            return f"{value:.4g} is not within {self.within} of {self.near}"
        if self.at_most is not None and value > self.at_most:
            return f"{value:.4g} is above {self.at_most}"
        if self.at_least is not None and value < self.at_least:
            return f"{value:.4g} is below {self.at_least}"
        return None


class Count(Record):
    """How many findings of a kind there must be."""

    at_least: int = 0
    at_most: int | None = None

    def problem(self, count: int) -> str | None:
        """Return what is wrong with `count`, or None."""
        if count < self.at_least or (self.at_most is not None and count > self.at_most):
            return f"{count} findings, expected {self.at_least} to {self.at_most or 'any number'}"
        return None


class Case(Record):
    """A world made by fakes, and what the probe must find in it.

    `target` and `data` name a fake and its parameters: `{fake: seer, accuracy: {a: 0.9}}`. With
    both, the dataset of the second stands in for that of the first; `reference` names a fake whose
    model is the one to compare with. `after` names probes that run in the world before, and may
    keep rows. `expect` is keyed by metric, or by `metric[attribute=group]` for a slice. `skipped`
    is a part of the expected reason.
    """

    name: str
    target: dict[str, Any] | None = None
    data: dict[str, Any] | None = None
    reference: dict[str, Any] | None = None
    after: tuple[str, ...] = ()
    settings: dict[str, Any] = Field(default_factory=dict)
    seed: int = 0
    expect: dict[str, Expectation] = Field(default_factory=dict)
    findings: dict[str, Count] = Field(default_factory=dict)
    skipped: str | None = None

    @model_validator(mode="after")
    def _has_a_world_and_an_expectation(self) -> Self:
        if self.target is None and self.data is None:
            raise ValueError("a case needs a target or data")
        if not self.expect and not self.findings and self.skipped is None:
            raise ValueError("a case that expects nothing cannot fail")
        return self


class Cases(Record):
    """The cases of one probe."""

    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


def read_cases(text: str, *, where: str) -> tuple[Case, ...]:
    """Return the cases that a `cases.yaml` lists.

    Raises:
        InputError: the text is no list of cases; names every problem with its line.
    """
    listed = parse(text, where=where, top="list")
    places = {("cases", *keys): place for keys, place in listed.places.items()}
    document = Document(where, {"cases": listed.value}, places, listed.problems)
    return read_record(document, Cases).cases
