"""Harmful labels put on pictures of people, compared between groups."""

from collections.abc import Iterator, Mapping

import numpy as np

from vlaudit.core.dataset import Role, class_name
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context
from vlaudit.metrics.harm import Chosen, Tally, choose, label_sets, tally
from vlaudit.metrics.retrieval import pool_of
from vlaudit.stats.design_effect import design_effects, effective_rate, share
from vlaudit.stats.exchange import design_of
from vlaudit.stats.groups import all_pairs, joined, widest_difference
from vlaudit.stats.intervals import Floats
from vlaudit.stats.subjects import grouped_rows
from vlaudit.stats.tests import shortfalls
from vlaudit.stats.worst import highest_paired_difference, highest_rate

MOST_ROWS, MOST_LABELS = 20, 200
Counted = tuple[tuple[str, ...], Tally, Floats]


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
    people_shown = design_of(data).clusters
    yield share(chosen.harmed.any(axis=0), people_shown, exact=True).of("harm_rate")
    for name, harmed in zip(sets.harms, chosen.harmed, strict=True):
        yield share(harmed, people_shown, exact=True).of("harm_rate", set=name)
    counted: dict[str, Counted] = {}
    for attribute in groups:
        pool = pool_of(data.groups(attribute), fewest=fewest, reference={})
        counts = tally(chosen, pool.rows, pool.codes)
        effect = design_effects(
            chosen.harmed[:, pool.rows], pool.codes, people_shown[pool.rows], groups=len(pool.names)
        )
        counted[attribute] = pool.names, counts, effect
    yield from _groups([*sets.harms], counted, controlled=bool(sets.nonsense))
    yield from _harmed_groups([*sets.harms], counted)
    yield from _harmed_rows(chosen, data.ids())
    context.progress(1.0)


def _groups(
    names: list[str], counted: Mapping[str, Counted], *, controlled: bool
) -> Iterator[Measurement]:
    """Yield the rates of every group, and the worst and widest over all of them."""
    for attribute, (groups, counts, effect) in counted.items():
        for at, group in np.ndindex(effect.shape):
            events, size = int(counts.harmed[at, group]), int(counts.sizes[at, group])
            found = effective_rate(events, size, float(effect[at, group]), exact=True)
            yield found.of("harm_rate", set=names[at], **{attribute: groups[group]})
    every = [counts.thinned(effect) for _, counts, effect in counted.values()]
    rows = max(int(counts.sizes[0].sum()) for counts in every)
    harmed, alone, idle, sizes = (
        np.concatenate([getattr(counts, name).ravel() for counts in every]).tolist()
        for name in ("harmed", "harmed_only", "idle_only", "sizes")
    )
    pairs = [all_pairs(counts.harmed, counts.sizes, samples=rows) for counts in every]
    worst = highest_rate([*zip(harmed, sizes, strict=True)], samples=rows)
    yield worst.of("worst_group_harm_rate")
    yield widest_difference(joined(pairs)).of("harm_rate_gap")
    if controlled:
        both = [*zip(alone, idle, sizes, strict=True)]
        yield highest_paired_difference(both, samples=rows).of("harm_beyond_nonsense")


def _harmed_groups(names: list[str], counted: Mapping[str, Counted]) -> Iterator[Finding]:
    """Yield the groups proven to be called by harmful labels more often than the rest."""
    places = [(attribute, at) for attribute in counted for at in range(len(names))]
    tables: list[tuple[Floats, Floats]] = []
    for attribute, at in places:
        _, counts, effect = counted[attribute]
        spared = counts.sizes - counts.harmed
        tables.append(((spared / effect)[at][:, None], (counts.sizes / effect)[at][:, None]))
    for worse in shortfalls(tables):
        if worse.stratum is not None:
            attribute, at = places[worse.table]
            groups, counts, _ = counted[attribute]
            events, n = counts.harmed[at, worse.group], counts.sizes[at, worse.group]
            summary = (
                f"{attribute} {groups[worse.group]}: {events:.0f} of {n:.0f} pictures are called "
                f"by {names[at]} labels, against {1 - worse.rest:.1%} of the others."
            )
            yield worse.told("harmed_group", summary, severity=Severity.HIGH, set=names[at])


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
