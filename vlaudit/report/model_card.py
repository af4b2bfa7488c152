"""The model card in Hugging Face form: measured, said by a person, or "Not provided."."""

from huggingface_hub import EvalResult, ModelCardData

from vlaudit.core.target import Ability, TargetFacts
from vlaudit.report.front_matter import one_line, with_front_matter
from vlaudit.report.licences import hub_licence
from vlaudit.report.page import Page, as_yaml
from vlaudit.report.readings import Reading
from vlaudit.report.rendering import render_markdown
from vlaudit.report.told import machine_readable, rounded, told
from vlaudit.report.words import titled

RELATES, WRITES = "zero-shot-image-classification", "image-text-to-text"
LIBRARIES = ("open_clip", "transformers")


def card(page: Page) -> str:
    """Return model_card.md."""
    config = page.audit.config
    body = render_markdown(
        "model_card.md.j2",
        folder=page.templates,
        page=page,
        told=told(page, page.probes),
        subject=config.subject,
        target=as_yaml(config.target),
    )
    return with_front_matter(metadata(page), body)


def metadata(page: Page) -> ModelCardData:
    """Return the card's metadata; each number it tells of is a result of its model index."""
    audit = page.audit
    spoken = audit.config.subject.licence
    licence, licence_name = hub_licence(spoken) if spoken else (None, None)
    items = told(page, page.probes)
    numbers = [reading for item in items for reading in item.numbers]
    return ModelCardData(
        license=licence,
        license_name=licence_name,
        library_name=next((name for name in LIBRARIES if name in audit.target.kind), None),
        pipeline_tag=task(audit.target),
        tags=["vision", "vlaudit"],
        datasets=None,
        model_name=one_line(audit.target.name),
        eval_results=[_result(page, number) for number in numbers] or None,
        vlaudit={
            "run": audit.stamp.run,
            "fingerprint": audit.target.fingerprint,
            "policy": one_line(page.policy.id),
            "measured": page.measured,
            "sha256_of_measurements": page.digest,
            "measurements": machine_readable(items),
        },
    )


def task(target: TargetFacts) -> str:
    """Return the Hub's name for what the model does."""
    relates = Ability.SCORES_PAIRS in target.abilities or Ability.EMBEDS_IMAGES in target.abilities
    return RELATES if relates or Ability.WRITES_TEXT not in target.abilities else WRITES


def _result(page: Page, reading: Reading) -> EvalResult:
    facts = page.audit.dataset
    return EvalResult(
        task_type=task(page.audit.target),
        dataset_type=one_line(facts.name),
        dataset_name=one_line(facts.name),
        dataset_split=one_line(facts.evaluated_on) if facts.evaluated_on else None,
        dataset_revision=facts.digest,
        metric_type=reading.metric,
        metric_name=titled(reading.measurement.metric),
        metric_value=rounded(reading.measurement.value),
    )
