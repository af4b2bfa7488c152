"""What may help against a failing rule, and what it did when it was tried."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeAlias

import numpy as np

from vlaudit.core.dataset import Dataset
from vlaudit.core.measurement import Interval
from vlaudit.core.probe import Features
from vlaudit.core.target import Target
from vlaudit.stats.exchange import design_of


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a remedy is tried on.

    Attributes:
        target: the model.
        features: embeddings and scores of its rows.
        fit: rows that a remedy may learn from.
        held_out: rows that it is measured on; no person is in both.
        rng: the only source of randomness.
        whole: all rows, where a remedy may train on them.
        flagged: ids of rows that the run found to be poisoned.
    """

    target: Target
    features: Features
    fit: Dataset
    held_out: Dataset
    rng: np.random.Generator
    whole: Dataset | None = None
    flagged: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Figure:
    """A number with its interval."""

    value: float
    interval: Interval


@dataclass(frozen=True)
class Effect:
    """One number on held-out rows, before and after.

    Attributes:
        what: what the number says.
        before: without the remedy.
        after: with it.
        samples: number of held-out observations.
    """

    what: str
    before: Figure
    after: Figure
    samples: int


Simulation: TypeAlias = Callable[[Trial], Iterator[Effect]]
"""Yields effects; raises Inapplicable where the remedy cannot be tried on these rows."""


@dataclass(frozen=True)
class Remedy:
    """Something known to help, for rules on some metrics.

    Attributes:
        title: name for people.
        helps: patterns of metrics, such as `bias.zero_shot_parity.*`.
        words: what to do, and what it costs.
        cites: where it was shown to help.
        simulate: tries it here; None where it takes what is not here, such as people.
        trains: whether that trains small models, so that it is tried only where asked for.
    """

    title: str
    helps: tuple[str, ...]
    words: str
    cites: tuple[str, ...] = ()
    simulate: Simulation | None = None
    trains: bool = False

    def is_for(self, metric: str) -> bool:
        """Tell whether it may help against a rule on a metric, `PROBE.METRIC`."""
        return any(fnmatchcase(metric, pattern) for pattern in self.helps)


def trial(
    target: Target,
    features: Features,
    data: Dataset,
    *,
    rng: np.random.Generator,
    whole: Dataset | None = None,
    flagged: frozenset[str] = frozenset(),
) -> Trial:
    """Return a trial on two random halves of the rows; all pictures of a person are in one."""
    people = design_of(data).clusters
    names = np.unique(people)
    chosen = np.isin(people, rng.permutation(names)[: names.size // 2])
    return Trial(
        target=target,
        features=features,
        fit=data.select(np.flatnonzero(chosen).tolist()),
        held_out=data.select(np.flatnonzero(~chosen).tolist()),
        rng=rng,
        whole=whole,
        flagged=flagged,
    )
