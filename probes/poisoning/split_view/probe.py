"""Web addresses whose content could be, or was, exchanged after the data was made."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.detect.addressed import Addresses, addresses, bought, for_sale
from vlaudit.detect.rights import recorded_rightly
from vlaudit.stats.clustered import clustered_rate
from vlaudit.stats.intervals import clopper_pearson

Flags = NDArray[np.bool_]
SIZE = 256
SAYS = {
    "changed_picture": (Severity.HIGH, "The picture is not the one its checksum was recorded of."),
    "exposed_address": (
        Severity.MEDIUM,
        "Its domain can be registered by anybody, and no checksum guards it.",
    ),
    "buyable_address": (Severity.LOW, "Its domain can be registered by anybody."),
}


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Look for addresses without checksum, other pictures, and domains for sale."""
    data, settings = context.data, context.settings
    sums = data.texts(Role.CHECKSUM) if data.columns.has(Role.CHECKSUM) else [None] * len(data)
    named = addresses(data.texts(Role.SOURCE), sums)
    if not named.rows:
        raise Inapplicable("no row has a web address in the column of the source")
    yield from _share("unpinned_share", ~named.pinned, named)
    yield from _share("largest_host_share", np.array(_largest(named)), named)
    found: dict[int, str] = {}
    if settings["expired"]:
        domains = for_sale(settings["expired"], settings["price"])
        sold = named.sold(domains)
        buyable = bought(sold, domains, settings["budget"])
        yield from _share("buyable_share", buyable, named)
        yield from _share("exposed_share", buyable & ~named.pinned, named)
        for at in np.flatnonzero([name is not None for name in sold]).tolist():
            found[named.rows[at]] = "buyable_address" if named.pinned[at] else "exposed_address"
    else:
        context.note("No list of domains is given (setting expired): none was held against it.")
    if named.pinned.any() and data.columns.has(Role.IMAGE):
        rows = [row for row, pinned in zip(named.rows, named.pinned, strict=True) if pinned]
        changed = _changed(context, rows)
        count, known = sum(changed.values()), len(changed)
        if known:
            ends = clopper_pearson(count, known)
            yield Measurement("changed_share", count / known, known, ends)
        found |= {row: "changed_picture" for row, other in changed.items() if other}
    ids, order = data.ids(), sorted(found, key=lambda row: (list(SAYS).index(found[row]), row))
    for row in order[: settings["listed"]]:
        severity, says = SAYS[found[row]]
        yield Finding(found[row], says, severity, Confidence.HIGH, row=ids[row])
    if (more := len(order) - settings["listed"]) > 0:
        context.note(f"{more} further rows are counted but not listed.")


def _largest(named: Addresses) -> list[bool]:
    largest = max(sorted(set(named.hosts)), key=named.hosts.count)
    return [name == largest for name in named.hosts]


def _share(metric: str, hits: Flags, named: Addresses) -> Iterator[Measurement]:
    """Rows of one host stand or fall together."""
    hosts = np.unique(named.hosts, return_inverse=True)[1]
    share = clustered_rate(np.bincount(hosts, weights=hits), np.bincount(hosts))
    if metric == "largest_host_share":
        ends = clopper_pearson(int(hits.sum()), len(hits))
        yield Measurement(metric, share.value, len(hits), ends)
        return
    yield Measurement(metric, share.value, len(hits), share.interval, clusters=share.samples)


def _changed(context: Context, rows: list[int]) -> dict[int, bool]:
    """Return whether the picture of each row is another one than its checksum was taken of."""
    changed: dict[int, bool] = {}
    done = 0
    batches = context.data.select(rows).map_batches(
        _rightly, (Role.CHECKSUM, Role.IMAGE), size=SIZE
    )
    for right in batches:
        for row, answer in zip(rows[done : done + len(right)], right, strict=True):
            if answer is not None:
                changed[row] = not answer
        done += len(right)
        context.progress(done / len(rows))
    return changed


def _rightly(batch: pa.RecordBatch) -> list[bool | None]:
    cells = zip(
        batch.column("image").to_pylist(), batch.column("checksum").to_pylist(), strict=True
    )
    return [recorded_rightly(file, text) if file and text else None for file, text in cells]
