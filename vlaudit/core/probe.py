"""A question about a model or its data, and what the function that answers it is given."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from vlaudit.core.dataset import Dataset, OtherPictures, Role
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement, RowResults
from vlaudit.core.record import Record
from vlaudit.core.target import Ability, Matrix, Target


class Risk(StrEnum):
    """The risks that probes are filed under."""

    BIAS = "bias"
    ADVERSARIAL = "adversarial"
    ROBUSTNESS = "robustness"
    POISONING = "poisoning"
    PRIVACY = "privacy"
    RELIABILITY = "reliability"
    DATA = "data"


class Metric(Record):
    """What a number of a probe means."""

    means: str
    """What the number says."""
    unit: str
    """Unit of the number."""
    range: tuple[float | None, float | None]
    """Lowest and highest possible value; null for none."""
    better: Literal["lower", "higher", "neither"]
    """Which way is good."""
    own_scale: bool = False
    """Whether it is on the model's own scale of scores, so that it compares between models of one
    kind only: a dual encoder's cosines, or a writing model's log-odds of yes against no."""

    def admits(self, value: float) -> bool:
        """Tell whether `value` lies in the declared range."""
        low, high = self.range
        return (low is None or value >= low) and (high is None or value <= high)


Setting = str | bool | int | float | list[str] | list[float]


class Trial(Record):
    """How a probe is tried on the user's own rows, by ways that `vlaudit/selfcheck/ways.py` lists.

    A probe that cannot be tried says why instead.
    """

    plant: str | None = None
    """Way to plant a known flaw."""
    innocent: str | None = None
    """Way to make the rows innocent."""
    cannot: str = ""
    """Why there is no way to do the one or the other."""
    clears: tuple[str, ...] = ()
    """Metrics that the rows are then innocent of; all where empty."""
    rows: Annotated[int, Field(ge=1)] = 1000
    """Most rows of one run."""
    costly: bool = False
    """Whether a run reads pictures or texts anew, so that there should be few."""
    settings: dict[str, Setting] = Field(default_factory=dict)
    """Settings that differ from those of the audit."""

    @model_validator(mode="after")
    def _says_why_not(self) -> "Trial":
        if not self.cannot and not (self.plant and self.innocent):
            raise ValueError("names plant and innocent, or says under `cannot` why not")
        return self


class Card(Record):
    """The card of a probe, `probe.yaml`: what it asks, needs and reports, and its blind spot.

    `rows` says which rows `run` is given: those kept for evaluation, or all of them.
    """

    id: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z0-9_]+$")]
    """`RISK.NAME`."""
    title: str
    """The good state, as a statement."""
    asks: str
    """The question it answers."""
    risk: Risk
    """The risk it is filed under."""
    lifecycle: Literal["stable", "experimental"] = "stable"
    """How settled it is."""
    needs: tuple[Ability, ...] = ()
    """Abilities that the target must have."""
    needs_one_of: tuple[Ability, ...] = ()
    """Abilities of which the target must have one."""
    data: tuple[Role, ...] = ()
    """Roles that the data must have columns for."""
    rows: Literal["evaluation", "all"] = "evaluation"
    """Rows that it is given."""
    reads_rows: bool = False
    """Whether it reads what other probes kept row by row; it runs after all others then."""
    metrics: Annotated[dict[str, Metric], Field(min_length=1)]
    """The numbers it reports."""
    settings: dict[str, Setting] = Field(default_factory=dict)
    """What a user may set, with defaults."""
    self_check: Trial | None = None
    """How it is tried on the user's own rows."""
    blind_to: str
    """What it cannot see."""
    cites: tuple[str, ...] = ()
    """Sources of the method."""
    tags: tuple[str, ...] = ()
    """Further words to select it by."""

    @model_validator(mode="after")
    def _filed_under_its_risk(self) -> "Card":
        if not self.id.startswith(f"{self.risk}."):
            raise ValueError(f"id {self.id!r} must begin with its risk, {self.risk}.")
        return self

    @model_validator(mode="after")
    def _is_tried_as_it_is(self) -> "Card":
        trial = self.self_check
        if trial is not None:
            foreign = [name for name in trial.clears if name not in self.metrics]
            foreign += [name for name in trial.settings if name not in self.settings]
            if foreign:
                raise ValueError(f"self_check: {foreign[0]!r} is no metric or setting of the probe")
        return self


class Features(Protocol):
    """Embeddings and scores of the audited model, computed once and shared by all probes."""

    def images(self, data: Dataset) -> Matrix:
        """Return the normalised embeddings of these rows, (rows, dimensions)."""
        ...

    def texts(self, texts: Sequence[str]) -> Matrix:
        """Return the normalised embeddings of these texts, (texts, dimensions)."""
        ...

    def scores(self, data: Dataset, texts: Sequence[str]) -> Matrix:
        """Return the logits of each row against each text, (rows, texts), at the model's scale."""
        ...


def _forget(results: RowResults) -> None:
    """Keep no rows."""


def _none_kept() -> Mapping[str, RowResults]:
    """Know of no other probe."""
    return {}


def _nothing_opened(place: str) -> OtherPictures:
    """Open no other dataset."""
    raise Inapplicable(f"{place} cannot be opened here")


@dataclass(frozen=True)
class Reference:
    """A model that never saw the data, and its embeddings and scores of the same rows."""

    target: Target
    features: Features


@dataclass(frozen=True, kw_only=True)
class Context:
    """All that a probe may look at while it runs.

    Attributes:
        target: the model; its abilities are those that the card needs.
        data: the rows that the card asks for, without those whose picture cannot be decoded.
        features: embeddings and scores of `target` over `data`.
        settings: the card's settings, with the user's values in place of the defaults.
        rng: the only source of randomness; seeded by run seed and probe id.
        note: keeps a sentence that documents print beside the numbers.
        progress: says which fraction, 0 to 1, is done.
        keep_picture: keeps a picture, uint8 of shape (height, width, 3), under a name and
            returns its path in the run folder, for `Finding.evidence["picture"]`.
        keep_rows: keeps which rows a rate counts as successes, to compare runs row by row.
        kept_rows: returns what the probes before kept so, by `PROBE.METRIC`.
        settled: tells whether these measurements would decide every rule on the probe, so that
            it may end early; their intervals must hold whenever one stops to look. None where
            the probe is to measure to the end.
        reference: a model that never saw the data, where the user names one.
        open_pictures: opens the pictures of another dataset that the user names, a folder or a
            parquet file; raises `Inapplicable` where there are none.
    """

    target: Target
    data: Dataset
    features: Features
    settings: Mapping[str, Any]
    rng: np.random.Generator
    note: Callable[[str], None]
    progress: Callable[[float], None]
    keep_picture: Callable[[str, NDArray[np.uint8]], str]
    keep_rows: Callable[[RowResults], None] = _forget
    kept_rows: Callable[[], Mapping[str, RowResults]] = _none_kept
    settled: Callable[[Sequence[Measurement]], bool] | None = None
    reference: Reference | None = None
    open_pictures: Callable[[str], OtherPictures] = _nothing_opened


class Inapplicable(Exception):
    """Raised by a probe that finds it cannot measure here; its text is the reason to skip."""


class Run(Protocol):
    """The function `run` of a probe's module."""

    def __call__(self, context: Context) -> Iterator[Measurement | Finding]:
        """Yield measurements and findings, as they come."""
        ...


@dataclass(frozen=True)
class Probe:
    """A card and the function that answers its question."""

    card: Card
    run: Run
