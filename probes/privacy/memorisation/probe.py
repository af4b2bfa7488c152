"""Memorisation: planted secrets, captions given back, and what only one picture shows."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.core.target import WritesText
from vlaudit.detect.names.fictional import acquaintances
from vlaudit.metrics.canaries import ranked
from vlaudit.metrics.extraction import comparable, continued, deja_vu
from vlaudit.metrics.memorisation import exposure
from vlaudit.metrics.sides import captioned, declared
from vlaudit.stats.intervals import Estimate, clopper_pearson, mean, newcombe
from vlaudit.stats.roc import strongest
from vlaudit.stats.two_means import difference_of_means

VIEWS = ("own_picture", "blank_picture")
FEWEST = 20
Bools = NDArray[np.bool_]


def run(context: Context) -> Iterator[Measurement]:
    """Try whatever the declared rows and the abilities of the model allow."""
    sides: dict[str, list[int]] = {}
    for side in ("canaries", "controls", "members", "others"):
        rows = declared(context.data, context.settings[side], setting=side)
        sides[side] = captioned(context, rows, most=int(context.settings["rows"]))
    found = list(_canaries(context, sides["canaries"], sides["controls"]))
    context.progress(0.4)
    if sides["members"] and sides["others"]:
        found += _extraction(context, sides["members"], sides["others"])
        context.progress(0.8)
        found += _deja_vu(context, sides["members"], sides["others"])
    if not found:
        raise Inapplicable(
            "no rows are declared on which this model could show a memory; set canaries, or "
            "members and others, such as [split=train] and [split=test]"
        )
    yield from found
    context.progress(1.0)


def _canaries(
    context: Context, rows: Sequence[int], controls: Sequence[int]
) -> Iterator[Measurement]:
    names = acquaintances(context.rng, int(context.settings["rivals"]), but=())
    found, other = (ranked(context, side, names=names) for side in (rows, controls))
    if found is None or not found[0].size:
        return
    ranks, rivals = found
    saved, most = exposure(ranks, rivals), float(np.log2(1 + rivals.max()))
    if other is not None and other[0].size:
        gain = difference_of_means(saved, exposure(*other), bounds=(0.0, most), rng=context.rng)
        yield Measurement("exposure_gain", gain.value, gain.samples, gain.interval)
    else:
        context.note("Secrets that share a beginning come first unkept; set `controls` to tell.")
    for metric, values, high in (
        ("exposure", saved, most),
        ("canary_rank", (ranks - 1) / rivals, 1.0),
    ):
        one = mean(values, bounds=(0.0, high), rng=context.rng)
        yield Measurement(metric, one.value, one.samples, one.interval)
    first, tried = int((ranks == 1).sum()), ranks.size
    yield Measurement("canaries_first", first / tried, tried, clopper_pearson(first, tried))


def _extraction(
    context: Context, members: Sequence[int], others: Sequence[int]
) -> Iterator[Measurement]:
    """Yield how often the model goes on with captions of the members, and how much more often."""
    if not isinstance(context.target, WritesText):
        return
    gains: list[tuple[Bools, Bools]] = []
    for view in VIEWS:
        ours, theirs = (
            continued(context, context.target, rows, view=view) for rows in (members, others)
        )
        if not ours.size or not theirs.size:
            context.note("No caption is long enough to be given in halves.")
            return
        interval = clopper_pearson(int(ours.sum()), ours.size)
        part = {"view": view}
        yield Measurement("extraction_rate", float(ours.mean()), ours.size, interval, slice=part)
        gains.append((ours, theirs))
    best = strongest(
        [_gain(*pair, level=0.95) for pair in gains],
        [_gain(*pair, level=1 - 0.05 / len(gains)) for pair in gains],
    )
    yield Measurement("extraction_gain", best.value, best.samples, best.interval)


def _gain(ours: Bools, theirs: Bools, *, level: float) -> Estimate:
    counts = int(ours.sum()), ours.size, int(theirs.sum()), theirs.size
    value = float(ours.mean() - theirs.mean())
    return Estimate(value, ours.size + theirs.size, newcombe(*counts, level=level))


def _deja_vu(
    context: Context, members: Sequence[int], others: Sequence[int]
) -> Iterator[Measurement]:
    """Yield how much more the model finds for members than for others, beside the reference."""
    reference = context.reference
    if reference is None or not comparable(context):
        context.note("Deja vu takes two dual encoders and labels; name a `reference`.")
        return
    order = context.rng.permutation(np.array(others))
    pool, controls = sorted(order[::2].tolist()), sorted(order[1::2].tolist())
    if min(len(pool), len(controls), len(members)) < FEWEST:
        context.note(f"Deja vu takes {2 * FEWEST} others and {FEWEST} members.")
        return
    gaps = [deja_vu(context, reference, rows, pool) for rows in (members, controls)]
    found = difference_of_means(*gaps, bounds=(-1.0, 1.0), rng=context.rng)
    yield Measurement("deja_vu_gap", found.value, found.samples, found.interval)
