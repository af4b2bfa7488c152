"""The dataset card in Hugging Face form: measured, said by a person, or "Not provided."."""

from huggingface_hub import DatasetCardData

from vlaudit.core.probe import Card, Risk
from vlaudit.report.examined import Examined
from vlaudit.report.front_matter import one_line, with_front_matter
from vlaudit.report.judged import Judged
from vlaudit.report.licences import hub_licence
from vlaudit.report.page import Page
from vlaudit.report.rendering import render_markdown
from vlaudit.report.told import machine_readable, told

TASK = "zero-shot-image-classification"
ABOUT_DATA = frozenset({Risk.POISONING, Risk.DATA})
SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
    (10_000_000_000, "1B<n<10B"),
    (100_000_000_000, "10B<n<100B"),
    (1_000_000_000_000, "100B<n<1T"),
)


def card(page: Page) -> str:
    """Return dataset_card.md."""
    probes = told(page, about_data(page))
    body = render_markdown(
        "dataset_card.md.j2",
        folder=page.templates,
        page=page,
        facts=page.audit.dataset,
        verdicts=verdicts_on_data(page),
        privacy=[item for item in probes if item.probe.planned.card.risk == Risk.PRIVACY],
        others=[item for item in probes if item.probe.planned.card.risk != Risk.PRIVACY],
    )
    return with_front_matter(metadata(page), body)


def about_data(page: Page) -> list[Examined]:
    """Return the probes that say something about the data, not about the model alone."""
    return [probe for probe in page.probes if _about_data(probe.planned.card)]


def verdicts_on_data(page: Page) -> list[Judged]:
    """Return the verdicts that such probes' numbers decide."""
    judged = (item for item in page.verdicts if item.planned is not None)
    return [item for item in judged if item.planned and _about_data(item.planned.card)]


def _about_data(card: Card) -> bool:
    """Tell whether a probe says something about the data, not about the model alone."""
    of_every_row = card.rows == "all" and card.risk in ABOUT_DATA
    return of_every_row or not (card.needs or card.needs_one_of)


def metadata(page: Page) -> DatasetCardData:
    """Return the card's metadata."""
    facts = page.audit.dataset
    named = [hub_licence(licence) for licence in facts.licences]
    ids = list(dict.fromkeys(licence for licence, _ in named))
    names = list(dict.fromkeys(name for _, name in named if name))
    data = DatasetCardData(
        license=(ids[0] if len(ids) == 1 else ids) or None,
        pretty_name=one_line(facts.name),
        size_categories=[size_category(facts.rows)],
        task_categories=[TASK],
        tags=["vlaudit"],
        vlaudit={
            "run": page.audit.stamp.run,
            "digest": facts.digest,
            "rows": facts.rows,
            "quarantined": {one_line(why): rows for why, rows in facts.quarantined.items()},
            "measured": page.measured,
            "sha256_of_measurements": page.digest,
            "measurements": machine_readable(told(page, about_data(page))),
        },
    )
    if names:
        data["license_name"] = ", ".join(names)
    return data


def size_category(rows: int) -> str:
    """Return the Hub's name for a number of rows."""
    return next((name for limit, name in SIZES if rows < limit), "n>1T")
