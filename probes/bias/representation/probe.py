"""Shares of groups in the data, against a declared population and among its parts."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Role
from vlaudit.core.errors import MissingExtraError
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.detect import skin_tone
from vlaudit.metrics.population import read_population
from vlaudit.stats import representation
from vlaudit.stats.exchange import design_of
from vlaudit.stats.group_rates import of_attribute, widest
from vlaudit.stats.intervals import mean, rate
from vlaudit.stats.representation import Census, Parts, census
from vlaudit.stats.subjects import Groups, annotated

PARTS, MOST_ABSENT = {"split_gap": Role.SPLIT, "label_gap": Role.LABEL}, 50


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Count the rows of every group, in the whole and in its parts."""
    settings, data = context.settings, context.data
    groups = annotated(data, settings["attributes"])
    population, people = read_population(settings["population"]), design_of(data).clusters
    counted = {name: census(of, people, population.get(name, {})) for name, of in groups.items()}
    if stray := sorted(set(population) - set(counted)):
        context.note(f"The population of {', '.join(stray)} is declared, but not annotated.")
    yield from _wholes(counted)
    yield from _against(counted, population)
    for metric, role in PARTS.items():
        if data.columns.has(role):
            yield from _parts(context, metric, role, groups, people)
    if settings["estimate_skin_tone"]:
        yield from _tones(context)
    context.progress(1.0)


def _wholes(counted: Mapping[str, Census]) -> Iterator[Measurement]:
    """Yield the share of every group, how even they are, and how many rows have none."""
    for name, found in counted.items():
        for group, estimate in found.each():
            yield estimate.of("group_share", **{name: group})
    without = {name: rate(of.unknown, of.unknown + of.rows) for name, of in counted.items()}
    several = {name: of for name, of in counted.items() if len(of.names) > 1}
    even = {name: representation.smallest_to_largest(of) for name, of in several.items()}
    for metric, by_name, worst in (("unannotated_share", without, max), ("evenness", even, min)):
        for name, estimate in by_name.items():
            yield estimate.of(metric, attribute=name)
        if by_name:
            yield worst(by_name.values(), key=lambda found: found.value).of(metric)


def _against(
    counted: Mapping[str, Census], population: Mapping[str, Mapping[str, float]]
) -> Iterator[Measurement | Finding]:
    """Yield the share of every group over that of the declared population."""
    declared = {name: found for name, found in counted.items() if population.get(name)}
    for name, found in declared.items():
        for group, ratio in representation.ratios(found, population[name]).items():
            yield ratio.of("representation_ratio", **{name: group})
            if ratio.interval.high < 1:
                yield Finding(
                    kind="underrepresented_group" if ratio.value else "missing_group",
                    summary=f"{name} {group}: {ratio.value:.0%} of the share that the declared "
                    "population has.",
                    severity=Severity.HIGH if ratio.value < 0.5 else Severity.MEDIUM,
                    confidence=Confidence.HIGH,
                    evidence={"declared": population[name][group]},
                )
    if declared:
        lowest = [
            representation.lowest_ratio(of, population[name]) for name, of in declared.items()
        ]
        yield representation.lowest(lowest).of("lowest_ratio")


def _parts(
    context: Context, metric: str, role: Role, groups: Groups, people: NDArray[np.intp]
) -> Iterator[Measurement | Finding]:
    """Yield how far the shares of groups differ between splits, or between labels."""
    fewest, most = context.settings["min_part_rows"], context.settings["most_labels"]
    kind, of_part = str(role), context.data.texts(role)
    tables: dict[str, Parts] = {}
    for name, of_row in groups.items():
        table = representation.parts_of(of_row, of_part, people, fewest=fewest, most=most)
        if table is not None:
            tables[name] = table
            for group, part, estimate in table.each():
                yield estimate.of("group_share", **{name: group, kind: part})
    for where, found in widest(tables, of_attribute):
        yield found.of(metric, **where)
    absent = [(name, *place) for name, table in tables.items() for place in table.absent()]
    for name, group, part, rows, p_value in absent[:MOST_ABSENT]:
        yield Finding(
            kind=f"group_missing_in_{kind}",
            summary=f"{name} {group}: none of {rows} rows of {kind} {part!r}.",
            severity=Severity.MEDIUM,
            confidence=Confidence.HIGH,
            evidence={"group": group, "p_holm": p_value},
        )


def _tones(context: Context) -> Iterator[Measurement]:
    """Yield how light the skin of faces looks, and how far other light changes that."""
    try:
        seen, by = skin_tone.survey(context.data, context.settings["most_faces"], rng=context.rng)
    except MissingExtraError as error:
        raise Inapplicable(str(error)) from error
    context.note(f"Skin tones are guessed from {len(seen)} faces, found by the {by}.")
    if not seen:
        return
    tones, errors = zip(*seen, strict=True)
    for tone in range(1, 11):
        yield rate(tones.count(tone), len(seen)).of("tone_share", monk=str(tone))
    yield mean(errors, bounds=(0, 9), rng=context.rng).of("tone_error")
