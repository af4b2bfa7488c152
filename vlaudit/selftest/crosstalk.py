"""Which probes fire on the flaws of other probes: one looks where another's harm was planted."""

from collections.abc import Iterator, Sequence

from vlaudit import registry
from vlaudit.core.audit import Evidence
from vlaudit.core.dataset import Dataset, Role
from vlaudit.core.probe import Card, Probe
from vlaudit.core.target import Target
from vlaudit.core.verdict import Status
from vlaudit.judge.limit import hold
from vlaudit.selftest.cases import Case
from vlaudit.selftest.check import build_world
from vlaudit.selftest.record import CrossTalk
from vlaudit.selftest.strengths import Grid, read_grids, status


def cross_talk(audits: int, *, probes: Sequence[str] = ()) -> Iterator[CrossTalk]:
    """Yield what every probe says of the gravest world of every other that it can look at.

    Args:
        audits: how often each looks.
        probes: ids of the probes whose flaws are looked at; all where empty.
    """
    installed, grids = registry.installed(), read_grids()
    tried = [grid for grid in grids if grid.probe in installed]
    for flawed in tried:
        if probes and flawed.probe not in probes:
            continue
        target, data = build_world(Case(name="w", target=flawed.worst.target, skipped="never"))
        for grid in tried:
            if grid.probe == flawed.probe or not can_look(installed[grid.probe].card, target, data):
                continue
            probe = installed[grid.probe].load()
            seen = [_status(probe, grid, flawed, seed) for seed in range(audits)]
            looked = [one for one in seen if one is not Status.NOT_MEASURED]
            if looked:
                yield CrossTalk(
                    flaw=flawed.probe, probe=grid.probe, fails=looked.count(Status.FAIL),
                    audits=len(looked),
                )  # fmt: skip


def fired_in(evidence: Evidence) -> Iterator[CrossTalk]:
    """Yield what the probes with worlds said in an audit, such as that of a reference model."""
    for grid in read_grids():
        for item in evidence.measurements.get(grid.probe, ()):
            if item.metric == grid.metric and not item.slice:
                yield CrossTalk(
                    flaw=evidence.audit.target.name, probe=grid.probe,
                    fails=int(hold(item, grid.rule).status is Status.FAIL), audits=1,
                )  # fmt: skip


def _status(probe: Probe, grid: Grid, flawed: Grid, seed: int) -> Status:
    """Return the verdict on a flaw of another kind; not measured where its world breaks."""
    try:
        return status(probe, grid, flawed.worst, seed, share=flawed.share)
    except (LookupError, ValueError, RuntimeError):
        # Most small worlds know the pictures of their own probe only.
        return Status.NOT_MEASURED


def can_look(card: Card, target: Target, data: Dataset) -> bool:
    """Tell whether a probe can look at a model and data: abilities and roles are there."""
    able = all(need.held_by(target) for need in card.needs)
    if card.needs_one_of:
        able = able and any(need.held_by(target) for need in card.needs_one_of)
    return able and all(data.columns.has(role) for role in card.data if role is not Role.ID)


def matrix(cells: Sequence[CrossTalk]) -> list[str]:
    """Return a table of flaws and probes as lines of text: `3/3` fired, `.` where none could look.

    Columns are numbered, and named below.
    """
    flaws = [*dict.fromkeys(cell.flaw for cell in cells)]
    lookers = sorted({cell.probe for cell in cells})
    said = {(cell.flaw, cell.probe): f"{cell.fails}/{cell.audits}" for cell in cells}
    wide = max((len(flaw) for flaw in flaws), default=0)
    head = " " * wide + "".join(f"{number:>6d}" for number in range(1, len(lookers) + 1))
    rows = [
        f"{flaw:{wide}}" + "".join(f"{said.get((flaw, name), '.'):>6}" for name in lookers)
        for flaw in flaws
    ]
    names = [f"{number:>4d} {name}" for number, name in enumerate(lookers, start=1)]
    return [head, *rows, *names] if cells else []
