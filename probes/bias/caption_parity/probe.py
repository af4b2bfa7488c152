"""What a model writes about people, compared between groups."""

from collections.abc import Iterator
from typing import cast

import numpy as np

from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement, RowResults
from vlaudit.core.probe import Context
from vlaudit.core.target import WritesText
from vlaudit.metrics.captions import Spoken, own_gender, spoken, telling_prompt, write
from vlaudit.metrics.leakage import Reader
from vlaudit.metrics.word_sets import Flags, read_sets
from vlaudit.stats import group_rates
from vlaudit.stats.design_effect import share
from vlaudit.stats.exchange import Design, Statistic, design_of, over_attributes, shift_of
from vlaudit.stats.group_rates import GroupRates, by_attribute, widest, worse_groups
from vlaudit.stats.subjects import Groups, grouped_rows

MOST_ROWS = 20


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Let the model write about every picture and compare its words between groups."""
    settings, target = context.settings, cast("WritesText", context.target)
    genders, themes = read_sets(settings["genders"]), read_sets(settings["themes"])
    data, groups = grouped_rows(context)
    prompt = telling_prompt(target, data, settings["prompts"], rng=context.rng)
    context.note(f"The model was given {prompt!r} with every picture.")
    texts = write(target, data, prompt, progress=lambda done: context.progress(0.8 * done))
    said, design = spoken(texts, genders, themes), design_of(data)
    yield from _rates(context, "gender_word", said.names_gender, groups, design)
    attribute, own = own_gender(groups, genders)
    if attribute is None:
        context.note("No attribute has two groups that `genders` is about: no word can be wrong.")
    else:
        known, wrong = np.flatnonzero(own >= 0).tolist(), said.wrong(own)
        of_known = {name: [of_row[row] for row in known] for name, of_row in groups.items()}
        yield from _rates(context, "wrong_gender", wrong[known], of_known, design.only(known))
        ids = data.select(known).ids()
        context.keep_rows(RowResults("wrong_gender_rate", ids, wrong[known].tolist(), of_known))
        yield from _misnamed(said, wrong, [*genders], data.ids())
    yield from _themes(context, said, [*themes], groups, design)
    context.progress(0.9)
    telling: dict[str, Statistic] = {
        "length_gap": shift_of(said.lengths(), design),
        "detail_gap": shift_of(said.details(), design),
        "leakage": Reader(said.telling(genders, groups), design.clusters),
    }
    for metric, where, found in over_attributes(telling, groups, design, context):
        yield found.of(metric, **where)
    context.progress(1.0)


def _rates(
    context: Context, name: str, flags: Flags, groups: Groups, design: Design
) -> Iterator[Measurement | Finding]:
    """Yield a rate overall and in every group, and its widest gap."""
    yield share(flags, design.clusters).of(f"{name}_rate")
    tables = by_attribute(flags, groups, design, fewest=context.settings["min_group_rows"])
    for attribute, table in tables.items():
        for group, found in table.each():
            yield found.of(f"{name}_rate", **{attribute: group})
    for where, found in widest(tables, group_rates.of_attribute):
        yield found.of(f"{name}_gap", **where)
    if name == "wrong_gender":
        for attribute, group, worse in worse_groups(tables, harm=True):
            summary = (
                f"{attribute} {group}: {worse.n - worse.successes} of {worse.n} texts speak of "
                f"another gender only, against {1 - worse.rest:.1%} of the others'."
            )
            yield worse.told("misgendered_group", summary, severity=Severity.HIGH, group=group)


def _misnamed(said: Spoken, wrong: Flags, genders: list[str], ids: list[str]) -> Iterator[Finding]:
    """Yield pictures whose text speaks of another gender than was annotated."""
    for row in np.flatnonzero(wrong)[:MOST_ROWS].tolist():
        named = [gender for gender, use in zip(genders, said.gendered[:, row], strict=True) if use]
        yield Finding(
            kind="wrong_gender_word",
            summary=f"The text speaks of {' and '.join(named)} people only; annotated is another.",
            severity=Severity.LOW,
            confidence=Confidence.MEDIUM,
            row=ids[row],
        )


def _themes(
    context: Context, said: Spoken, themes: list[str], groups: Groups, design: Design
) -> Iterator[Measurement | Finding]:
    """Yield how often every theme is spoken of, of whom most, and the groups that stand out."""
    fewest = context.settings["min_group_rows"]
    tables: dict[tuple[str, str], GroupRates] = {}
    for theme, flags in zip(themes, said.themes, strict=True):
        yield share(flags, design.clusters).of("theme_rate", theme=theme)
        for attribute, table in by_attribute(flags, groups, design, fewest=fewest).items():
            tables[theme, attribute] = table
            for group, found in table.each():
                yield found.of("theme_rate", theme=theme, **{attribute: group})
    for where, found in widest(tables, group_rates.of_theme):
        yield found.of("theme_gap", **where)
    for (theme, attribute), group, worse in worse_groups(tables, harm=True):
        summary = (
            f"{attribute} {group}: {worse.n - worse.successes} of {worse.n} texts speak of "
            f"{theme}, against {1 - worse.rest:.1%} of the others' at the same labels."
        )
        yield worse.told(
            "themed_group", summary, severity=Severity.MEDIUM, group=group, theme=theme
        )
