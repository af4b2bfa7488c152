"""Personal data in captions: patterns with checks, and names by a recogniser."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.detect.pii.kinds import Tier
from vlaudit.detect.pii.planted import decoys, plant, recovered
from vlaudit.detect.pii.scan import Entity, Scanner, scanner
from vlaudit.stats.intervals import clopper_pearson

PER = 1000
RATES: Mapping[str, Callable[[Entity], bool]] = {
    "rate": lambda entity: entity.tier != Tier.INDIRECT,
    "high_risk_rate": lambda entity: entity.tier == Tier.HIGH_RISK,
    "contact_rate": lambda entity: entity.tier == Tier.CONTACT,
    "names_rate": lambda entity: entity.tier == Tier.NAME,
    "validated_rate": lambda entity: entity.validated and entity.tier != Tier.INDIRECT,
    "indirect_rate": lambda entity: entity.tier == Tier.INDIRECT,
}
SEVERITIES = {
    Tier.HIGH_RISK: Severity.HIGH,
    Tier.CONTACT: Severity.MEDIUM,
    Tier.NAME: Severity.LOW,
    Tier.INDIRECT: Severity.INFO,
}


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Scan every caption, count captions with personal data, and try the detector on plants."""
    rows = [(row, text) for row, text in _captions(context) if text.strip()]
    if not rows:
        raise Inapplicable(
            "no row has a caption with text in it; name the column under data.columns.caption"
        )
    tool = scanner(context.settings["recogniser"])
    context.note(f"Names of people were looked for by the {tool.names.label}.")
    found = tool.scan([text for _, text in rows], lambda f: context.progress(0.9 * f))
    distinct = len({text for _, text in rows})
    for metric, counts in RATES.items():
        hits = sum(any(map(counts, entities)) for entities in found)
        yield _rate(metric, hits, len(rows), distinct, {})
    for name in sorted({entity.name for entities in found for entity in entities}):
        hits = sum(any(entity.name == name for entity in entities) for entities in found)
        yield _rate("rate", hits, len(rows), distinct, {"entity": name})
    yield from _findings(context, rows, found)
    if context.settings["planted"]:
        yield from _quality(context, tool, [text for _, text in rows])
    context.progress(1.0)


def _captions(context: Context) -> Iterator[tuple[str, str]]:
    captions = context.data.texts(Role.CAPTION)
    for row, caption in zip(context.data.ids(), captions, strict=True):
        yield row, "" if caption is None else str(caption)


def _rate(
    metric: str, hits: int, captions: int, distinct: int, part: dict[str, str]
) -> Measurement:
    exact = clopper_pearson(hits, captions)
    interval = Interval(exact.low * PER, exact.high * PER, exact.method, exact.level)
    value = hits / captions * PER
    return Measurement(
        metric, value, samples=captions, interval=interval, clusters=distinct, slice=part
    )


def _findings(
    context: Context, rows: Sequence[tuple[str, str]], found: Sequence[tuple[Entity, ...]]
) -> Iterator[Finding]:
    """Yield a finding for each piece of personal data, the gravest first, up to the limit."""
    column = context.data.columns.caption or Role.CAPTION.value
    every = [(row, e) for (row, _), entities in zip(rows, found, strict=True) for e in entities]
    every.sort(key=lambda pair: (list(Tier).index(pair[1].tier), not pair[1].validated))
    limit = int(context.settings["max_findings"])
    for row, entity in every[:limit]:
        yield Finding(
            kind=entity.name.lower(),
            summary=f"The caption holds personal data: {entity.mask}.",
            severity=SEVERITIES[entity.tier],
            confidence=Confidence.HIGH if entity.validated else Confidence.MEDIUM,
            row=row,
            where=f"{column}[{entity.start}:{entity.end}]",
            evidence={"mask": entity.mask, "tier": entity.tier, "validated": entity.validated},
        )
    if len(every) > limit:
        context.note(f"{len(every) - limit} further findings are counted but not listed.")


def _quality(context: Context, tool: Scanner, texts: Sequence[str]) -> Iterator[Measurement]:
    """Try the detector on invented personal data and decoys within the same captions."""
    count = int(context.settings["planted"])
    planted = plant(texts, context.rng, count)
    hits = recovered(tool, planted)
    yield _share("recall_on_planted", hits, {})
    for tier in (Tier.NAME, Tier.CONTACT, Tier.HIGH_RISK):
        mine = [hit for hit, p in zip(hits, planted, strict=True) if p.tier == tier]
        yield _share("recall_on_planted", mine, {"tier": tier})
    alarms = recovered(tool, decoys(texts, context.rng, count))
    yield _share("false_alarm_on_decoys", alarms, {})


def _share(metric: str, hits: Sequence[bool], part: dict[str, str]) -> Measurement:
    interval = clopper_pearson(sum(hits), len(hits))
    value = sum(hits) / len(hits)
    return Measurement(metric, value, samples=len(hits), interval=interval, slice=part)
