"""The trend of every metric over the runs in a folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vlaudit.core.audit import Evidence
from vlaudit.core.errors import InputError
from vlaudit.core.measurement import Measurement
from vlaudit.core.outcome import Measured
from vlaudit.core.probe import Card
from vlaudit.evidence import load_run

Key = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Point:
    """One metric in one run."""

    run: str
    started: str
    target: str
    measurement: Measurement


@dataclass(frozen=True)
class Series:
    """One metric, over all rows or one slice, in every run that measured it, oldest first."""

    card: Card
    metric: str
    slice: tuple[tuple[str, str], ...]
    points: tuple[Point, ...]

    @property
    def name(self) -> str:
        """Probe, metric and slice."""
        part = ", ".join(f"{key}={value}" for key, value in self.slice)
        return f"{self.card.id}.{self.metric}" + (f"[{part}]" if part else "")


@dataclass(frozen=True)
class History:
    """All series of a folder, and what could not be read."""

    series: tuple[Series, ...]
    runs: tuple[str, ...]
    problems: tuple[str, ...]


def history(folder: Path) -> History:
    """Return the trend of every metric over the runs in `folder`, at any depth.

    A probe that broke or never ended counts for nothing, as in verdicts.

    Raises:
        InputError: there is no run.
    """
    runs, problems = _runs(folder)
    if not runs:
        raise InputError([f"{folder} holds no run that can be read", *problems])
    points: dict[Key, list[Point]] = {}
    cards: dict[str, Card] = {}
    for run in runs:
        stamp, target = run.audit.stamp, run.audit.target.name
        for card, item in _measured(run):
            cards[card.id] = card
            key = (card.id, item.metric, tuple(sorted(item.slice.items())))
            points.setdefault(key, []).append(Point(stamp.run, stamp.started, target, item))
    series = tuple(
        Series(cards[probe], metric, part, tuple(found))
        for (probe, metric, part), found in sorted(points.items())
    )
    return History(series, tuple(run.audit.stamp.run for run in runs), tuple(problems))


def _runs(folder: Path) -> tuple[list[Evidence], list[str]]:
    runs: list[Evidence] = []
    problems: list[str] = []
    for path in sorted(folder.rglob("run.json")):
        try:
            runs.append(load_run(path.parent))
        except InputError as error:
            problems.append(str(error))
    return sorted(runs, key=lambda run: (run.audit.stamp.started, run.audit.stamp.run)), problems


def _measured(run: Evidence) -> Iterator[tuple[Card, Measurement]]:
    for planned in run.audit.plan:
        if isinstance(run.audit.outcomes.get(planned.card.id), Measured):
            for item in run.measurements.get(planned.card.id, ()):
                if item.metric in planned.card.metrics:
                    yield planned.card, item
