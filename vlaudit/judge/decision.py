"""What the evidence says about one rule, before anybody waives anything."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from vlaudit.core.audit import Evidence, PlannedProbe
from vlaudit.core.measurement import Measurement
from vlaudit.core.outcome import Broken, Skipped
from vlaudit.core.policy import Rule
from vlaudit.core.probe import Setting
from vlaudit.core.target import Ability
from vlaudit.core.verdict import Status
from vlaudit.judge.chance import chance
from vlaudit.judge.limit import Held, hold

CONDITIONS = {"generative": Ability.WRITES_TEXT, "dual_encoder": Ability.EMBEDS_IMAGES}


@dataclass(frozen=True)
class Decision:
    """The status of a rule, why, and the measurement that decided it."""

    status: Status
    because: str
    measurement: Measurement | None = None
    samples_needed: int | None = None
    p_value: float | None = None


def decide(rule: Rule, evidence: Evidence) -> Decision:
    """Return what the evidence says about a rule; whatever is in doubt is not measured."""
    audit = evidence.audit
    idle = inapplicable(rule, claims=audit.config.claims, abilities=audit.target.abilities)
    if idle is not None:
        return Decision(Status.NOT_APPLICABLE, idle)
    reason = _unmeasured(rule, evidence)
    if reason is not None:
        return Decision(Status.NOT_MEASURED, reason)
    sliced = rule.over == "each_slice"
    found = [
        measurement
        for measurement in evidence.measurements.get(rule.probe, ())
        if measurement.metric == rule.metric_name and bool(measurement.slice) is sliced
    ]
    if not found:
        what = "no slice of" if sliced else "no overall value of"
        return Decision(Status.NOT_MEASURED, f"{rule.probe} reported {what} {rule.metric_name}")
    return _weigh(rule, found)


def inapplicable(
    rule: Rule, *, claims: Collection[str], abilities: Collection[Ability]
) -> str | None:
    """Say which condition of a rule does not hold, or return None."""
    subject, _, word = (rule.when or "").partition(".")
    if subject == "claims" and word not in claims:
        return f"the configuration does not claim {word}"
    if subject == "target" and CONDITIONS.get(word, word) not in abilities:
        return f"the target is not {word}" if word in CONDITIONS else f"the target has not {word}"
    return None


def limit_text(rule: Rule) -> str:
    """Return the limit of a rule in words."""
    return f"{'at most' if rule.at_most is not None else 'at least'} {rule.limit:g}"


def _unmeasured(rule: Rule, evidence: Evidence) -> str | None:
    """Say why the probe of a rule decides nothing, or return None."""
    planned = next((p for p in evidence.audit.plan if p.card.id == rule.probe), None)
    if planned is None:
        return f"{rule.probe} was not part of the run"
    outcome = evidence.audit.outcomes.get(rule.probe)
    if isinstance(outcome, Broken):
        return f"{rule.probe} broke, and what it had measured counts for nothing: {outcome.error}"
    if isinstance(outcome, Skipped) or planned.skip is not None:
        reason = outcome.reason if isinstance(outcome, Skipped) else planned.skip
        return f"{rule.probe} was skipped: {reason}"
    if outcome is None:
        return f"{rule.probe} has not run to its end"
    return _unable(rule, evidence) or _too_weak(rule, planned) or _small_group(rule, evidence)


def _unable(rule: Rule, evidence: Evidence) -> str | None:
    """Say which ability the rule requires of the target and it lacks, or return None."""
    lacking = [need for need in rule.requires.target if need not in evidence.audit.target.abilities]
    return f"the rule requires a target that {', '.join(lacking)}" if lacking else None


def _small_group(rule: Rule, evidence: Evidence) -> str | None:
    """Say which group rests on fewer samples than the rule requires, or return None."""
    fewest = rule.requires.group_samples
    groups = [item for item in evidence.measurements.get(rule.probe, ()) if len(item.slice) == 1]
    if fewest is None:
        return None
    if not groups:
        return f"{rule.probe} reported no group; {fewest:,} samples of each are required"
    least = min(groups, key=lambda item: item.samples)
    if least.samples >= fewest:
        return None
    rests = _count(least.samples, "sample")
    return f"{_name(least)} rests on {rests}; {fewest:,} of every group are required"


def _too_weak(rule: Rule, planned: PlannedProbe) -> str | None:
    """Say which setting of the run is weaker than the rule requires, or return None."""
    for name, wanted in rule.requires.settings.items():
        used = planned.settings.get(name)
        if used is None or not _as_strict(used, wanted):
            return f"{rule.probe} ran with {name} {used}, and the rule requires {wanted}"
    return None


def _as_strict(used: Setting, wanted: Setting) -> bool:
    """Compare settings: numbers must reach what is wanted, lists hold it, the rest be equal."""
    if isinstance(used, list) and isinstance(wanted, list):
        return set(wanted) <= set(used)
    if isinstance(used, bool | str | list) or isinstance(wanted, bool | str | list):
        return used == wanted
    return used >= wanted


def _weigh(rule: Rule, found: Iterable[Measurement]) -> Decision:
    """Fail when any value fails, pass only when all pass and rest on enough."""
    enough: list[Measurement] = []
    short: list[str] = []
    for measurement in found:
        lacking = _too_few(rule, measurement)
        if lacking is None:
            enough.append(measurement)
        else:
            short.append(f"{_name(measurement)} rests on {lacking}")
    held = [hold(measurement, rule, among=len(enough)) for measurement in enough]
    p_value = min((chance(each) for each in held), default=1.0)
    failing = [each for each in held if each.status is Status.FAIL]
    if failing:
        return _decision(rule, max(failing, key=lambda each: each.least), p_value)
    if short:
        return Decision(Status.NOT_MEASURED, short[0])
    undecided = [each for each in held if each.status is Status.INCONCLUSIVE]
    return _decision(rule, max(undecided or held, key=lambda each: each.most), p_value)


def _too_few(rule: Rule, measurement: Measurement) -> str | None:
    """Say which observations a measurement lacks, or return None."""
    required = rule.requires
    if measurement.samples < required.samples:
        return f"{_count(measurement.samples, 'sample')}; {required.samples:,} are required"
    clusters = measurement.clusters or 0
    if required.clusters is not None and clusters < required.clusters:
        return f"{_count(clusters, 'known cluster')}; {required.clusters:,} are required"
    return None


def _decision(rule: Rule, held: Held, p_value: float) -> Decision:
    words = {
        Status.PASS: _passed,
        Status.FAIL: _failed,
        Status.INCONCLUSIVE: _undecided,
    }[held.status]
    because = f"{_described(held.measurement)}; {words(rule, held)}"
    needed = held.samples_needed if held.status is Status.INCONCLUSIVE else None
    return Decision(held.status, because, held.measurement, needed, p_value)


def _described(measurement: Measurement) -> str:
    interval = measurement.interval
    return (
        f"{_name(measurement)} is {measurement.value:.4g}, "
        f"{100 * interval.level:g} % interval {interval.low:.4g} to {interval.high:.4g} "
        f"({interval.method}), from {_count(measurement.samples, 'sample')}"
    )


def _passed(rule: Rule, held: Held) -> str:
    several = f" for each of {held.among} slices" if held.among > 1 else ""
    interval, upper = held.measurement.interval, rule.at_most is not None
    end = interval.high if upper else interval.low
    if interval.one_sided is not None and (end > rule.limit if upper else end < rule.limit):
        bound = f"the one-sided {100 * interval.level:g} % bound, {interval.one_sided:.4g},"
        return f"{bound} is {limit_text(rule)}{several}, which is all that a pass takes"
    return f"all of the interval is {limit_text(rule)}{several}"


def _failed(rule: Rule, held: Held) -> str:
    several = f", also when {held.among} slices are looked at together (Bonferroni)"
    return f"all of the interval misses the limit, {limit_text(rule)}" + (
        several if held.among > 1 else ""
    )


def _undecided(rule: Rule, held: Held) -> str:
    text = f"the limit, {limit_text(rule)}, lies inside the interval"
    if held.among > 1:
        text += f", widened for {held.among} slices looked at together (Bonferroni)"
    needed = held.samples_needed
    if needed is None:
        return f"{text}; the value is at the limit, so more samples alone may never decide"
    if needed > 10_000_000:
        return f"{text}; more than 10,000,000 samples would be needed to decide"
    return f"{text}; about {needed:,} samples would decide if the value stays"


def _name(measurement: Measurement) -> str:
    pairs = ", ".join(f"{name}={group}" for name, group in measurement.slice.items())
    return f"{measurement.metric}[{pairs}]" if pairs else measurement.metric


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
