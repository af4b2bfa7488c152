"""What picture files say besides the picture: positions, owners, devices, comments, thumbnails."""

from collections import Counter
from collections.abc import Iterator, Sequence

import pyarrow as pa

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.detect.credentials import installed
from vlaudit.detect.metadata import Kind, Trace, traces
from vlaudit.detect.pii.kind import Tier
from vlaudit.detect.pii.scan import Scanner, scanner
from vlaudit.stats.intervals import clopper_pearson

PER = 1000
SIZE = 128
PERSONAL = {
    Kind.PLACE: (Severity.MEDIUM, "says where the picture was taken"),
    Kind.OWNER: (Severity.MEDIUM, "names a person"),
    Kind.SERIAL: (Severity.LOW, "holds the serial number of a device"),
    Kind.THUMBNAIL: (Severity.MEDIUM, "holds a thumbnail that shows something else"),
    Kind.TEXT: (Severity.MEDIUM, "holds personal data in a text"),
}
Row = tuple[str, list[Trace]]


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Read every file's metadata, search its texts for personal data and count files by kind."""
    tool: Scanner | None = None
    counts: Counter[str] = Counter()
    files, listed, most = 0, 0, int(context.settings["max_findings"])
    for batch in context.data.map_batches(_read, (Role.ID, Role.IMAGE), size=SIZE):
        if tool is None and any(trace.text for _, found in batch for trace in found):
            tool = scanner(context.settings["recogniser"])
        for row, found in batch:
            told = [(trace, note) for trace in found for note in _notes(trace, tool)]
            personal = {trace.kind for trace, _ in told}
            counts.update({kind.value for kind in personal})
            counts.update({t.kind.value for t in found if t.kind not in PERSONAL})
            counts["any"] += bool(personal)
            for trace, note in told[: max(0, most - listed)]:
                yield _finding(row, trace, note)
            listed += len(told)
        files += len(batch)
        context.progress(files / len(context.data))
    if not files:
        raise Inapplicable("no row has a picture file; name the column under data.columns.image")
    if listed > most:
        context.note(f"{listed - most} further findings are counted but not listed.")
    yield _rate("personal_rate", counts["any"], files, {})
    for kind in PERSONAL:
        yield _rate("personal_rate", counts[kind], files, {"kind": kind.value})
    yield _rate("place_rate", counts[Kind.PLACE], files, {})
    yield _rate("generated_rate", counts[Kind.GENERATED], files, {})
    yield _rate("credentials_rate", counts[Kind.CONTENT_CREDENTIALS], files, {})
    if installed():
        yield _rate("broken_credentials_rate", counts[Kind.BROKEN_CREDENTIALS], files, {})
    elif counts[Kind.CONTENT_CREDENTIALS]:
        context.note("Whether content credentials hold takes pip install 'vlaudit[credentials]'.")


def _read(batch: pa.RecordBatch) -> list[Row]:
    rows, files = (batch.column(i).to_pylist() for i in range(2))
    return [(str(row), traces(file)) for row, file in zip(rows, files, strict=True) if file]


def _notes(trace: Trace, tool: Scanner | None) -> Sequence[str]:
    """Return what to say of a trace: its field, or the masks of the personal data in its text."""
    if trace.kind not in PERSONAL:
        return ()
    if trace.kind is not Kind.TEXT:
        return (trace.field,)
    entities = tool.scan([trace.text])[0] if tool else ()
    masks = [entity.mask for entity in entities if entity.tier is not Tier.INDIRECT]
    return (f"{trace.field}: {', '.join(masks)}",) if masks else ()


def _finding(row: str, trace: Trace, note: str) -> Finding:
    severity, says = PERSONAL[trace.kind]
    return Finding(
        kind=f"metadata_{trace.kind.value}",
        summary=f"The file {says} ({note}).",
        severity=severity,
        confidence=Confidence.MEDIUM if trace.kind is Kind.TEXT else Confidence.HIGH,
        row=row,
        where=trace.field,
    )


def _rate(metric: str, hits: int, files: int, part: dict[str, str]) -> Measurement:
    exact = clopper_pearson(hits, files)
    interval = Interval(exact.low * PER, exact.high * PER, exact.method, exact.level)
    return Measurement(metric, hits / files * PER, files, interval, slice=part)
