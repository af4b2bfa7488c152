"""Pictures that are copies of each other, and captions and pictures that are repeated in floods."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset, Role
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.detect.duplicates import Clusters, clusters
from vlaudit.detect.floods import Flood, flooded, floods, folded
from vlaudit.detect.glance import glance
from vlaudit.detect.sketches import Sketches, sign_codes
from vlaudit.stats.clustered import clustered_rate

FEWEST = 20


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Find clusters of copies, and repetitions that stand out."""
    if len(context.data) < FEWEST:
        raise Inapplicable(f"{len(context.data)} rows are too few; give at least {FEWEST}")
    looked = glance(context.data, context.features, lambda done: context.progress(0.5 * done))
    seen, data = _one_row_a_picture(context, looked.sketches)
    vectors = context.features.images(data)
    codes = [sign_codes(vectors, context.rng)] if vectors.shape[1] else []
    if not codes:
        context.note("The model embeds no pictures: copies are sought by perceptual hash alone.")
    found = clusters(
        seen, data.images, codes=codes, progress=lambda done: context.progress(0.5 + 0.5 * done)
    )
    if found.curtailed:
        context.note(
            f"{found.curtailed} rows stand in crowds of like pictures, and were compared with "
            "2,000 of them only."
        )
    yield from _measured(found, len(data))
    listed = [*found.findings(data.ids())]
    if data.columns.has(Role.CAPTION):
        captions = folded(data.texts(Role.CAPTION))
        poured = {
            "caption_flood": floods(captions, **_limits(context)),
            "picture_flood": _pictures_under_captions(found, captions, context),
        }
        for kind, pour in poured.items():
            yield _share(f"{kind}_share", flooded(pour, len(data)))
            listed += [item for flood in pour for item in flood.findings(kind, data.ids())]
    yield from listed[: context.settings["listed"]]
    if (more := len(listed) - context.settings["listed"]) > 0:
        context.note(f"{more} further rows are counted but not listed.")


def _one_row_a_picture(context: Context, seen: Sketches) -> tuple[Sketches, Dataset]:
    """Keep the first row of each picture where the data gives every picture several captions."""
    first, counts = np.unique(seen.digests, return_index=True, return_counts=True)[1:]
    usual = int(np.median(counts))
    if usual < 2 or np.mean(counts == usual) < 0.8 or len(first) < FEWEST:
        return seen, context.data
    context.note(f"Most pictures stand in {usual} rows each: these count as one row.")
    kept = np.sort(first)
    return seen.take(kept), context.data.select(kept.tolist())


def _limits(context: Context) -> dict[str, int]:
    settings = context.settings
    return {"fewest": settings["flood_rows"], "factor": settings["flood_factor"]}


def _pictures_under_captions(
    found: Clusters, captions: Sequence[str | None], context: Context
) -> list[Flood]:
    """Return the pictures of which many different captions are told."""
    shown = [label for label, _ in dict.fromkeys(zip(found.labels.tolist(), captions, strict=True))]
    return [
        Flood(np.flatnonzero(found.labels == shown[int(flood.rows[0])]), flood.usual)
        for flood in floods(shown, **_limits(context))
    ]


def _measured(found: Clusters, rows: int) -> Iterator[Measurement]:
    for metric, labels in (("duplicate_share", found.labels), ("exact_share", found.exact)):
        sizes = np.bincount(np.unique(labels, return_inverse=True)[1])
        share = clustered_rate(sizes - 1, sizes)
        yield Measurement(metric, share.value, rows, share.interval, clusters=share.samples)
    yield _share("largest_cluster_share", found.labels == found.largest)


def _share(metric: str, hits: NDArray[np.bool_]) -> Measurement:
    share = clustered_rate(hits, np.ones(len(hits)))
    return Measurement(metric, share.value, len(hits), share.interval)
