"""The model card in Hugging Face form: measured, said by a person, or "Not provided."."""

from huggingface_hub import EvalResult, ModelCardData

from vlaudit.report.front_matter import one_line, with_front_matter
from vlaudit.report.licences import hub_licence
from vlaudit.report.page import Page, as_yaml
from vlaudit.report.readings import Reading
from vlaudit.report.rendering import render_markdown

TASK = "zero-shot-image-classification"
LIBRARIES = {"open_clip": "open_clip"}


def card(page: Page) -> str:
    """Return model_card.md."""
    config = page.audit.config
    body = render_markdown(
        "model_card.md.j2",
        folder=page.templates,
        page=page,
        subject=config.subject,
        target=as_yaml(config.target),
    )
    return with_front_matter(metadata(page), body)


def metadata(page: Page) -> ModelCardData:
    """Return the card's metadata; each overall measurement is a result of its model index."""
    audit = page.audit
    spoken = audit.config.subject.licence
    licence, licence_name = hub_licence(spoken) if spoken else (None, None)
    numbers = [reading for probe in page.probes for reading in probe.overall]
    return ModelCardData(
        license=licence,
        license_name=licence_name,
        library_name=LIBRARIES.get(audit.target.kind),
        pipeline_tag=TASK,
        tags=["clip", "vision", "vlaudit"],
        datasets=None,
        model_name=one_line(audit.target.name),
        eval_results=[_result(page, number) for number in numbers] or None,
        vlaudit={
            "run": audit.stamp.run,
            "fingerprint": audit.target.fingerprint,
            "policy": one_line(page.policy.id),
            "measurements": [
                entry(reading)
                for probe in page.probes
                for reading in (*probe.overall, *(r for s in probe.slices for r in s.readings))
            ],
        },
    )


def entry(reading: Reading) -> dict[str, object]:
    """Return a measurement as metadata that machines read, with interval and sample count."""
    item = reading.measurement
    found: dict[str, object] = {
        "metric": reading.metric,
        "value": item.value,
        "low": item.interval.low,
        "high": item.interval.high,
        "level": item.interval.level,
        "method": item.interval.method,
        "samples": item.samples,
    }
    if item.clusters is not None:
        found["clusters"] = item.clusters
    if item.slice:
        found["slice"] = {one_line(key): one_line(value) for key, value in item.slice.items()}
    return found


def _result(page: Page, reading: Reading) -> EvalResult:
    facts = page.audit.dataset
    return EvalResult(
        task_type=TASK,
        dataset_type=one_line(facts.name),
        dataset_name=one_line(facts.name),
        dataset_split=one_line(facts.evaluated_on) if facts.evaluated_on else None,
        dataset_revision=facts.digest,
        metric_type=reading.metric,
        metric_name=reading.means,
        metric_value=reading.measurement.value,
    )
