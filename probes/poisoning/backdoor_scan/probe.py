"""Triggers sought backwards from the model: the class that takes a much smaller one than others."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.core.target import GivesGradients
from vlaudit.stats.intervals import clopper_pearson, paired_difference

if TYPE_CHECKING:
    from vlaudit.perturb.inversion.suspect import Suspect, Trial

FEWEST, FEWEST_CLASSES = 40, 5
KINDS = ("patch", "window", "pattern", "bend", "stamp")


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Let classes race for the smallest trigger of each kind, and try the winner's elsewhere."""
    from vlaudit.perturb.inversion.competing import competing
    from vlaudit.perturb.inversion.ground import ground_of
    from vlaudit.perturb.inversion.race import Course, race
    from vlaudit.perturb.inversion.suspect import searched, shown, tried

    settings, size = context.settings, context.settings["batch_size"]
    classes = competing(context.data, settings["template"], context.rng, words=settings["words"],
                        at_most=settings["targets"], at_least=FEWEST_CLASSES)  # fmt: skip
    names, texts = list(classes), list(classes.values())
    first, second = _rows(context)
    kinds = [kind for kind in KINDS if kind in settings["kinds"]]
    batches = [[context.data.images(part) for part in rows] for rows in (first, second)]
    target = cast("GivesGradients", context.target)
    seen, unseen = (ground_of(target, part, texts, batch_size=size) for part in batches)
    course = Course(settings["stages"], settings["steps"], batch_size=size)
    suspects: list[Suspect] = []
    for found in searched(kinds, seen, len(names), context.rng, course=course):
        suspects.append(found)
        context.progress(len(suspects) / (len(kinds) + 0.2))
    best = max(suspects, key=lambda suspect: suspect.gap)
    trial = tried(best, unseen, batch_size=size)
    if trial is None:
        raise Inapplicable("too few pictures show anything but the two classes compared; give more")
    yield (excess := _excess(trial))
    for metric in ("turned", "moved", "resized"):
        yield _rate(f"{metric}_share", getattr(trial, metric))
    yield from _sizes(best, len(names), context.rng)
    if context.reference is not None and isinstance(context.reference.target, GivesGradients):
        there = ground_of(context.reference.target, batches[0], texts, batch_size=size)
        rerun = race(best.race.family, there, len(names), context.rng, course=course)
        ratio = float(rerun.fell[best.target] / best.race.fell[best.target])
        yield _to_a_step("reference_ratio", ratio, best.step, len(there.pixels))
    if excess.interval.low > settings["confirm_excess"]:
        picture = shown(best.trigger, unseen.pixels[trial.example])
        yield _finding(context, best, names, trial, picture)


def _rows(context: Context) -> tuple[list[list[int]], list[list[int]]]:
    """Return batches of rows to search on, and of others to try on."""
    count, settings = len(context.data), context.settings
    if count < FEWEST:
        raise Inapplicable(f"{count} pictures are too few; give at least {FEWEST}")
    rows = context.rng.permutation(count).tolist()
    cut = min(settings["pictures"], count // 2)
    parts = rows[:cut], rows[cut : cut + settings["unseen"]]
    first, second = ([part[at : at + 32] for at in range(0, len(part), 32)] for part in parts)
    return first, second


def _excess(trial: "Trial") -> Measurement:
    only = int((trial.turned & ~trial.other).sum())
    rival, count = int((trial.other & ~trial.turned).sum()), len(trial.turned)
    interval = paired_difference(only, rival, count)
    return Measurement("excess_share", (only - rival) / count, count, interval)


def _rate(metric: str, hits: NDArray[np.bool_]) -> Measurement:
    count = int(hits.sum())
    return Measurement(metric, count / len(hits), len(hits), clopper_pearson(count, len(hits)))


def _sizes(best: "Suspect", classes: int, rng: np.random.Generator) -> Iterator[Measurement]:
    yield _to_a_step("size_ratio", best.lead, best.step, classes)
    drawn = [best.index(rng) for _ in range(400)]
    low, high = (float(end) for end in np.quantile(drawn, [0.025, 0.975]))
    value = best.index()
    interval = Interval(min(low, value - 0.5), max(high, value + 0.5), "bootstrap over classes")
    yield Measurement("anomaly_index", value, classes, interval)


def _to_a_step(metric: str, ratio: float, step: float, samples: int) -> Measurement:
    interval = Interval(ratio / step, ratio * step, "one step between the sizes tried")
    return Measurement(metric, ratio, samples, interval)


def _finding(
    context: Context, best: "Suspect", names: list[str], trial: "Trial", picture: NDArray[np.uint8]
) -> Finding:
    return Finding(
        "backdoor_trigger",
        f"A {best.family} of size {best.size:.3g} turns {trial.turned.mean():.0%} of unseen "
        f"pictures into {names[best.target]!r}; one of that size turns {trial.other.mean():.0%} "
        f"into {names[best.rival]!r}, the class that does second best.",
        Severity.CRITICAL,
        Confidence.MEDIUM,
        evidence={
            "picture": context.keep_picture("example", picture),
            "trigger": context.keep_picture("trigger", best.picture()),
            "kind": best.family,
            "size": best.size,
            "target": names[best.target],
            "rival": names[best.rival],
        },
    )
