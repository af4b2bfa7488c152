"""Personal data written in pictures: read by OCR, searched like captions."""

from collections.abc import Iterator, Sequence

from PIL import Image

from vlaudit.core.errors import MissingExtraError
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.detect.ocr import Reader, Written, inscribe, load, personal
from vlaudit.detect.pii.kind import Tier
from vlaudit.detect.pii.planted import plant
from vlaudit.detect.pii.scan import Scanner, scanner
from vlaudit.stats.intervals import clopper_pearson, exact_rate
from vlaudit.stats.sequential import watched

PER, BATCH = 1000, 32
OVERALL = {"rate": "any", "high_risk_rate": "high_risk", "text_rate": "text"}
GRAVE = (Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.MEDIUM, Severity.INFO)
SEVERITIES = dict(zip(Tier, GRAVE, strict=True))


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Read a sample of the pictures and count those that show personal data."""
    rows = len(context.data)
    if not rows:
        raise Inapplicable("there is no picture; name the column under data.columns.image")
    try:
        reader = load()
    except MissingExtraError as missing:
        raise Inapplicable(str(missing)) from missing
    tool = scanner(context.settings["recogniser"])
    wanted = int(context.settings["sample"])
    chosen = context.rng.permutation(rows)[: wanted if wanted > 0 else rows].tolist()
    if not context.settled:  # looks on the way need a random order
        chosen.sort()
    seen: list[set[str]] = []
    listed, most, stopped = 0, int(context.settings["max_findings"]), False
    for row, legible, found in _written(context, chosen, reader, tool):
        counted = {one.entity for one in found if one.entity.tier != Tier.INDIRECT}
        kinds = {entity.name for entity in counted} | {entity.tier.value for entity in counted}
        seen.append({*kinds, *["text"] * legible, *["any"] * bool(counted)})
        for one in found[: max(0, most - listed)]:
            yield _finding(row, one)
        listed += len(found)
        if context.settled and len(seen) % BATCH == 0 and len(seen) < len(chosen):
            stopped = context.settled([*_rates(seen, stopped=True, whole=False)])
            if stopped:
                break
    context.note(
        f"{len(seen)} of {rows} pictures were read by {reader.label}; "
        + ("every rule was decided by then." if stopped else "set `sample: 0` for all.")
    )
    yield from _rates(seen, stopped=stopped if context.settled else None, whole=len(seen) == rows)
    if context.settings["planted"]:
        yield from _recall(context, chosen, reader, tool)
    context.progress(1.0)


def _written(
    context: Context, chosen: Sequence[int], reader: Reader, tool: Scanner
) -> Iterator[tuple[str, bool, list[Written]]]:
    for start in range(0, len(chosen), BATCH):
        part = chosen[start : start + BATCH]
        ids = context.data.select(part).ids()
        for row, picture in zip(ids, context.data.images(part), strict=True):
            lines = reader.read(picture)
            yield row, bool(lines), personal(lines, tool)
        context.progress(0.8 * min(1.0, (start + BATCH) / len(chosen)))


def _finding(row: str, one: Written) -> Finding:
    entity, box = one.entity, ",".join(map(str, one.box))
    return Finding(
        kind=f"written_{entity.name.lower()}",
        summary=f"The picture shows personal data: {entity.mask}.",
        severity=SEVERITIES[entity.tier],
        confidence=Confidence.HIGH if entity.validated else Confidence.LOW,
        row=row,
        where=f"image[{box}]",
        evidence={"mask": entity.mask, "tier": entity.tier, "validated": entity.validated},
    )


def _recall(
    context: Context, chosen: Sequence[int], reader: Reader, tool: Scanner
) -> Iterator[Measurement]:
    """Write invented personal data on pictures of the sample and see how much is found."""
    count, heights = int(context.settings["planted"]), list(map(int, context.settings["heights"]))
    rng = context.rng
    hits: dict[int, list[bool]] = {height: [] for height in heights}
    for turn, secret in enumerate(plant(["photo"], rng, count)):
        height = heights[turn % len(heights)]
        picture: Image.Image = context.data.images([chosen[int(rng.integers(len(chosen)))]])[0]
        text = secret.text[secret.start : secret.end]
        found = personal(reader.read(inscribe(picture, text, height, rng)), tool)
        hits[height].append(any(one.entity.tier == secret.tier for one in found))
    everything = [hit for told in hits.values() for hit in told]
    of_height = [({"height": str(height)}, told) for height, told in hits.items()]
    for where, told in [({}, everything), *of_height]:
        if told:
            yield exact_rate(sum(told), len(told)).of("recall_on_planted", **where)


def _rates(seen: Sequence[set[str]], *, stopped: bool | None, whole: bool) -> Iterator[Measurement]:
    """Yield how many pictures show something, of every kind and tier."""
    kinds = sorted({kind for shown in seen for kind in shown if kind.isupper()})
    for metric, key in [*OVERALL.items(), *(("rate", kind) for kind in kinds)]:
        flags = [key in shown for shown in seen]
        hits, rows = sum(flags), len(flags)

        def exact(level: float, hits: int = hits, rows: int = rows) -> Interval:
            return clopper_pearson(hits, rows, level=level)

        found = watched(exact, flags, bounds=(0, 1), stopped=stopped)
        method = found.method if whole else f"{found.method}, of a random sample"
        interval = Interval(found.low * PER, found.high * PER, method, found.level)
        part = {"entity": key} if key in kinds else {}
        yield Measurement(metric, hits / rows * PER, rows, interval, slice=part)
