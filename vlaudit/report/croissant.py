"""Croissant 1.1 with RAI 1.0: the data that was audited on, as far as the audit can speak for it.

A run folder knows the rows, not the files they came from, who made them or when; such fields are
left out and not made up. What was measured about the data is a record set of its own.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from vlaudit.core.probe import Risk
from vlaudit.report.dataset_card import about_data
from vlaudit.report.examined import Examined
from vlaudit.report.exchange import JudgedRun, as_json
from vlaudit.report.readings import Reading
from vlaudit.report.words import counted, sentence, titled

CONFORMS_TO = ("http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0")
CROISSANT = (
    "citeAs", "column", "extract", "field", "fileObject", "fileProperty", "fileSet", "format",
    "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet",
    "references", "regex", "repeated", "replace", "samplingRate", "separator", "source",
    "subField", "transform",
)  # fmt: skip
RECORDS = "measurements"
FIELDS = {
    "metric": "sc:Text",
    "means": "sc:Text",
    "unit": "sc:Text",
    "slice": "sc:Text",
    "value": "sc:Float",
    "low": "sc:Float",
    "high": "sc:Float",
    "level": "sc:Float",
    "method": "sc:Text",
    "samples": "sc:Integer",
    "blind_to": "sc:Text",
}


def export(run: JudgedRun) -> str:
    """Return croissant.json."""
    facts = run.audit.dataset
    probes = about_data(run.page)
    spoken: dict[str, list[str]] = {
        "rai:dataCollectionMissingData": _missing(run),
        "rai:personalSensitiveInformation": [*_figures(probes, Risk.PRIVACY), *_personal(run)],
        "rai:dataBiases": [*_groups(run), *_figures(probes, Risk.BIAS)],
        "rai:dataAnnotationAnalysis": list(_figures(probes, Risk.DATA)),
        "rai:dataLimitations": [*_figures(probes, Risk.POISONING), *_limits(run, probes)],
    }
    document: dict[str, Any] = {
        "@context": _context(),
        "@type": "sc:Dataset",
        "conformsTo": list(CONFORMS_TO),
        "name": facts.name,
        "description": _description(run),
        "identifier": f"sha256:{facts.digest}",
        **{name: said for name, said in spoken.items() if said},
    }
    if licences := [name for name in facts.licences if name]:
        document["license"] = licences
    if url := _address(run.audit.config.data.source):
        document["url"] = url
    if records := list(_records(probes)):
        document["recordSet"] = [_record_set(records)]
    return as_json(document)


def _address(source: str) -> str | None:
    """Return a web address without password and query, which may be secret; None for no address."""
    parts = urlsplit(source)
    if parts.scheme not in {"http", "https"}:
        return None
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _context() -> dict[str, Any]:
    return {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "sc": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "dct": "http://purl.org/dc/terms/",
        "conformsTo": "dct:conformsTo",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "equivalentProperty": "cr:equivalentProperty",
        **{name: f"cr:{name}" for name in CROISSANT},
    }


def _description(run: JudgedRun) -> str:
    facts, stamp = run.audit.dataset, run.audit.stamp
    splits = ", ".join(f"{name} {rows:,}" for name, rows in facts.splits.items())
    return (
        f"{counted(facts.rows, 'row')} of pictures"
        + (f" ({splits})" if splits else "")
        + f", as vlaudit {stamp.vlaudit} saw them in run {stamp.run} on {run.page.day}. Figures "
        "are measured and have an interval; creator, publication and distribution are for the "
        "publisher to add."
    )


def _missing(run: JudgedRun) -> list[str]:
    quarantined = run.audit.dataset.quarantined
    return [f"{counted(rows, 'row')} set aside: {why}." for why, rows in quarantined.items()]


def _groups(run: JudgedRun) -> Iterator[str]:
    """Yield how many rows each annotated group has."""
    for attribute, sizes in run.audit.dataset.groups.items():
        listed = ", ".join(f"{name} {rows:,}" for name, rows in sizes.items())
        yield f"Rows by annotated {attribute}: {listed}."


def _figures(probes: list[Examined], risk: Risk) -> Iterator[str]:
    """Yield what was measured under one risk, each figure with its interval and samples."""
    for probe in probes:
        if probe.planned.card.risk == risk:
            for reading in probe.overall:
                yield f"{sentence(reading.means)} Measured: {reading.sentence}."


def _personal(run: JudgedRun) -> Iterator[str]:
    """Yield the kinds of personal data that were found, counted and never quoted."""
    privacy = f"{Risk.PRIVACY}."
    about = {probe.planned.card.id for probe in about_data(run.page)}
    kinds = Counter(
        item.kind for probe, item in run.findings if probe in about and probe.startswith(privacy)
    )
    for kind, number in sorted(kinds.items()):
        yield f"{titled(kind)}: {counted(number, 'finding')}."


def _limits(run: JudgedRun, probes: list[Examined]) -> Iterator[str]:
    """Yield what the audit of the data could not see."""
    for probe in probes:
        card = probe.planned.card
        yield f"{card.id} is blind to: {sentence(card.blind_to)}"
    for gap in (*run.page.gaps.broken, *run.page.gaps.skipped, *run.page.gaps.unreached):
        if not (gap.planned.card.needs or gap.planned.card.needs_one_of):
            yield f"{gap.planned.card.id} gave no answer: {sentence(gap.reason)}"


def _records(probes: list[Examined]) -> Iterator[dict[str, Any]]:
    for probe in probes:
        for part in (probe.overall, *(item.readings for item in probe.slices)):
            for reading in part:
                yield _record(probe, reading)


def _record(probe: Examined, reading: Reading) -> dict[str, Any]:
    item, card = reading.measurement, probe.planned.card
    values = (
        reading.metric, reading.means, card.metrics[item.metric].unit, reading.slice,
        float(item.value), float(item.interval.low), float(item.interval.high),
        item.interval.level, item.interval.method, item.samples, card.blind_to,
    )  # fmt: skip
    named = zip(FIELDS, values, strict=True)
    return {f"{RECORDS}/{name}": value for name, value in named}


def _record_set(records: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": RECORDS,
        "name": RECORDS,
        "description": "What the audit measured about the data, each value with its interval.",
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{RECORDS}/{name}",
                "name": f"{RECORDS}/{name}",
                "dataType": kind,
            }
            for name, kind in FIELDS.items()
        ],
        "data": records,
    }
