"""Decides which probes run here, with which settings, and says of each other one why not."""

from collections.abc import Mapping

from vlaudit.core.audit import PlannedProbe
from vlaudit.core.config import ProbesConfig
from vlaudit.core.dataset import Columns, Role
from vlaudit.core.probe import Card
from vlaudit.core.target import Ability


def plan(
    config: ProbesConfig,
    cards: Mapping[str, Card],
    *,
    abilities: tuple[Ability, ...],
    columns: Columns,
    lacks: Mapping[Ability, str] | None = None,
) -> tuple[PlannedProbe, ...]:
    """Return every installed probe, in order, with its final settings or its reason to be skipped.

    Those that read what others kept come last. Names in `config` have been checked against `cards`
    before; `lacks` says why the target cannot do what it cannot do.
    """
    return tuple(
        PlannedProbe(
            card=card,
            settings={**card.settings, **config.settings.get(card.id, {})},
            skip=_unwanted(config, card)
            or _incapable(card, abilities, lacks or {})
            or _lacking_columns(card, columns),
        )
        for card in sorted(cards.values(), key=lambda card: card.reads_rows)
    )


def _unwanted(config: ProbesConfig, card: Card) -> str | None:
    names = {card.id, str(card.risk), *card.tags}
    if names & set(config.skip):
        return "left out by the configuration (probes.skip)"
    if config.select and not names & set(config.select):
        return "not selected by the configuration (probes.select)"
    return None


def _incapable(
    card: Card, abilities: tuple[Ability, ...], lacks: Mapping[Ability, str]
) -> str | None:
    lacking = [need for need in card.needs if need not in abilities]
    listed = [", ".join(lacking)] if lacking else []
    if card.needs_one_of and not set(card.needs_one_of) & set(abilities):
        lacking += card.needs_one_of
        listed.append(" or ".join(card.needs_one_of))
    if not lacking:
        return None
    reasons = "".join(
        f"; {why}" for why in dict.fromkeys(lacks.get(need) for need in lacking) if why
    )
    return f"the target cannot do what the probe needs: {', '.join(listed)}{reasons}"


def _lacking_columns(card: Card, columns: Columns) -> str | None:
    absent = [str(role) for role in card.data if not columns.has(role) and role is not Role.ID]
    if absent:
        where = ", ".join(f"data.columns.{role}" for role in absent)
        return f"the data has no column for: {', '.join(absent)}; name one in {where}"
    return None
