"""Pictures that differ in one group only, called differently."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

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
from vlaudit.stats.worst import widest_mean

MOST_ROWS, GRAVE = 20, 0.2


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Call every picture something and compare the pictures of each set."""
    data, groups = grouped_rows(context)
    sets = set_names(data.ids(), data.texts(Role.COUNTERFACTUAL_OF))
    labels = data.texts(Role.LABEL) if data.columns.has(Role.LABEL) else []
    if labels:
        sets = [name if label else None for name, label in zip(sets, labels, strict=True)]
    of_attribute = {name: blocks(sets, groups, name) for name in groups}
    compared = {name: parts for name, parts in of_attribute.items() if parts}
    for name in [name for name in of_attribute if name not in compared]:
        context.note(f"{name}: no set holds pictures of two groups that are alike otherwise.")
    if not compared:
        raise Inapplicable(
            "no set of data.columns.counterfactual_of holds pictures of two groups that are alike "
            "in every other attribute; give pictures of one scene the same value there"
        )
    forms, answers = context.settings["templates"], context.settings["answers"]
    calls = call(context.features, data, labels, answers=answers, templates=forms)
    context.progress(0.5)
    pairs = sum(len(differences(parts, np.zeros(len(data)))) for parts in compared.values())
    widest: dict[str, list[Estimate]] = defaultdict(list)
    for attribute, parts in compared.items():
        for metric, found in _estimates(context, calls, parts, family=pairs):
            widest[metric].append(found)
            yield _measure(metric, found, attribute=attribute)
        yield from _findings(context, calls, attribute, parts, data.ids(), family=pairs)
    for metric, estimates in widest.items():
        yield _measure(metric, largest(estimates))
    context.progress(1.0)


def _measure(metric: str, found: Estimate, **where: str) -> Measurement:
    return Measurement(metric, found.value, found.samples, found.interval, slice=where)


def _estimates(
    context: Context, calls: Calls, parts: Sequence[Block], *, family: int
) -> Iterator[tuple[str, Estimate]]:
    """Yield the widest paired differences, and how often pictures are called differently."""
    rows, rng = sum(len(rows) for part in parts for rows in part.rows.values()), context.rng
    for metric, values in (
        ("paired_accuracy_gap", calls.right), ("paired_probability_gap", calls.probability)
    ):  # fmt: skip
        if values is not None:
            apart = [*differences(parts, values).values()]
            yield metric, widest_mean(apart, bounds=(-1, 1), rng=rng, samples=rows, family=family)
    found = flips(parts, calls.named)
    yield "flip_rate", mean(found.between, bounds=(0, 1), rng=rng)
    if found.beyond.size:
        yield "excess_flip_rate", mean(found.beyond, bounds=(-1, 1), rng=rng)


def _findings(
    context: Context, calls: Calls, attribute: str, parts: Sequence[Block], ids: list[str],
    *, family: int,
) -> Iterator[Finding]:  # fmt: skip
    """Yield the groups proven to fare worse in the same sets, and pictures that show it."""
    if calls.right is None:
        return
    for (one, two), apart in differences(parts, calls.right).items():
        found = mean(apart, bounds=(-1, 1), rng=context.rng, level=0.95 ** (1 / family))
        if found.interval.low <= 0 <= found.interval.high:
            continue
        better, worse = (one, two) if found.value > 0 else (two, one)
        yield Finding(
            kind="worse_than_counterpart",
            summary=f"{attribute} {worse}: pictures are called right {abs(found.value):.1%} less "
            f"often than their counterparts of {attribute} {better}, over {apart.size} sets.",
            severity=Severity.HIGH if abs(found.value) >= GRAVE else Severity.MEDIUM,
            confidence=Confidence.HIGH,
            evidence={"group": worse, "counterpart": better},
        )
        shown = counterfactual.turned(parts, calls.right, better=better, worse=worse)
        for item in islice(shown, MOST_ROWS):
            yield Finding(
                kind="turned_row",
                summary=f"Called {calls.classes[calls.named[item.row]]!r}, while its counterpart "
                f"of {attribute} {better} is called right.",
                severity=Severity.LOW,
                confidence=Confidence.HIGH,
                row=ids[item.row],
                evidence={"counterpart": ids[item.counterpart]},
            )
