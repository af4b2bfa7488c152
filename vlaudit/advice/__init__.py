"""Advice on failing rules: what is known to help, and what it does on held-out rows.

Each module of `vlaudit.advice.remedies`, and of packages under the entry point `vlaudit.remedies`,
holds a tuple `REMEDIES`; to add advice for a rule is to add a module.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points

from vlaudit.advice.remedy import Effect, Figure, Remedy, Trial, trial
from vlaudit.core.errors import MissingExtraError
from vlaudit.core.probe import Inapplicable
from vlaudit.core.verdict import Judgement, Status, Verdict

__all__ = [
    "Advice",
    "Effect",
    "Figure",
    "Remedy",
    "Trial",
    "Tried",
    "advise",
    "known_remedies",
    "trial",
]

GROUP = "vlaudit.remedies"


@dataclass(frozen=True)
class Tried:
    """A remedy, what it did, and why it was not tried where it was not."""

    remedy: Remedy
    effects: tuple[Effect, ...] = ()
    untried: str | None = None


@dataclass(frozen=True)
class Advice:
    """What may help against one failing rule."""

    verdict: Verdict
    tried: tuple[Tried, ...]


def known_remedies() -> list[Remedy]:
    """Return all remedies, those of this package first."""
    package = importlib.import_module(f"{__name__}.remedies")
    modules = [f"{package.__name__}.{item.name}" for item in pkgutil.iter_modules(package.__path__)]
    modules += [entry.value for entry in entry_points(group=GROUP)]
    return [remedy for name in modules for remedy in importlib.import_module(name).REMEDIES]


def advise(judgement: Judgement, on: Trial | None, *, train: bool = False) -> Iterator[Advice]:
    """Yield advice on every rule that fails; each remedy is tried once.

    Args:
        judgement: the verdicts.
        on: what remedies are tried on; nothing is tried without.
        train: whether remedies are tried, too, that train small models for minutes.
    """
    known = known_remedies()
    done: dict[int, Tried] = {}
    for verdict in judgement.verdicts:
        if verdict.status is not Status.FAIL:
            continue
        mine = [at for at, remedy in enumerate(known) if remedy.is_for(verdict.metric)]
        for at in mine:
            if at not in done:
                done[at] = _try(known[at], on, train=train)
        yield Advice(verdict, tuple(done[at] for at in mine))


def _try(remedy: Remedy, on: Trial | None, *, train: bool) -> Tried:
    if remedy.simulate is None:
        return Tried(remedy, untried="it takes training, data or people, and cannot be tried here")
    if on is None:
        return Tried(remedy, untried="nothing was tried, as asked")
    if remedy.trains and not train:
        return Tried(remedy, untried="it trains small models for minutes; ask with --retrain")
    try:
        return Tried(remedy, tuple(remedy.simulate(on)))
    except (Inapplicable, MissingExtraError) as reason:
        return Tried(remedy, untried=str(reason))
