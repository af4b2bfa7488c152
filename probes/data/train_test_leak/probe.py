"""Rows for evaluation whose picture is in the data for training too."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset, Role, Shown
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.core.target import ScoresPairs
from vlaudit.detect.duplicates import clusters
from vlaudit.detect.glance import glance
from vlaudit.detect.leaks import first_copies, leaked, named, one_after_the_other, parts
from vlaudit.detect.sketches import Sketches, joined, sign_codes, sketched
from vlaudit.metrics.zero_shot import labelled, name_rows
from vlaudit.stats.intervals import clopper_pearson, newcombe

FEWEST = 10
Flags = NDArray[np.bool_]


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Hold rows for evaluation against those for training, and against another dataset."""
    data, settings = context.data, context.settings
    splits = data.texts(Role.SPLIT) if data.columns.has(Role.SPLIT) else [None] * len(data)
    part = parts(splits, training=settings["training"], evaluation=settings["evaluation"])
    tested = part.evaluation if part.evaluation.any() else np.ones(len(data), dtype=np.bool_)
    taught = part.training & ~tested
    other = context.open_pictures(settings["against"]) if settings["against"] else None
    if other is None and not (taught.any() and part.evaluation.any()):
        raise Inapplicable(
            "there are no two parts to compare; name the split under data.columns.split, and "
            "settings training and evaluation, or another dataset under setting against"
        )
    if tested.sum() < FEWEST:
        raise Inapplicable(f"{tested.sum()} rows for evaluation are too few; give {FEWEST}")
    rows = np.flatnonzero(tested | taught)
    held, side = data.select(rows.tolist()), tested[rows]
    seen = glance(data, context.features, context.progress).sketches.take(rows)
    hits, exact, copies = _compared(context, held, seen, side, other)
    yield from _measured(hits, exact, [splits[row] for row in rows.tolist()], side, part.names)
    yield from _change(context, held, side, hits)
    listed = list(named(hits, exact, copies, held.ids()))
    yield from listed[: settings["listed"]]
    if (more := len(listed) - settings["listed"]) > 0:
        context.note(f"{more} further rows are counted but not listed.")


def _compared(
    context: Context, held: Dataset, seen: Sketches, side: Flags, other: Shown | None
) -> tuple[Flags, Flags, dict[int, int]]:
    """Return leaked rows, those that leaked exactly, and the row that each one copies."""
    vectors = context.features.images(held)
    codes = [sign_codes(vectors, context.rng)] if vectors.shape[1] and not side.all() else []
    hits, exact = np.zeros(len(held), dtype=np.bool_), np.zeros(len(held), dtype=np.bool_)
    copies: dict[int, int] = {}
    if not side.all():
        found = clusters(seen, held.images, codes=codes, side=side)
        hits, exact = leaked(found, side)
        first = first_copies(found, side)
        copies = {row: first[int(found.labels[row])] for row in np.flatnonzero(hits).tolist()}
    if other is not None:
        tested = np.flatnonzero(side)
        both = joined([seen.take(tested), sketched(other, lambda _: None)])
        here = np.arange(len(both)) < len(tested)
        chosen = held.select(tested.tolist())
        found = clusters(both, one_after_the_other(chosen, other), side=here)
        more, same = (flags[: len(tested)] for flags in leaked(found, here))
        context.note(f"{int(more.sum())} rows are among the {len(other)} pictures elsewhere.")
        hits[tested] |= more
        exact[tested] |= same
    return hits, exact, copies


def _measured(
    hits: Flags, exact: Flags, splits: Sequence[str | None], side: Flags, names: Sequence[str]
) -> Iterator[Measurement]:
    yield _share("leaked_share", hits[side], {})
    yield _share("exact_share", exact[side], {})
    for name in names if len(names) > 1 else ():
        inside = np.array([split == name for split in splits]) & side
        yield _share("leaked_share", hits[inside], {"split": name})


def _share(metric: str, hits: Flags, of: dict[str, str]) -> Measurement:
    count, rows = int(hits.sum()), len(hits)
    return Measurement(metric, count / rows, rows, clopper_pearson(count, rows), slice=of)


def _change(context: Context, held: Dataset, side: Flags, hits: Flags) -> Iterator[Measurement]:
    """Compare zero-shot accuracy with and without the leaked rows."""
    chosen = held.select(np.flatnonzero(side).tolist())
    if not (isinstance(context.target, ScoresPairs) and chosen.columns.has(Role.LABEL)):
        context.note("Without labels, or scores, the change of accuracy is not measured.")
        return
    try:
        subjects = labelled(chosen.texts(Role.LABEL))
    except Inapplicable as reason:
        context.note(f"The change of accuracy is not measured: {reason}.")
        return
    gone = hits[side][subjects.rows]
    value, low, high = 0.0, -1.0, 1.0
    if gone.all():
        context.note("Every labelled row for evaluation is leaked: there is none to compare with.")
        return
    if gone.any():
        asked = replace(context, data=chosen)
        right = name_rows(asked, subjects, templates=context.settings["templates"]).right
        counts = [int(right[gone].sum()), gone.sum(), int(right[~gone].sum()), (~gone).sum()]
        ends = newcombe(*map(int, counts))
        low, high, value = ends.low, ends.high, float(right.mean() - right[~gone].mean())
    share = clopper_pearson(int(gone.sum()), len(gone))
    reach = [share.low * low, share.high * low, share.low * high, share.high * high]
    interval = Interval(min(reach), max(reach), "Newcombe times Clopper-Pearson")
    yield Measurement("accuracy_change", value, len(gone), interval)
