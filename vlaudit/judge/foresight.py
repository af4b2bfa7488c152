"""What a rule can decide on this data, worked out before anything runs."""

from collections.abc import Mapping
from dataclasses import dataclass

from vlaudit.core.audit import PlannedProbe
from vlaudit.core.dataset import Role
from vlaudit.core.policy import Rule
from vlaudit.core.probe import Metric
from vlaudit.stats.power import (
    detectable_excess,
    detectable_gap,
    effect_by_chance,
    samples_for_equivalence,
    samples_without_event,
)

CAPS = ("max_images", "sample", "most_rows")
TAIL = 0.025
LARGEST = 2.0  # size of an effect of two sets of equal size, in their standard deviations
RARE = 0.05  # a limit this low is one on rare events, whose groups differ by few of them


@dataclass(frozen=True)
class Foresight:
    """What a rule can decide.

    Attributes:
        rule: id of the rule.
        samples: observations that its metric will rest on, by group where groups are compared.
        fails_from: the mildest value that is failed with a chance of 0.8; None where unforeseen.
        needed: samples that a pass takes where all is well; None where unforeseen.
        words: whether this data can decide it, and if not, why.
    """

    rule: str
    samples: int
    fails_from: float | None
    needed: int | None
    words: str


def foresee(
    rule: Rule, planned: PlannedProbe, *, rows: int, groups: Mapping[str, Mapping[str, int]]
) -> Foresight:
    """Return what a rule can decide on `rows` rows with these sizes of groups.

    Args:
        rule: the rule.
        planned: its probe, with the settings that bound how many rows it looks at.
        rows: rows that the probe is given.
        groups: number of rows of each group, by attribute.
    """
    samples = min([rows, *_caps(planned)])
    if planned.skip is not None:
        return Foresight(rule.id, 0, None, None, f"will not be measured: {planned.skip}")
    metric = planned.card.metrics[rule.metric_name]
    compared = Role.GROUPS in planned.card.data and metric.better == "lower"
    if compared:
        sizes = [min(of.values()) for of in groups.values() if len(of) > 1]
        samples = min([samples, *sizes])
    if metric.unit == "standard deviations" and "names" in planned.settings:
        return _of_words(rule, planned)
    scale = _scale(metric)
    if rule.requires.samples > rows:
        lacking = f"cannot be decided: {rule.requires.samples:,} samples are required"
        return Foresight(rule.id, samples, None, rule.requires.samples, lacking)
    if Role.IDENTITY in planned.card.data:
        return Foresight(rule.id, samples, None, None, "not foreseen: people count, not rows")
    if scale is None or samples < 1:
        return Foresight(rule.id, samples, None, None, "not foreseen for this kind of metric")
    limit = rule.limit / scale
    side = limit if rule.at_most is not None else 1 - limit
    common = compared and side >= RARE
    needed = _needed(side, compared=common)
    gap = detectable_gap(samples) if common else detectable_excess(samples, side)
    worst = min(1.0, side + gap)
    fails_from = scale * (worst if rule.at_most is not None else 1 - worst)
    words = "can pass and fail" if samples >= needed else f"cannot pass below {needed:,} samples"
    return Foresight(rule.id, samples, fails_from, needed, words)


def _of_words(rule: Rule, planned: PlannedProbe) -> Foresight:
    """Say what an effect of listed words can show: their number decides, and no row does."""
    entries = planned.settings["names"]
    texts = [str(entry) for entry in entries] if isinstance(entries, list) else []
    sides = [side for text in texts for side in text.partition(":")[2].split("|")]
    sizes = [sum(bool(word.strip()) for word in side.split(",")) for side in sides]
    fewest = min(sizes, default=0)
    if fewest < 1:
        return Foresight(rule.id, fewest, None, None, "cannot be decided: no words are listed")
    fails_from = rule.limit + effect_by_chance(fewest)
    needed = next(n for n in range(fewest, 10**6) if rule.limit + effect_by_chance(n) < LARGEST)
    words = (
        f"{fewest} words a group: effects between {rule.limit:g} and about {fails_from:.1f} "
        "stay open"
        if fails_from < LARGEST
        else f"can pass but not fail below {needed} words a group: no effect is larger than 2"
    )
    return Foresight(rule.id, fewest, fails_from if fails_from < LARGEST else None, None, words)


def _needed(side: float, *, compared: bool) -> int:
    if side <= 0:
        return 10**9
    return samples_for_equivalence(side) if compared else samples_without_event(side, alpha=TAIL)


def _caps(planned: PlannedProbe) -> list[int]:
    """Return how many rows the settings of a probe let it look at."""
    caps = [planned.settings.get(name) for name in CAPS]
    return [cap for cap in caps if isinstance(cap, int) and not isinstance(cap, bool) and cap > 0]


def _scale(metric: Metric) -> float | None:
    """Return what a share of 1 is in the unit of the metric; None where it is no share."""
    if metric.unit == "fraction":
        return 1.0
    return 1000.0 if metric.unit.endswith("per 1,000") else None
