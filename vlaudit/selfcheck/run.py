"""Runs probes again on the rows of an audit: made innocent, and with known flaws in them."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Literal, cast

import numpy as np

from vlaudit.core.audit import PlannedProbe
from vlaudit.core.dataset import Pictures
from vlaudit.core.errors import VlauditError
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement, RowResults
from vlaudit.core.probe import Card, Context, Inapplicable, Probe
from vlaudit.core.selfcheck import Rerun, SelfCheck
from vlaudit.core.target import DualEncoder, Target
from vlaudit.data.elsewhere import Elsewhere
from vlaudit.runner import Bench, admit, generator
from vlaudit.selfcheck.ways import Check, check_of
from vlaudit.selfcheck.world import Planted, World

Mode = Literal["quick", "full"]
Kind = Literal["innocent", "planted"]
# Runs on innocent rows, and runs with a planted flaw.
CHEAP: Mapping[Mode, tuple[int, int]] = {"quick": (10, 3), "full": (40, 10)}
COSTLY: Mapping[Mode, tuple[int, int]] = {"quick": (1, 1), "full": (5, 5)}
STREAMS: Mapping[Kind, int] = {"innocent": 1, "planted": 2}


def runs(card: Card, target: Target, mode: Mode) -> tuple[int, int]:
    """Return how often a probe is run on innocent rows, and how often with a planted flaw.

    A model whose scores do not follow from kept embeddings must be asked anew, which takes as long
    as the audit or has a price: it is left alone unless everything is asked for. A made-up model
    in its place is not waited for.
    """
    check = check_of(card)
    asked = bool(card.needs or card.needs_one_of) and not isinstance(target, DualEncoder)

    def times(at: int) -> int:
        way = (check.innocent, check.plant)[at]
        if way is None:
            return 0
        dear = asked and not way.made_up
        if dear and mode == "quick":
            return 0
        return (COSTLY if check.trial.costly or dear else CHEAP)[mode][at]

    return times(0), times(1)


def self_check(
    planned: Iterable[PlannedProbe],
    bench: Bench,
    *,
    load: Callable[[str], Probe],
    only: Collection[str],
    mode: Mode,
    deadline: float | None = None,
    kept: Mapping[str, RowResults] | None = None,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Iterator[SelfCheck]:
    """Yield how every probe did that `only` names; nothing that is altered leaves the memory.

    Args:
        planned: the probes that were measured, with their settings.
        bench: what they looked at.
        load: returns the probe of an id.
        only: ids of the probes to try.
        mode: how often each is run.
        deadline: value of `time.monotonic()` after which no further run begins.
        kept: what probes kept row by row, by `PROBE.METRIC`.
        progress: is told which fraction is done.
    """
    tried = [item for item in planned if item.card.id in only]
    for done, item in enumerate(tried):
        progress(done / len(tried))
        yield _try(item, bench, kept or {}, load(item.card.id), mode, deadline)
    progress(1.0)


def _try(
    item: PlannedProbe, bench: Bench, kept: Mapping[str, RowResults], probe: Probe, mode: Mode,
    deadline: float | None,
) -> SelfCheck:  # fmt: skip
    started, remarks, reruns = time.monotonic(), dict[str, None](), list[Rerun]()
    check, (innocent, planted) = check_of(item.card), runs(item.card, bench.target, mode)
    if check.plant is None:
        remarks[check.trial.cannot] = None
    elif not innocent + planted:
        remarks["the model would have to be asked anew; self_check: full does"] = None
    turns: dict[Kind, int] = {"innocent": innocent, "planted": planted}
    kinds: list[Kind] = [kind for kind, times in turns.items() for _ in range(times)]
    for turn, kind in enumerate(kinds):
        if deadline is not None and time.monotonic() > deadline:
            remarks["the budget was spent before all runs were done (budget.minutes)"] = None
            break
        try:
            reruns.append(_rerun(item, check, bench, kept, probe, kind, turn))
        except Inapplicable as reason:
            remarks[f"{kind}: {reason}"] = None
        except VlauditError as error:
            remarks[f"{kind}: {error}"] = None
        except Exception as error:  # a probe is foreign code, and the audit must not end with it
            remarks[f"{kind}: the probe broke ({type(error).__name__})"] = None
    return SelfCheck(
        probe=item.card.id,
        innocent=check.innocent.words if check.innocent else check.trial.cannot,
        planted=check.plant.words if check.plant else "",
        reruns=tuple(reruns),
        seconds=round(time.monotonic() - started, 3),
        remark="; ".join(remarks),
    )


def _rerun(
    item: PlannedProbe, check: Check, bench: Bench, kept: Mapping[str, RowResults], probe: Probe,
    kind: Kind, turn: int,
) -> Rerun:  # fmt: skip
    """Alter a random part of the rows and run the probe on it."""
    stream = generator(bench.seed, item.card.id).bit_generator.random_raw()
    rng = np.random.default_rng([int(stream), STREAMS[kind], turn])
    data = cast("Pictures", bench.data if item.card.rows == "all" else bench.evaluation)
    chosen = np.sort(rng.permutation(len(data))[: check.trial.rows]).tolist()
    part = cast("Pictures", data.select(chosen))
    settings = {**item.settings, **check.trial.settings}
    world = World(bench.target, part, bench.features, settings, kept)
    if kind == "innocent":
        assert check.innocent is not None
        altered = Planted(check.innocent.alter(world, rng), {})
    else:
        assert check.plant is not None
        altered = check.plant.alter(world, rng)
    found = [admit(one, probe.card) for one in probe.run(_context(altered.world, bench, rng))]
    spoken = set(altered.harms) or set(check.trial.clears)
    named = {one.row for one in found if isinstance(one, Finding)}
    return Rerun(
        kind=kind,
        measurements=tuple(
            one for one in found
            if isinstance(one, Measurement) and not one.slice
            and (not spoken or one.metric in spoken)
        ),
        harms=dict(altered.harms),
        planted=len(altered.rows),
        found=len(altered.rows & named),
    )  # fmt: skip


def _context(world: World, bench: Bench, rng: np.random.Generator) -> Context:
    return Context(
        target=world.target,
        data=world.data,
        features=world.features,
        settings=world.settings,
        rng=rng,
        note=lambda text: None,
        progress=lambda fraction: None,
        keep_picture=lambda name, pixels: name,
        kept_rows=lambda: world.kept,
        reference=bench.reference,
        open_pictures=Elsewhere.at,
    )
