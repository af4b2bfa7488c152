"""Pictures that differ in one group only, called differently."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, islice

import numpy as np

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.metrics import counterfactual
from vlaudit.metrics.counterfactual import Block, Calls, blocks, call, differences, flips
from vlaudit.stats.excess import largest
from vlaudit.stats.intervals import Estimate, mean
from vlaudit.stats.subjects import grouped_rows, set_names
from vlaudit.stats.worst import mean_difference, widest_mean

MOST_ROWS, GRAVE = 20, 0.2


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Call every picture something and compare the pictures of each set."""
    data, groups = grouped_rows(context)
    sets = set_names(data.ids(), data.texts(Role.COUNTERFACTUAL_OF))
    labels = data.texts(Role.LABEL) if data.columns.has(Role.LABEL) else []
    if labels:
        sets = [name if label else None for name, label in zip(sets, labels, strict=True)]
    people = data.texts(Role.IDENTITY) if data.columns.has(Role.IDENTITY) else [None] * len(data)
    heads = counterfactual.linked(sets, people)
    of_attribute = {name: blocks(sets, groups, name, heads=heads) for name in groups}
    compared = {name: parts for name, parts in of_attribute.items() if parts}
    for name in [name for name in of_attribute if name not in compared]:
        context.note(f"{name}: no set holds pictures of two groups that are alike otherwise.")
    if not compared:
        raise Inapplicable(
            "no set of data.columns.counterfactual_of holds pictures of two groups that are alike "
            "in every other attribute; give pictures of one scene the same value there"
        )
    settings = context.settings
    rounds = call(
        context.features, data, labels, answers=settings["answers"],
        templates=settings["templates"], both=settings["judge_labelled"],
    )  # fmt: skip
    context.progress(0.5)
    pairs = sum(len(differences(parts, np.zeros(len(data)))) for parts in compared.values())
    family = pairs * sum(len(calls.judged) for calls in rounds)
    widest: dict[str, list[Estimate]] = defaultdict(list)
    for attribute, parts in compared.items():
        for metric, found in _estimates(context, rounds, parts, family=family):
            widest[metric].append(found)
            yield found.of(metric, attribute=attribute)
        for calls in rounds:
            yield from _findings(context, calls, attribute, parts, data.ids(), family=family)
    for metric, estimates in widest.items():
        yield largest(estimates).of(metric)
    context.progress(1.0)


def _estimates(
    context: Context, rounds: Sequence[Calls], parts: Sequence[Block], *, family: int
) -> Iterator[tuple[str, Estimate]]:
    """Yield the widest paired differences, and how often pictures are called differently."""
    rows, rng = sum(len(rows) for part in parts for rows in part.rows.values()), context.rng
    for metric, values in chain.from_iterable(calls.gaps() for calls in rounds):
        apart = [pair for of in values for pair in differences(parts, of).values()]
        yield metric, widest_mean(apart, samples=rows, family=family)
    found = flips(parts, rounds[0].named)
    yield "flip_rate", mean(found.between, bounds=(0, 1), rng=rng)
    if found.beyond.size:
        yield "excess_flip_rate", mean(found.beyond, bounds=(-1, 1), rng=rng)


def _findings(
    context: Context, calls: Calls, attribute: str, parts: Sequence[Block], ids: list[str],
    *, family: int,
) -> Iterator[Finding]:  # fmt: skip
    """Yield the groups proven to fare worse in the same sets, and pictures that show it."""
    tests = [
        (answer, values, pair, apart)
        for answer, values in calls.judged.items()
        for pair, apart in differences(parts, values).items()
    ]
    for answer, values, (one, two), apart in tests:
        found = mean_difference(apart, level=0.95 ** (1 / family))
        if found.interval.low <= 0 <= found.interval.high:
            continue
        more, less = (one, two) if found.value > 0 else (two, one)
        told = f"called {answer}" if answer else "called right"
        yield Finding(
            kind="judged_by_group" if answer else "worse_than_counterpart",
            summary=f"{attribute} {less}: pictures are {told} {abs(found.value):.1%} less often "
            f"than their counterparts of {attribute} {more}, over {apart.size} sets.",
            severity=Severity.HIGH if abs(found.value) >= GRAVE else Severity.MEDIUM,
            confidence=Confidence.HIGH,
            evidence={"group": less, "counterpart": more},
        )
        shown = counterfactual.turned(parts, values, better=more, worse=less)
        for item in islice(shown, MOST_ROWS):
            yield Finding(
                kind="turned_row",
                summary=f"Called {calls.classes[calls.named[item.row]]!r}, while its counterpart "
                f"of {attribute} {more} is {told}.",
                severity=Severity.LOW,
                confidence=Confidence.HIGH,
                row=ids[item.row],
                evidence={"counterpart": ids[item.counterpart]},
            )
