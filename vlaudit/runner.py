"""Runs probes: isolates them, holds them to their cards, and writes ahead what they report."""

import hashlib
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.audit import PlannedProbe
from vlaudit.core.dataset import Dataset
from vlaudit.core.errors import EvidenceError, ProbeError, VlauditError
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement, RowResults
from vlaudit.core.outcome import Broken, Measured, Outcome, Skipped
from vlaudit.core.probe import Card, Context, Features, Inapplicable, Probe, Reference
from vlaudit.core.target import Target
from vlaudit.data.elsewhere import Elsewhere


class Sink(Protocol):
    """Where the runner writes ahead: a run folder."""

    def record(self, probe: str, item: Measurement | Finding | Outcome) -> None:
        """Write one item of a probe through to the disk."""
        ...

    def keep_picture(self, probe: str, name: str, pixels: NDArray[np.uint8]) -> str:
        """Keep a picture and return its path in the run folder."""
        ...

    def keep_rows(self, probe: str, results: RowResults) -> None:
        """Keep which rows of a probe succeeded."""
        ...

    def kept_rows(self) -> Mapping[str, RowResults]:
        """Return what has been kept row by row so far, by `PROBE.METRIC`."""
        ...


class Observer(Protocol):
    """Whoever watches a run: a progress display, or nobody."""

    def begin(self, step: str, title: str) -> None:
        """Hear that a step begins."""
        ...

    def advance(self, fraction: float) -> None:
        """Hear which fraction of the step is done."""
        ...

    def end(self, outcome: str, *, error: BaseException | None = None) -> None:
        """Hear how the step ended, and the exception that broke it."""
        ...


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Everything that all probes of one run share.

    Attributes:
        target: the model.
        features: its embeddings of `data`.
        data: every readable row.
        evaluation: the readable rows that are kept for evaluation.
        seed: the seed of the run.
        reference: a model that never saw the data, where the user names one.
        settled: tells of a probe whether measurements decide every rule on it; None where probes
            are to measure to the end.
    """

    target: Target
    features: Features
    data: Dataset
    evaluation: Dataset
    seed: int
    reference: Reference | None = None
    settled: Callable[[str, Sequence[Measurement]], bool] | None = None


def run_probes(
    plan: Iterable[PlannedProbe],
    bench: Bench,
    sink: Sink,
    observer: Observer,
    *,
    load: Callable[[str], Probe],
    deadline: float | None = None,
) -> None:
    """Run the probes of a plan one after the other; one that raises leaves the others alone.

    Args:
        plan: probes with their settings, or their reasons to be skipped.
        bench: what the probes look at.
        sink: gets every item and every outcome at once.
        observer: is told of each step.
        load: returns the probe of an id.
        deadline: value of `time.monotonic()` after which no further probe begins.

    Raises:
        EvidenceError: the run folder cannot be written; nothing written before is lost.
    """
    for planned in plan:
        card = planned.card
        observer.begin(card.id, card.title)
        error: BaseException | None = None
        if planned.skip is not None:
            outcome: Outcome = Skipped(reason=planned.skip)
        elif deadline is not None and time.monotonic() > deadline:
            outcome = Skipped(
                reason="the budget was spent before this probe began (budget.minutes)"
            )
        else:
            outcome, error = _run_one(planned, bench, sink, observer, load)
        sink.record(card.id, outcome)
        observer.end(outcome.state, error=error)


def _run_one(
    planned: PlannedProbe,
    bench: Bench,
    sink: Sink,
    observer: Observer,
    load: Callable[[str], Probe],
) -> tuple[Outcome, BaseException | None]:
    """Run one probe to its end, whatever that is."""
    card = planned.card
    notes: list[str] = []
    started = time.monotonic()
    try:
        probe = load(card.id)
        for item in probe.run(_context(planned, bench, sink, observer, notes)):
            sink.record(card.id, admit(item, card))
    except Inapplicable as reason:
        return Skipped(reason=str(reason)), None
    except EvidenceError:
        raise
    except (
        Exception,
        SystemExit,
    ) as error:  # a probe is foreign code: whatever it raises breaks it alone
        return Broken(error=_describe(error), seconds=time.monotonic() - started), error
    return Measured(seconds=time.monotonic() - started, notes=tuple(notes)), None


def _context(
    planned: PlannedProbe, bench: Bench, sink: Sink, observer: Observer, notes: list[str]
) -> Context:
    card = planned.card
    return Context(
        target=bench.target,
        data=bench.data if card.rows == "all" else bench.evaluation,
        features=bench.features,
        settings=planned.settings,
        rng=generator(bench.seed, card.id),
        note=notes.append,
        progress=observer.advance,
        keep_picture=lambda name, pixels: sink.keep_picture(card.id, name, pixels),
        keep_rows=lambda results: sink.keep_rows(card.id, results),
        kept_rows=sink.kept_rows,
        reference=bench.reference,
        open_pictures=Elsewhere.at,
        settled=None if bench.settled is None else partial(bench.settled, card.id),
    )


def generator(seed: int, probe: str) -> np.random.Generator:
    """Return the random generator of one probe: the same for the same seed, whatever else runs."""
    digest = hashlib.sha256(probe.encode()).digest()
    return np.random.default_rng([seed, *np.frombuffer(digest, dtype=np.uint32).tolist()])


def _describe(error: BaseException) -> str:
    """Say what went wrong and where, without the text of foreign errors: it may quote the data."""
    if isinstance(error, VlauditError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown place"
    return f"{type(error).__name__} at {place}; run with --debug to see it whole"


def admit(item: object, card: Card) -> Measurement | Finding:
    """Return what a probe yielded, if its card allows it.

    Raises:
        ProbeError: not a measurement or finding, an undeclared metric or a value out of range.
    """
    if isinstance(item, Finding):
        return item
    if not isinstance(item, Measurement):
        raise ProbeError(f"{card.id} yielded a {type(item).__name__}, not a Measurement or Finding")
    metric = card.metrics.get(item.metric)
    if metric is None:
        declared = ", ".join(card.metrics)
        raise ProbeError(f"{card.id} reported {item.metric!r}, but its card declares {declared}")
    if not metric.admits(item.value):
        raise ProbeError(f"{card.id}: {item.metric} = {item.value} lies outside {metric.range}")
    return item
