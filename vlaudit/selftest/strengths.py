"""Error and power of the probes: many audits of worlds whose harm is known."""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any

import numpy as np
from pydantic import Field

from vlaudit import registry
from vlaudit.core.finding import Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.policy import Origin, OriginClass, Rule
from vlaudit.core.probe import Inapplicable, Probe
from vlaudit.core.record import Record
from vlaudit.core.verdict import Status
from vlaudit.judge.limit import hold
from vlaudit.reading.document import Document, parse
from vlaudit.reading.record import read_record
from vlaudit.selftest.cases import Case
from vlaudit.selftest.check import build_world, run_in_memory
from vlaudit.selftest.record import Level, ProbeRecord


class World(Record):
    """One world of a known strength; `innocent` where the limit does not say it."""

    strength: float
    name: str = ""
    target: dict[str, Any]
    innocent: bool | None = None


class Grid(Record):
    """The worlds that one metric of a probe is tried on, and the limit it is judged by."""

    probe: str
    metric: str
    harm: str
    at_most: float | None = None
    at_least: float | None = None
    share: float = 0.5
    most: int = 1000
    settings: dict[str, Any] = Field(default_factory=dict)
    worlds: tuple[World, ...]

    @property
    def rule(self) -> Rule:
        """The limit as a rule."""
        return Rule(
            id="limit", metric=f"{self.probe}.{self.metric}", at_most=self.at_most,
            at_least=self.at_least, controls=("any",), severity=Severity.HIGH, because="tried",
            origin=Origin(kind=OriginClass.HOUSE, text="tried"),
        )  # fmt: skip

    @property
    def worst(self) -> World:
        """The world of the gravest harm."""
        harmful = [world for world in self.worlds if not self.innocent(world)]
        milder_is_less = self.at_most is not None or self.metric == "p_value"
        return (max if milder_is_less else min)(harmful, key=lambda world: world.strength)

    def innocent(self, world: World) -> bool:
        """Tell whether a world meets the limit."""
        if world.innocent is not None:
            return world.innocent
        if self.at_most is not None:
            return world.strength <= self.at_most
        return world.strength >= (self.at_least or 0.0)


class Grids(Record):
    """The worlds of all probes that are tried so."""

    grids: tuple[Grid, ...]


def read_grids() -> tuple[Grid, ...]:
    """Return the shipped worlds of graded strength."""
    where = "vlaudit/selftest/strengths.yaml"
    text = (files("vlaudit.selftest") / "strengths.yaml").read_text(encoding="utf-8")
    listed = parse(text, where=where, top="list")
    places = {("grids", *keys): place for keys, place in listed.places.items()}
    return read_record(Document(where, {"grids": listed.value}, places), Grids).grids


def measure(audits: int, *, probes: Sequence[str] = ()) -> Iterator[ProbeRecord]:
    """Yield error and power of every probe with worlds, from `audits` audits of each world."""
    installed = registry.installed()
    for grid in read_grids():
        if grid.probe in installed and (not probes or grid.probe in probes):
            probe = installed[grid.probe].load()
            count = min(audits, grid.most)
            levels = tuple(_level(probe, grid, world, count) for world in grid.worlds)
            yield ProbeRecord(
                probe=grid.probe, metric=grid.metric, harm=grid.harm, at_most=grid.at_most,
                at_least=grid.at_least, levels=levels,
            )  # fmt: skip


def _level(probe: Probe, grid: Grid, world: World, audits: int) -> Level:
    statuses = [status(probe, grid, world, seed) for seed in range(audits)]
    return Level(
        strength=world.strength,
        name=world.name,
        innocent=grid.innocent(world),
        audits=audits,
        fails=statuses.count(Status.FAIL),
        passes=statuses.count(Status.PASS),
    )


def status(probe: Probe, grid: Grid, world: World, seed: int, *, share: float = 0.0) -> Status:
    """Return the verdict of a grid's rule on a random part of the rows of a world.

    Args:
        probe: the probe of the grid.
        grid: metric, limit and settings.
        world: a world, of this grid or another.
        seed: of the part and of the probe.
        share: part of the rows; that of the grid where 0.
    """
    target, data = build_world(Case(name="world", target=world.target, skipped="never"))
    rng = np.random.default_rng(seed)
    drawn = np.sort(rng.permutation(len(data))[: round((share or grid.share) * len(data))])
    try:
        found = run_in_memory(
            probe, target, data.select(drawn.tolist()),  # type: ignore[arg-type]
            settings=grid.settings, seed=seed,
        )  # fmt: skip
    except Inapplicable:
        return Status.NOT_MEASURED
    for item in found:
        if isinstance(item, Measurement) and item.metric == grid.metric and not item.slice:
            return hold(item, grid.rule).status
    return Status.NOT_MEASURED
