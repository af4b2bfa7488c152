"""The page of a probe in the documentation, made from its card and its cases."""

from markupsafe import Markup

from vlaudit.core.probe import Card, Metric
from vlaudit.core.target import Ability
from vlaudit.report.rendering import render_markdown
from vlaudit.selftest.cases import Case


def probe_page(card: Card, cases: tuple[Case, ...]) -> str:
    """Return the page of one probe as Markdown."""
    return render_markdown(
        "probe_page.md.j2",
        card=card,
        cases=cases,
        limits=_limits,
        raw=_address,
        between_kinds=between_kinds(card),
    )


def probe_index(cards: dict[str, Card]) -> str:
    """Return the page that lists all probes as Markdown."""
    return render_markdown("probe_index.md.j2", cards=cards)


def between_kinds(card: Card) -> str | None:
    """Say which numbers compare between dual encoders and models that write.

    None where only one kind can be asked. A model that writes scores a text by the log-odds of
    "Yes" against "No", a dual encoder by a scaled cosine.
    """
    embedding = {Ability.EMBEDS_IMAGES, Ability.EMBEDS_TEXTS}
    if Ability.SCORES_PAIRS not in card.needs or embedding & set(card.needs):
        return None
    own = [name for name, metric in card.metrics.items() if metric.own_scale]
    if not own:
        return "all numbers compare; none is on a model's own scale of scores."
    return f"all numbers compare but {', '.join(own)}, on a model's own scale of scores."


def _limits(metric: Metric) -> str:
    low, high = ("any" if end is None else f"{end:g}" for end in metric.range)
    return f"{low} to {high}"


def _address(cite: str) -> Markup:
    """Return a source's address as it stands: cards are part of the program, not hostile."""
    return Markup(cite.replace(">", "%3E"))
