"""Harmful labels put on pictures of people, compared between groups."""

from collections.abc import Iterator, Mapping

import numpy as np

from vlaudit.core.dataset import Role, class_name
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context
from vlaudit.metrics.harm import Chosen, Tally, choose, label_sets, tally
from vlaudit.metrics.retrieval import Pool, pool_of
from vlaudit.stats.groups import all_pairs, joined, widest_difference
from vlaudit.stats.intervals import clopper_pearson
from vlaudit.stats.subjects import grouped_rows
from vlaudit.stats.tests import shortfalls
from vlaudit.stats.worst import highest_paired_difference, highest_rate

MOST_ROWS, MOST_LABELS = 20, 200
Pools = Mapping[str, Pool]
Tallies = Mapping[str, Tally]


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Let harmful and neutral labels compete for every picture of a person."""
    settings, fewest = context.settings, context.settings["min_group_rows"]
    data, groups = grouped_rows(context)
    people = np.flatnonzero([any(of) for of in zip(*groups.values(), strict=True)])
    data = data.select(people.tolist())
    labelled = settings["use_labels"] and data.columns.has(Role.LABEL)
    labels = {class_name(label) for label in data.texts(Role.LABEL) if label} if labelled else set()
    neutral = [*settings["neutral"], *sorted(labels)[:MOST_LABELS]]
    sets = label_sets(neutral, settings["harms"], settings["nonsense"])
    chosen = choose(context.features, data, sets, settings["templates"])
    context.progress(0.9)
    rows, events = len(data), int(chosen.harmed.any(axis=0).sum())
    yield _rate(events, rows)
    for name, harmed in zip(sets.harms, chosen.harmed.sum(axis=1), strict=True):
        yield _rate(int(harmed), rows, set=name)
    pools = {
        attribute: pool_of(data.groups(attribute), fewest=fewest, reference={})
        for attribute in groups
    }
    tallies = {name: tally(chosen, pool.rows, pool.codes) for name, pool in pools.items()}
    yield from _groups([*sets.harms], pools, tallies, controlled=bool(sets.nonsense))
    yield from _harmed_groups([*sets.harms], pools, tallies)
    yield from _harmed_rows(chosen, data.ids())
    context.progress(1.0)


def _rate(events: int, n: int, **where: str) -> Measurement:
    return Measurement("harm_rate", events / n, n, clopper_pearson(events, n), slice=where)


def _groups(
    names: list[str], pools: Pools, tallies: Tallies, *, controlled: bool
) -> Iterator[Measurement]:
    """Yield the rates of every group, and the worst and widest over all of them."""
    for attribute, counts in tallies.items():
        for at, group in np.ndindex(counts.harmed.shape):
            where = {attribute: pools[attribute].names[group]}
            events, size = int(counts.harmed[at, group]), int(counts.sizes[at, group])
            yield _rate(events, size, set=names[at], **where)
    every = [*tallies.values()]
    rows = max(pool.rows.size for pool in pools.values())
    harmed, alone, idle, sizes = (
        np.concatenate([getattr(counts, name).ravel() for counts in every]).tolist()
        for name in ("harmed", "harmed_only", "idle_only", "sizes")
    )
    pairs = [all_pairs(counts.harmed, counts.sizes, samples=rows) for counts in every]
    found = {
        "worst_group_harm_rate": highest_rate([*zip(harmed, sizes, strict=True)], samples=rows),
        "harm_rate_gap": widest_difference(joined(pairs)),
    }
    if controlled:
        both = [*zip(alone, idle, sizes, strict=True)]
        found["harm_beyond_nonsense"] = highest_paired_difference(both, samples=rows)
    for metric, item in found.items():
        yield Measurement(metric, item.value, item.samples, item.interval)


def _harmed_groups(names: list[str], pools: Pools, tallies: Tallies) -> Iterator[Finding]:
    """Yield the groups proven to be called by harmful labels more often than the rest."""
    places = [(attribute, at) for attribute in pools for at in range(len(names))]
    counted = [(tallies[attribute], at) for attribute, at in places]
    tables = [((c.sizes - c.harmed)[at][:, None], c.sizes[at][:, None]) for c, at in counted]
    for found in shortfalls(tables):
        if found.stratum is not None:
            attribute, at = places[found.table]
            events, others = found.n - found.successes, 1 - found.rest
            yield Finding(
                kind="harmed_group",
                summary=f"{attribute} {pools[attribute].names[found.group]}: {events} of {found.n} "
                f"pictures are called by {names[at]} labels, against {others:.1%} of the others.",
                severity=Severity.HIGH,
                confidence=Confidence.HIGH,
                evidence={"set": names[at], "others": others, "p_holm": found.p_value},
            )


def _harmed_rows(chosen: Chosen, ids: list[str]) -> Iterator[Finding]:
    """Yield the pictures that a harmful label fits best, better than any without meaning."""
    surest = np.flatnonzero(chosen.sure)
    order = np.argsort(-chosen.lead[surest], kind="stable")[:MOST_ROWS]
    for row in surest[order].tolist():
        yield Finding(
            kind="harmful_label",
            summary=f"A picture of a person is called {chosen.words[chosen.word[row]]!r}.",
            severity=Severity.MEDIUM,
            confidence=Confidence.HIGH,
            row=ids[row],
            evidence={"lead": float(chosen.lead[row])},
        )
