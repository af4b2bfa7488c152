"""Licences, opt-outs and deletion requests, row by row."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import pyarrow as pa

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.detect.rights import Deletions, Family, Terms, deletions, family, opt_outs
from vlaudit.stats.intervals import clopper_pearson

PER = 1000
SIZE = 256
SAYS = {
    "undeleted": (Severity.CRITICAL, "The picture was asked to be deleted and is still here."),
    "opted_out": (Severity.HIGH, "The owner of the source has opted out."),
    "changed": (Severity.MEDIUM, "The picture is not the one its checksum was recorded of."),
    "restricted": (Severity.LOW, "The licence restricts the use."),
    "unlicensed": (Severity.LOW, "The row has no licence."),
    "sourceless": (Severity.INFO, "The row does not say where it came from."),
}
NEEDED = (Role.LICENCE, Role.SOURCE, Role.CHECKSUM, Role.IMAGE)


@dataclass
class Tally:
    """What was seen so far."""

    rows: int = 0
    families: Counter[Family] = field(default_factory=Counter[Family])
    wrong: Counter[str] = field(default_factory=Counter[str])
    found: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Look at licence, source and checksum of every row, and at the lists that the user gave."""
    settings, rows = context.settings, len(context.data)
    terms = Terms(
        opt_outs(settings["opted_out"]), deletions(settings["deletions"]), int(settings["likeness"])
    )
    has = [role for role in NEEDED if context.data.columns.has(role)]
    reported = _reported(set(has), out=bool(settings["opted_out"]), gone=terms.gone)
    if not reported or not rows:
        raise Inapplicable(
            "no row says its licence, source or checksum; name a column under data.columns.licence"
        )
    tally = Tally()
    for batch in context.data.map_batches(partial(_look, terms), (Role.ID, *has), size=SIZE):
        for row, kind, wrong in batch:
            told = [name for name in reported if name in wrong]
            tally.families[kind] += 1
            tally.wrong.update(told)
            tally.found += [(name, row) for name in told]
        tally.rows += len(batch)
        context.progress(tally.rows / rows)
    yield from _findings(context, tally)
    for name in reported:
        yield _rate(f"{name}_rate", tally.wrong[name], rows)
    for kind, count in sorted(tally.families.items()) if Role.LICENCE in has else ():
        interval, part = clopper_pearson(count, rows), {"family": kind.value}
        yield Measurement("licence_share", count / rows, rows, interval, slice=part)


def _look(terms: Terms, batch: pa.RecordBatch) -> list[tuple[str, Family, set[str]]]:
    names = [Role.ID.value, *(role.value for role in NEEDED)]
    held = {name: batch.column(name).to_pylist() for name in batch.schema.names}
    empty = [None] * batch.num_rows
    cells = zip(*(held.get(name, empty) for name in names), strict=True)
    return [
        (str(row), family(licence), terms.broken(licence, source, recorded, file))
        for row, licence, source, recorded, file in cells
    ]


def _findings(context: Context, tally: Tally) -> Iterator[Finding]:
    most = int(context.settings["max_findings"])
    tally.found.sort(key=lambda pair: list(SAYS).index(pair[0]))
    for name, row in tally.found[:most]:
        severity, says = SAYS[name]
        yield Finding(name, says, severity, Confidence.HIGH, row=row)
    if (more := len(tally.found) - most) > 0:
        context.note(f"{more} further findings are counted but not listed.")


def _reported(has: set[Role], *, out: bool, gone: Deletions) -> list[str]:
    """Return what can be told from the columns and lists that there are."""
    listed = bool(gone.digests or gone.hashes)
    can = {
        "undeleted": listed and bool(has & {Role.IMAGE, Role.CHECKSUM}),
        "opted_out": out and Role.SOURCE in has,
        "changed": {Role.CHECKSUM, Role.IMAGE} <= has,
        "restricted": Role.LICENCE in has,
        "unlicensed": Role.LICENCE in has,
        "sourceless": Role.SOURCE in has,
    }
    return [name for name, possible in can.items() if possible]


def _rate(metric: str, hits: int, rows: int) -> Measurement:
    exact = clopper_pearson(hits, rows)
    interval = Interval(exact.low * PER, exact.high * PER, exact.method, exact.level)
    return Measurement(metric, hits / rows * PER, rows, interval)
