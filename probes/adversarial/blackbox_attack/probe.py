"""Accuracy under attacks that see answers only, with an interval that holds whenever it stops."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Role, class_name
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.perturb.subjects import Subjects, choose_subjects
from vlaudit.stats.comparison import paired_rates
from vlaudit.stats.intervals import bounded_mean, exact_rate
from vlaudit.stats.sequential import Watch, confidence_sequence

if TYPE_CHECKING:
    from vlaudit.perturb.blackbox.interrogation import Attacked

KEPT_EXAMPLES, FEWEST = 3, 2
MILESTONES = (100, 500, 1000, 5000)


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Attack pictures in random order until the interval is narrow or the answers are used up."""
    from vlaudit.perturb.blackbox.asked import choose_witness
    from vlaudit.perturb.blackbox.interrogation import interrogate, robust
    from vlaudit.perturb.gradient.victim import draw_generator

    settings, budget = context.settings, int(context.settings["epsilon"])
    if budget < 1:
        raise Inapplicable(f"epsilon {settings['epsilon']} is no level of 255; set 1 or more")
    subjects, size = _subjects(context), settings["batch_size"]
    witness = choose_witness(
        context.target,
        subjects.classes,
        settings["templates"],
        feedback=settings["feedback"],
        batch_size=size,
    )
    generator = draw_generator(context)
    order, most = context.rng.permutation(len(subjects.positions)), settings["queries"]
    seen, watch = list["Attacked"](), Watch(context.settled)
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        images = context.data.images(subjects.positions[rows].tolist())
        spent = sum(one.asked for one in seen)
        if start and spent + len(rows) * most > settings["all_queries"]:
            break
        seen += interrogate(
            witness,
            [np.asarray(image.convert("RGB")) for image in images],
            subjects.labels[rows].tolist(),
            budget=budget,
            queries=most,
            generator=generator,
        )
        context.progress((start + len(rows)) / len(order))
        ends = _sequence(robust(seen))
        so_far = partial(_measurements, seen, most, surely=True)
        looked = watch.enough(so_far, left=len(order) - len(seen))
        if looked or ends.high - ends.low <= settings["precision"]:
            break
    answers = sum(one.asked for one in seen) + 2 * len(seen)
    requests = answers * witness.calls
    context.note(
        f"{len(seen)} of {len(order)} pictures, {len(subjects.classes)} classes, by "
        f"{witness.attack_name}; {answers} answers, {requests} requests, which cost "
        f"{requests * settings['price']:g} at the price that was set."
    )
    yield from _measurements(seen, most)
    ids = context.data.ids()
    won = [index for index, one in enumerate(seen) if one.won]
    for index in won[:KEPT_EXAMPLES]:
        yield _example(context, ids[subjects.positions[order[index]]], seen[index], budget)


def _subjects(context: Context) -> Subjects:
    """Draw labelled rows, of so many classes only as a choice can have options."""
    labels, most = context.data.texts(Role.LABEL), context.settings["max_classes"]
    names = [class_name(label or "") for label in labels]
    classes = sorted({name for name in names if name})
    if len(classes) > most >= FEWEST:
        kept = set(context.rng.choice(classes, most, replace=False).tolist())
        labels = [name if name in kept else None for name in names]
    return choose_subjects(labels, context.rng, at_most=context.settings["max_images"])


def _measurements(
    seen: "Sequence[Attacked]", most: int, *, surely: bool = False
) -> Iterator[Measurement]:
    """Yield all measurements, or `surely` those whose intervals hold whenever one stops."""
    from vlaudit.perturb.blackbox.interrogation import robust

    for within in sorted({*(some for some in MILESTONES if some < most), most}):
        right = robust(seen, within)
        left = Measurement("robust_accuracy", float(right.mean()), len(seen), _sequence(right))
        yield replace(left, slice={"answers": str(within)})
        if within == most:
            yield left
    if surely:
        return
    steady = np.array([one.steady for one in seen])
    yield exact_rate(sum(one.named for one in seen), len(seen)).of("clean_accuracy")
    yield exact_rate(int(steady.sum()), len(seen)).of("noise_accuracy")
    yield paired_rates(robust(seen), steady).of("attack_gain")
    asked = [one.asked for one in seen if one.named]
    if asked:
        ends = bounded_mean(asked, bounds=(0, most))
        yield Measurement("answers_per_picture", float(np.mean(asked)), len(asked), ends)


def _sequence(right: NDArray[np.bool_]) -> Interval:
    """Return ends that hold at every time at once, so that one may stop by them."""
    low, high = confidence_sequence(right.astype(float), bounds=(0.0, 1.0))
    return Interval(float(low[-1]), float(high[-1]), "confidence sequence")


def _example(context: Context, row: str, seen: "Attacked", budget: int) -> Finding:
    return Finding(
        "misnamed_by_questions",
        f"After {seen.asked} answers a picture within {budget}/255 of this one is misnamed.",
        Severity.LOW,
        Confidence.HIGH,
        row=row,
        evidence={"picture": context.keep_picture(f"row_{row}", seen.picture)},
    )
