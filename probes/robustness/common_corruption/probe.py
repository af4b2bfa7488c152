"""Accuracy under noise, blur, weather, digital trouble, little light, covered parts and tilt."""

from collections.abc import Iterator

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.perturb.corruption.baselines import CLEAN, declared
from vlaudit.perturb.corruption.exposure import expose, severities_to_show
from vlaudit.perturb.corruption.types import ALL, SEVERITIES, STANDARD
from vlaudit.perturb.named import namer
from vlaudit.perturb.subjects import Subjects, choose_subjects
from vlaudit.stats.conditions import Conditions
from vlaudit.stats.drops import group_drops
from vlaudit.stats.exchange import Design, design_of
from vlaudit.stats.intervals import Estimate, Floats, mean
from vlaudit.stats.subjects import annotated

GRAVE = 0.3
HELD = {"low_light_retained": ("low_light", 3), "occlusion_retained": ("occlusion", 3)}


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Name a sample of pictures as they are and under each corruption."""
    settings, labels = context.settings, context.data.texts(Role.LABEL)
    errors = declared(settings["baseline"])
    subjects = choose_subjects(labels, context.rng, at_most=settings["max_images"])
    design = design_of(context.data).only(subjects.positions)
    seen = _shown(context, subjects, design)
    standard = [name for name in seen.names if name in STANDARD] or [*seen.names]
    context.note(
        f"{len(seen.clean)} of {len(labels)} pictures, {len(subjects.classes)} classes, each under "
        f"{len(seen.names)} types at {settings['per_picture']} of 5 severities (low light and "
        f"occlusion: all); overall values are over {len(standard)} types."
    )
    yield from _said("clean_accuracy", seen.accuracy())
    yield from _said("corrupted_accuracy", seen.accuracy(standard))
    for name in seen.names:
        yield from _said("corrupted_accuracy", seen.accuracy([name]), corruption=name)
        yield from _said("retained_accuracy", seen.retained([name]), corruption=name)
        for at in SEVERITIES:
            found = seen.accuracy([name], at)
            yield from _said("corrupted_accuracy", found, corruption=name, severity=str(at))
    yield from _said("retained_accuracy", seen.retained(standard))
    for metric, (name, at) in HELD.items():
        if name in seen.names:
            yield from _said(metric, seen.retained([name], at))
    lost = seen.lost(standard)
    found = mean(lost, bounds=(-1, 1), rng=context.rng, clusters=seen.people)
    yield from _said("accuracy_drop", found)
    yield from _worst(seen)
    if baseline := {name: errors[name] for name in seen.names if name in errors}:
        context.note(f"Errors are held against a declared baseline on {len(baseline)} types.")
        yield from _said("mean_corruption_error", seen.mean_error(baseline, context.rng))
        if errors.get(CLEAN, 1.0) < min(baseline.values()):
            found = seen.relative_error(baseline, errors[CLEAN], context.rng)
            yield from _said("relative_corruption_error", found)
    if context.data.columns.groups:
        yield from _by_group(context, subjects, lost, design)


def _shown(context: Context, subjects: Subjects, design: Design) -> Conditions:
    settings = context.settings
    if settings["lengths"] not in ("scaled", "published"):
        raise Inapplicable(f"lengths {settings['lengths']!r} do not exist; set scaled or published")
    types = list(dict.fromkeys(settings["types"])) or [*ALL]
    asked = {key: settings[key] for key in ("templates", "question")}
    count = len(subjects.positions)
    places = severities_to_show(count, types, settings["per_picture"], context.rng)
    names = namer(context.target, subjects.classes, **asked)
    clean, right = expose(
        lambda row: context.data.images([int(subjects.positions[row])])[0],
        subjects.labels, names, places, types, context.rng,
        batch_size=settings["batch_size"], scaled=settings["lengths"] == "scaled",
        progress=context.progress,
    )  # fmt: skip
    return Conditions(tuple(types), clean, right, design.clusters)


def _said(metric: str, found: Estimate | None, /, **where: str) -> Iterator[Measurement]:
    if found is not None:
        yield Measurement(metric, found.value, found.samples, found.interval, slice=where)


def _worst(seen: Conditions) -> Iterator[Measurement | Finding]:
    drops, found = seen.drops(), seen.worst_drop()
    for name, drop in drops.items():
        yield from _said("accuracy_drop", drop, corruption=name)
    yield from _said("worst_drop", found)
    worst, at_least = max(drops, key=lambda name: drops[name].value), found.interval.low
    if at_least > 0:
        yield Finding(
            "worst_corruption",
            f"{worst.replace('_', ' ').capitalize()} costs {found.value:.0%} of the pictures, the "
            f"most of {len(drops)} types.",
            Severity.HIGH if at_least > GRAVE else Severity.MEDIUM, Confidence.HIGH,
            evidence={"corruption": worst, "drop": found.value, "at_least": at_least},
        )  # fmt: skip


def _by_group(
    context: Context, subjects: Subjects, lost: Floats, design: Design
) -> Iterator[Measurement | Finding]:
    """Yield what each group loses, and the widest difference at the same labels."""
    sample = context.data.select(subjects.positions.tolist())
    groups = annotated(sample, context.settings["attributes"])
    fewest = context.settings["min_group_rows"]
    for metric, where, found in group_drops(lost, groups, design, fewest=fewest, rng=context.rng):
        yield from _said(metric, found, **where)
        if metric == "drop_gap" and where and found.interval.low > 0:
            yield Finding(
                "unequal_loss",
                f"Groups by {where['attribute']} differ by {found.value:.0%} in what they lose to "
                "corruption, at the same labels.",
                Severity.MEDIUM,
                Confidence.MEDIUM,
                evidence={**where},
            )
