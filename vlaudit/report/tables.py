"""A judged run as one JSON document, and its measurements as a CSV table."""

from collections.abc import Iterator

from pydantic import TypeAdapter

from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.outcome import Measured
from vlaudit.report.exchange import JudgedRun, as_json
from vlaudit.report.readings import slice_name
from vlaudit.report.spreadsheet import as_csv as csv_text
from vlaudit.report.spreadsheet import cell

SCHEMA_VERSION = 1
HEADINGS = (
    "probe", "metric", "slice", "value", "low", "high", "one_sided", "level", "method", "unit",
    "samples", "clusters", "counts", "rules", "blind_to",
)  # fmt: skip
MEASUREMENT: TypeAdapter[Measurement] = TypeAdapter(Measurement)
FINDING: TypeAdapter[Finding] = TypeAdapter(Finding)


def as_one(run: JudgedRun) -> str:
    """Return audit.json: subject, verdicts, controls, measurements, findings and gaps."""
    audit = run.audit
    return as_json(
        {
            "schema_version": SCHEMA_VERSION,
            "stamp": audit.stamp.model_dump(mode="json"),
            "target": audit.target.model_dump(mode="json"),
            "reference": audit.reference.model_dump(mode="json") if audit.reference else None,
            "dataset": audit.dataset.model_dump(mode="json"),
            "judgement": run.judgement.model_dump(mode="json"),
            "probes": {
                planned.card.id: {
                    "outcome": audit.outcomes[planned.card.id].model_dump(mode="json")
                    if planned.card.id in audit.outcomes
                    else {"state": "skipped", "reason": planned.skip or "not reached"},
                    "blind_to": planned.card.blind_to,
                    "measurements": [
                        MEASUREMENT.dump_python(item, mode="json")
                        for item in run.evidence.measurements.get(planned.card.id, ())
                    ],
                }
                for planned in audit.plan
            },
            "findings": [
                {"probe": probe, **FINDING.dump_python(item, mode="json")}
                for probe, item in run.findings
            ],
        }
    )


def as_csv(run: JudgedRun) -> str:
    """Return measurements.csv; `counts` is no where the probe broke and no rule may use it."""
    return csv_text(HEADINGS, _rows(run))


def _rows(run: JudgedRun) -> Iterator[list[str]]:
    judged = [item for item in run.judgement.verdicts if item.measurement is not None]
    for planned in run.audit.plan:
        card = planned.card
        whole = isinstance(run.audit.outcomes.get(card.id), Measured)
        for item in run.evidence.measurements.get(card.id, ()):
            name, ends = f"{card.id}.{item.metric}", item.interval
            rules = " ".join(
                f"{verdict.rule}:{verdict.status}"
                for verdict in judged
                if verdict.metric == name and verdict.measurement == item
            )
            unit = card.metrics[item.metric].unit if item.metric in card.metrics else ""
            words = (card.id, item.metric, slice_name(item))
            numbers = (item.value, ends.low, ends.high, ends.one_sided, ends.level)
            counts = (item.samples, item.clusters)
            yield [
                *(cell(word) for word in words),
                *("" if number is None else repr(number) for number in numbers),
                *(cell(word) for word in (ends.method, unit)),
                *("" if number is None else str(number) for number in counts),
                "yes" if whole else "no",
                *(cell(word) for word in (rules, card.blind_to)),
            ]
