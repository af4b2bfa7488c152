"""What a card tells of a probe: the numbers that rules hold, and the worst groups; not every slice.

A card is read by people. All measurements stand in the run folder, and the card names their digest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vlaudit.report.examined import Examined
from vlaudit.report.front_matter import one_line
from vlaudit.report.page import Page
from vlaudit.report.readings import Reading, Slices

DIGITS = 6
LEAST_GROUPS = 2


@dataclass(frozen=True)
class Extreme:
    """The group where a metric is worst, of how many."""

    reading: Reading
    end: str
    groups: int


@dataclass(frozen=True)
class Told:
    """One probe, as a card tells of it; `further` numbers of it stand in the run folder only."""

    probe: Examined
    numbers: tuple[Reading, ...]
    worst: tuple[Extreme, ...]
    further: int

    def better(self, reading: Reading) -> str:
        """Say which way is good."""
        return self.probe.planned.card.metrics[reading.measurement.metric].better


def told(page: Page, probes: Iterable[Examined]) -> list[Told]:
    """Return what a card tells of these probes."""
    held = {item.verdict.metric for item in page.verdicts}
    return [_told(probe, held) for probe in probes]


def machine_readable(items: Iterable[Told]) -> dict[str, dict[str, dict[str, object]]]:
    """Return what is told by probe and metric, with interval and sample count."""
    return {
        item.probe.planned.card.id: {one.measurement.metric: _entry(one) for one in item.numbers}
        for item in items
        if item.numbers
    }


def rounded(value: float) -> float:
    """Return a number with the digits that a card gives."""
    return float(f"{value:.{DIGITS}g}")


def _told(probe: Examined, held: set[str]) -> Told:
    chosen = [item for item in probe.overall if item.metric in held] or list(probe.overall[:1])
    names = {item.metric for item in chosen}
    never_whole = {family.metric for family in probe.slices} - {
        item.metric for item in probe.overall
    }
    wanted = [family for family in probe.slices if family.metric in names | never_whole]
    worst = list(_worst(probe, wanted))
    every = len(probe.overall) + sum(len(part.readings) + part.left_out for part in probe.slices)
    return Told(probe, tuple(chosen), tuple(worst), every - len(chosen) - len(worst))


def _worst(probe: Examined, families: Sequence[Slices]) -> Iterable[Extreme]:
    """Yield for each metric the group with the worst value, by whatever the groups are made."""
    for metric in dict.fromkeys(family.metric for family in families):
        same = [family for family in families if family.metric == metric]
        readings = [item for family in same for item in family.readings]
        groups = len(readings) + sum(family.left_out for family in same)
        better = probe.planned.card.metrics[readings[0].measurement.metric].better
        if better == "neither" or groups < LEAST_GROUPS:
            continue
        lowest = better == "higher"
        end = (min if lowest else max)(readings, key=lambda item: item.measurement.value)
        yield Extreme(end, "lowest" if lowest else "highest", groups)


def _entry(reading: Reading) -> dict[str, object]:
    item = reading.measurement
    found: dict[str, object] = {
        "value": rounded(item.value),
        "low": rounded(item.interval.low),
        "high": rounded(item.interval.high),
        "level": item.interval.level,
        "method": one_line(item.interval.method),
        "samples": item.samples,
    }
    return found if item.clusters is None else found | {"clusters": item.clusters}
