"""Personal data in captions: patterns with checks, and names by a recogniser."""

from collections.abc import Iterator
from itertools import accumulate

import pyarrow as pa

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.detect.pii.kind import Tier
from vlaudit.detect.pii.reference import ALARMS, CLEAN, reviewed
from vlaudit.detect.pii.scan import scanner
from vlaudit.detect.pii.tally import Tally, per_language
from vlaudit.detect.pii.trial import Trial, attempt
from vlaudit.stats.correction import Instrument, corrected_rate, rogan_gladen
from vlaudit.stats.intervals import clopper_pearson

PER, SPEAKERS = 1000, 20
COUNTED = {"rate": "any", "validated_rate": "validated", "names_rate": Tier.NAME.value}
TIERS = {f"{tier}_rate": tier.value for tier in (Tier.HIGH_RISK, Tier.CONTACT, Tier.INDIRECT)}
GRAVE = (Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.MEDIUM, Severity.INFO)
SEVERITIES = dict(zip(Tier, GRAVE, strict=True))


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Scan every caption, count captions with personal data, and try the detector on plants."""
    set_to = context.settings
    tool = scanner(set_to["recogniser"], allowed=set_to["allowed"], custom=set_to["custom"])
    tally = Tally(tool, context.rng, int(set_to["max_findings"]))
    _scan(context, tally)
    if not tally.rows:
        raise Inapplicable(
            "no row has a caption with text in it; name the column under data.columns.caption"
        )
    context.note(f"Names of people were looked for by the {tool.names.label}.")
    for metric, key in {**COUNTED, **TIERS}.items():
        yield _rate(metric, tally.hits[key], tally.rows, tally.distinct, {})
    for kind, hits in sorted(tally.kinds.items()):
        yield _rate("rate", hits, tally.rows, tally.distinct, {"entity": kind})
    for language, (hits, rows) in per_language(tally, SPEAKERS).items():
        yield _rate("rate", hits, rows, min(rows, tally.distinct), {"language": language})
    yield from _findings(context, tally)
    if set_to["planted"]:
        yield from _quality(context, tally)
    context.progress(1.0)


def _scan(context: Context, tally: Tally) -> None:
    def add(batch: pa.RecordBatch) -> int:
        rows, texts = (batch.column(i).to_pylist() for i in range(2))
        pairs = zip(rows, texts, strict=True)
        said = [(row, text) for row, text in pairs if text and not text.isspace()]
        tally.add([str(row) for row, _ in said], [str(text) for _, text in said])
        return len(rows)

    for rows in accumulate(context.data.map_batches(add, (Role.ID, Role.CAPTION))):
        context.progress(0.9 * rows / len(context.data))


def _rate(metric: str, hits: int, rows: int, distinct: int, part: dict[str, str]) -> Measurement:
    interval, value = _per_thousand(clopper_pearson(hits, rows)), hits / rows * PER
    return Measurement(metric, value, rows, interval, clusters=distinct, slice=part)


def _per_thousand(of: Interval) -> Interval:
    return Interval(of.low * PER, of.high * PER, of.method, of.level)


def _findings(context: Context, tally: Tally) -> Iterator[Finding]:
    """Yield a finding for each piece of personal data, the gravest first, up to the limit."""
    column = context.data.columns.caption or Role.CAPTION.value
    for entity, row in ((found.entity, found.row) for found in tally.gravest):
        yield Finding(
            kind=entity.name.lower(),
            summary=f"The caption holds personal data: {entity.mask}.",
            severity=SEVERITIES[entity.tier],
            confidence=Confidence.HIGH if entity.validated else Confidence.MEDIUM,
            row=row,
            where=f"{column}[{entity.start}:{entity.end}]",
            evidence={"mask": entity.mask, "tier": entity.tier, "validated": entity.validated},
        )
    if (more := tally.finds - tally.most) > 0:
        context.note(f"{more} further findings are counted but not listed.")


def _quality(context: Context, tally: Tally) -> Iterator[Measurement]:
    """Try the detector on invented personal data and decoys; correct the rates by it."""
    trial = attempt(tally, context.rng, int(context.settings["planted"]))
    for (by, name), tried in sorted(trial.planted.items()):
        if by != "language" or tried >= SPEAKERS:
            part, found = ({by: name} if by else {}), trial.found[by, name]
            yield _share("recall_on_planted", found, tried, part)
    yield _share("false_alarm_on_decoys", trial.alarms, trial.decoyed, {})
    yield from _corrected(context, tally, trial)


def _corrected(context: Context, tally: Tally, trial: Trial) -> Iterator[Measurement]:
    seen = reviewed(context.settings["reviewed"])
    counted = {k: trial.recall(k) for k in sorted(tally.kinds) if trial.recall(k)[0]}
    for kind, recall in counted.items():
        if kind in seen:
            share = corrected_rate(tally.kinds[kind], tally.rows, seen[kind], recall, context.rng)
        else:
            tool = Instrument(recall[0], sum(recall), ALARMS.get(kind, 0), CLEAN)
            share = rogan_gladen(tally.kinds[kind], tally.rows, tool)
        value, interval = share.value * PER, _per_thousand(share.interval)
        yield Measurement("corrected_rate", value, tally.rows, interval, slice={"entity": kind})
    if trusted := sorted({*counted} - {*seen}):
        context.note(
            f"Corrected rates of {', '.join(trusted)} take off the false alarms of {CLEAN:,} clean "
            "captions; look at some findings and set `reviewed`, as [PERSON=18/20], for yours."
        )
    if left := sorted({*tally.kinds} - {*counted}):
        context.note(f"Nobody counted the errors on {', '.join(left)}: not corrected.")


def _share(metric: str, hits: int, tried: int, part: dict[str, str]) -> Measurement:
    return Measurement(metric, hits / tried, tried, clopper_pearson(hits, tried), slice=part)
