"""Personal data written in pictures: read by OCR, searched like captions."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

from vlaudit.core.errors import MissingExtraError
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.detect.ocr import Reader, Written, inscribe, load, personal
from vlaudit.detect.pii.kind import Tier
from vlaudit.detect.pii.planted import plant
from vlaudit.detect.pii.scan import Scanner, scanner
from vlaudit.stats.intervals import clopper_pearson

PER = 1000
BATCH = 32
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
    chosen = _sample(rows, int(context.settings["sample"]), context.rng)
    context.note(
        f"{len(chosen)} of {rows} pictures were read by {reader.label}; set `sample: 0` for all."
    )
    counts: Counter[str] = Counter()
    listed, most = 0, int(context.settings["max_findings"])
    for row, legible, found in _written(context, chosen, reader, tool):
        counted = {one.entity for one in found if one.entity.tier != Tier.INDIRECT}
        counts["text"] += legible
        counts["any"] += bool(counted)
        counts.update({entity.name for entity in counted})
        counts.update({entity.tier.value for entity in counted})
        for one in found[: max(0, most - listed)]:
            yield _finding(row, one)
        listed += len(found)
    whole = len(chosen) == rows
    for metric, key in {"rate": "any", "high_risk_rate": "high_risk", "text_rate": "text"}.items():
        yield _rate(metric, counts[key], len(chosen), {}, whole=whole)
    for name in sorted(key for key in counts if key.isupper()):
        yield _rate("rate", counts[name], len(chosen), {"entity": name}, whole=whole)
    if context.settings["planted"]:
        yield from _recall(context, chosen, reader, tool)
    context.progress(1.0)


def _sample(rows: int, wanted: int, rng: np.random.Generator) -> list[int]:
    if wanted <= 0 or wanted >= rows:
        return list(range(rows))
    return sorted(int(row) for row in rng.choice(rows, wanted, replace=False))


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
    parts = {str(height): found for height, found in hits.items() if found}
    parts[""] = [hit for found in hits.values() for hit in found]
    for name, told in parts.items():
        part = {"height": name} if name else {}
        interval, share = clopper_pearson(sum(told), len(told)), sum(told) / len(told)
        yield Measurement("recall_on_planted", share, len(told), interval, slice=part)


def _rate(metric: str, hits: int, rows: int, part: dict[str, str], *, whole: bool) -> Measurement:
    exact = clopper_pearson(hits, rows)
    method = exact.method if whole else f"{exact.method}, of a random sample"
    interval = Interval(exact.low * PER, exact.high * PER, method, exact.level)
    return Measurement(metric, hits / rows * PER, rows, interval, slice=part)
