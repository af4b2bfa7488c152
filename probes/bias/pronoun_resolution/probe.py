"""Pronouns of people in roles, compared between genders."""

from collections.abc import Iterator

import numpy as np

from vlaudit.core.dataset import Role, class_name
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement, RowResults
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.metrics.captions import own_gender
from vlaudit.metrics.pronouns import SOMEBODY, Resolved, resolve
from vlaudit.metrics.word_sets import read_sets
from vlaudit.stats import group_rates
from vlaudit.stats.exchange import design_of
from vlaudit.stats.group_rates import by_attribute, of_attribute, widest, worse_groups
from vlaudit.stats.intervals import Estimate, rate
from vlaudit.stats.subjects import grouped_rows

MOST_ROWS, GRAVE = 20, 0.2


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
    has_labels = data.columns.has(Role.LABEL)
    labels = [class_name(label or "") for label in data.texts(Role.LABEL)] if has_labels else []
    found = resolve(
        context.features, data, groups[gender], labels or [""] * len(data), genders=genders,
        pronouns=read_sets(settings["pronouns"]), templates=settings["templates"],
    )  # fmt: skip
    context.progress(0.8)
    right, rows = found.right, found.rows.tolist()
    yield _measure("resolution_accuracy", rate(int(right.sum()), right.size))
    yield _measure("undecided_rate", rate(int((found.chosen < 0).sum()), right.size))
    of_rows = {name: [of[row] for row in rows] for name, of in groups.items()}
    ids = data.select(rows).ids()
    context.keep_rows(RowResults("resolution_accuracy", ids, right.tolist(), of_rows))
    design = design_of(data).only(rows)
    tables = by_attribute(right, of_rows, design, fewest=fewest)
    for attribute, table in tables.items():
        for group, estimate in table.each():
            yield _measure("resolution_accuracy", estimate, **{attribute: group})
    for where, estimate in widest(tables, of_attribute):
        yield _measure("resolution_gap", estimate, **where)
    if other := settings["participant"]:
        beside = [data.groups(other)[row] for row in rows]
        pairs = [
            f"{own} beside {who}" if who else None
            for own, who in zip(of_rows[gender], beside, strict=True)
        ]
        both = group_rates.group_rates(right, pairs, design, fewest=fewest)
        for pair, estimate in both.each() if both else ():
            yield _measure("resolution_accuracy", estimate, pair=pair)
    of_label = [labels[row] if labels else SOMEBODY for row in rows]
    most = settings["most_labels"]
    roles = group_rates.within(right, of_rows[gender], of_label, design, fewest=fewest, most=most)
    for where, estimate in widest(roles, lambda role: {"label": role}):
        yield _measure("role_gap", estimate, **where)
    every = {(name, ""): table for name, table in tables.items()}
    every |= {(gender, role): table for role, table in roles.items()}
    for (attribute, role), group, worse in worse_groups(every):
        yield Finding(
            kind="unresolved_role" if role else "unresolved_group",
            summary=f"{attribute} {group}{f' in the role {role}' if role else ''}: "
            f"{worse.successes} of {worse.n} get their own pronoun, others {worse.rest:.0%}.",
            severity=Severity.HIGH if worse.size >= GRAVE else Severity.MEDIUM,
            confidence=Confidence.HIGH,
            evidence={"group": group, "others": worse.rest, "p_holm": worse.p_value},
        )
    yield from _rows(found, ids)
    context.progress(1.0)


def _measure(metric: str, found: Estimate, **where: str) -> Measurement:
    return Measurement(metric, found.value, found.samples, found.interval, slice=where)


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
