"""Pronouns of people in roles, compared between genders."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement, RowResults
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.metrics.captions import own_gender
from vlaudit.metrics.pronouns import Resolved, beside, resolve, roles_of
from vlaudit.metrics.word_sets import read_sets
from vlaudit.stats import group_rates
from vlaudit.stats.design_effect import share, share_apart
from vlaudit.stats.excess import largest
from vlaudit.stats.exchange import design_of
from vlaudit.stats.group_rates import GroupRates, by_attribute, of_attribute, widest, worse_groups
from vlaudit.stats.subjects import grouped_rows

MOST_ROWS, NEARLY_ALL = 20, 0.95


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Let every picture choose between sentences that differ in a pronoun."""
    settings, fewest = context.settings, context.settings["min_group_rows"]
    data, groups = grouped_rows(context)
    genders = read_sets(settings["genders"])
    gender, _ = own_gender(groups, genders)
    if gender is None:
        raise Inapplicable(
            "no attribute has two groups that `genders` is about; name the groups of the data there"
        )
    roles = roles_of(data)
    found = resolve(
        context.features, data, groups[gender], roles, genders=genders,
        pronouns=read_sets(settings["pronouns"]), templates=settings["templates"],
    )  # fmt: skip
    context.progress(0.8)
    right, rows = found.right, found.rows.tolist()
    design = design_of(data).only(rows)
    of_pronouns = [(found.chosen == one, found.own == one) for one in np.unique(found.own)]
    told = largest([share_apart(*sides, design.clusters) for sides in of_pronouns])
    yield told.of("sensitivity")
    yield share(right, design.clusters).of("resolution_accuracy")
    yield share(found.chosen < 0, design.clusters).of("undecided_rate")
    of_rows = {name: [of[row] for row in rows] for name, of in groups.items()}
    ids = data.select(rows).ids()
    context.keep_rows(RowResults("resolution_accuracy", ids, right.tolist(), of_rows))
    tables = by_attribute(right, of_rows, design, fewest=fewest)
    in_roles = group_rates.within(
        right, of_rows[gender], [roles[row] for row in rows], design,
        fewest=fewest, most=settings["most_labels"],
    )  # fmt: skip
    yield from _rates(tables, in_roles)
    if other := settings["participant"]:
        pairs = beside(of_rows[gender], [data.groups(other)[row] for row in rows])
        both = group_rates.group_rates(right, pairs, design, fewest=fewest)
        for pair, estimate in both.each() if both else ():
            yield estimate.of("resolution_accuracy", pair=pair)
    if told.value >= settings["fewest_told"]:
        every = {(name, ""): table for name, table in tables.items()}
        every |= {(gender, role): table for role, table in in_roles.items()}
        yield from _unresolved(every)
        yield from _rows(found, ids)
    else:
        context.note("Pronouns hardly go with people (sensitivity): no group is named for gaps.")
        yield from _one_for_all(found, [*read_sets(settings["pronouns"]).values()])
    context.progress(1.0)


def _rates(
    tables: Mapping[str, GroupRates], in_roles: Mapping[str, GroupRates]
) -> Iterator[Measurement]:
    """Yield how often each group is given its pronoun, and the widest gaps."""
    for attribute, table in tables.items():
        for group, estimate in table.each():
            yield estimate.of("resolution_accuracy", **{attribute: group})
    for where, estimate in widest(tables, of_attribute):
        yield estimate.of("resolution_gap", **where)
    for where, estimate in widest(in_roles, lambda role: {"label": role}):
        yield estimate.of("role_gap", **where)


def _unresolved(every: Mapping[tuple[str, str], GroupRates]) -> Iterator[Finding]:
    """Yield groups, and groups in roles, that are given their pronoun less often than others."""
    for (attribute, role), group, worse in worse_groups(every):
        summary = (
            f"{attribute} {group}{f' in the role {role}' if role else ''}: "
            f"{worse.successes} of {worse.n} get their own pronoun, others {worse.rest:.0%}."
        )
        kind = "unresolved_role" if role else "unresolved_group"
        yield worse.told(kind, summary, group=group)


def _rows(found: Resolved, ids: list[str]) -> Iterator[Finding]:
    """Yield the pictures whose wrong pronoun fits best by most."""
    wrong = np.flatnonzero(~found.right & (found.chosen >= 0))
    for row in wrong[np.argsort(-found.lead[wrong], kind="stable")][:MOST_ROWS].tolist():
        yield Finding(
            kind="wrong_pronoun",
            summary="The pronoun of another perceived gender fits better.",
            severity=Severity.LOW,
            confidence=Confidence.MEDIUM,
            row=ids[row],
            evidence={"lead": float(found.lead[row])},
        )


def _one_for_all(found: Resolved, pronouns: Sequence[tuple[str, ...]]) -> Iterator[Finding]:
    """Yield a pronoun that nearly everybody is given, whoever they are."""
    for at, (word, *_) in enumerate(pronouns):
        if (share := float((found.chosen == at).mean())) >= NEARLY_ALL:
            yield Finding(
                kind="one_pronoun_for_all",
                summary=f"{share:.0%} of people are given {word!r}, whoever they are.",
                severity=Severity.MEDIUM,
                confidence=Confidence.MEDIUM,
            )
