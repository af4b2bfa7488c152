"""The controls that an audit of a vision-language model should have, and other frameworks."""

from typing import Annotated, Literal

from pydantic import Field

from vlaudit.core.finding import Severity
from vlaudit.core.policy import OriginClass
from vlaudit.core.record import Record


class ProposedControl(Record):
    """One control of the catalogue, with the limit proposed for it."""

    id: str
    """Name, unique in the catalogue."""
    tier: Literal["core", "extended"]
    """Whether every audit should have it."""
    metric: str
    """What it measures."""
    limit: str
    """Limits that are proposed for it, in words."""
    origin: str
    """Where the limits come from."""
    classes: Annotated[tuple[OriginClass, ...], Field(min_length=1)]
    """Classes of those sources."""
    severity: Severity
    """How bad it is to miss the limit."""
    controls: Annotated[tuple[str, ...], Field(min_length=1)]
    """Subcategories of the NIST AI RMF that it bears on."""
    actions: tuple[str, ...] = ()
    """Suggested actions of NIST AI 600-1 that it is evidence for."""
    refs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Ids of other frameworks that it bears on, by framework."""


class Catalogue(Record):
    """All proposed controls."""

    controls: tuple[ProposedControl, ...]
    """The controls, by risk."""


class CrosswalkItem(Record):
    """One requirement, technique or category of another framework."""

    id: str
    """Id, as the framework writes it."""
    summary: str
    """What it says, in own words."""
    note: str = ""
    """Dates and releases."""
    controls: tuple[str, ...] = ()
    """Subcategories of the NIST AI RMF that it is near to."""


class CrosswalkFramework(Record):
    """Another framework that the same evidence can be read by."""

    id: str
    """Name of the framework for machines."""
    name: str
    """Name for people."""
    edition: str
    """Edition that the ids are from."""
    warning: str = ""
    """What a reader must know about it."""
    items: tuple[CrosswalkItem, ...]
    """Its ids."""


class Crosswalk(Record):
    """All other frameworks."""

    note: str
    """What a link between a control and an id does and does not say."""
    frameworks: tuple[CrosswalkFramework, ...]
    """The frameworks."""
