"""Labels, phrases and kinds of pictures that come from one source mostly."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.detect.sources import FEWEST, Hold, holds, items, origins
from vlaudit.stats.intervals import clopper_pearson

ALPHA = 0.05
MOST = 0.5


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Hold what each source contributes to each item against what chance would give it."""
    data = context.data
    sources = _sources(context)
    sizes = np.bincount(sources[sources >= 0])
    if len(sizes) < 2 or sizes.max(initial=0) < FEWEST:
        raise Inapplicable(
            f"{len(sizes)} sources, the largest of {sizes.max(initial=0)} rows, leave nothing to "
            f"compare; two are needed, one of at least {FEWEST} rows"
        )
    labels, captions = (
        data.texts(role) if data.columns.has(role) else [None] * len(data)
        for role in (Role.LABEL, Role.CAPTION)
    )
    seed = int(context.rng.integers(2**31))
    found = items(labels, captions, context.features.images(data), seed)
    context.progress(0.7)
    ranked = holds(found, sources)
    if not ranked:
        raise Inapplicable(
            f"no label, phrase or kind of picture has from {FEWEST} to half of the rows"
        )
    real = [hold for hold in ranked if hold.p_value < ALPHA]
    largest = max(real or ranked, key=lambda hold: hold.excess)
    # Bonferroni over the items, of which the largest was chosen.
    ends = clopper_pearson(largest.rows, largest.of, level=1 - ALPHA / len(ranked))
    low, high = ends.low - largest.base, ends.high - largest.base
    yield Measurement("largest_hold", largest.excess, largest.of, Interval(low, high, ends.method))
    held = [hold for hold in real if hold.rows / hold.of > MOST]
    for metric, found_of in (("uneven_items", real), ("held_items", held)):
        share = clopper_pearson(len(found_of), len(ranked))
        yield Measurement(metric, len(found_of) / len(ranked), len(ranked), share)
    ids = data.ids()
    for hold in sorted(held, key=lambda hold: -hold.excess)[: context.settings["listed"]]:
        yield _told(hold, found.names[hold.item], ids[_first(found.member, sources, hold)])


def _sources(context: Context) -> NDArray[np.int64]:
    """Return a code of the source of each row, -1 where it is not known."""
    data, settings = context.data, context.settings
    if settings["windows"] > 1:
        return np.asarray(np.arange(len(data)) * int(settings["windows"]) // len(data))
    if name := settings["attribute"]:
        if name not in data.columns.groups:
            raise Inapplicable(f"setting attribute: {name!r} is not among data.columns.groups")
        return origins(data.groups(name))
    if not data.columns.has(Role.SOURCE):
        raise Inapplicable("no column holds the source; name one under data.columns.source")
    return origins(data.texts(Role.SOURCE))


def _first(member: object, sources: NDArray[np.int64], hold: Hold) -> int:
    rows = np.flatnonzero(sources == hold.source)
    inside = np.asarray(member[rows][:, [hold.item]].todense()).ravel()  # type: ignore[index]
    return int(rows[np.flatnonzero(inside)[0]])


def _told(hold: Hold, item: str, row: str) -> Finding:
    return Finding(
        "held_by_one_source",
        f"{hold.rows} of {hold.of} rows of {item} come from one source, that of row {row}, which "
        f"gives {hold.base:.1%} of all rows.",
        Severity.MEDIUM,
        Confidence.LOW,
        row=row,
        evidence={"rows": hold.rows, "of": hold.of, "base": hold.base, "p_value": hold.p_value},
    )
