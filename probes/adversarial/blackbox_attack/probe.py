"""Accuracy under attacks that see answers only, with an interval that holds whenever it stops."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Role, class_name
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.perturb.subjects import Subjects, choose_subjects
from vlaudit.stats.comparison import paired_rates
from vlaudit.stats.intervals import bounded_mean, clopper_pearson
from vlaudit.stats.sequential import confidence_sequence

if TYPE_CHECKING:
    import torch

    from vlaudit.perturb.blackbox.asked import Witness

KEPT_EXAMPLES = 3
MILESTONES = (100, 500, 1000, 5000)
FEWEST = 2


@dataclass
class Seen:
    """What was seen of the pictures attacked so far, one entry each."""

    named: list[bool] = field(default_factory=list[bool])
    steady: list[bool] = field(default_factory=list[bool])
    won: list[bool] = field(default_factory=list[bool])
    asked: list[int] = field(default_factory=list[int])

    def robust(self, within: float = np.inf) -> NDArray[np.bool_]:
        """Tell for each picture whether it is named right and was not won within some answers."""
        quickly = np.array(self.won, dtype=np.bool_) & (np.array(self.asked) <= within)
        return np.array(self.named, dtype=np.bool_) & ~quickly


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Attack pictures in random order until the interval is narrow or the answers are used up."""
    import torch

    from vlaudit.perturb.blackbox.asked import choose_witness

    settings = context.settings
    if int(settings["epsilon"]) < 1:
        raise Inapplicable(f"epsilon {settings['epsilon']} is no level of 255; set 1 or more")
    subjects = _subjects(context)
    witness = choose_witness(
        context.target,
        subjects.classes,
        settings["templates"],
        feedback=settings["feedback"],
        batch_size=settings["batch_size"],
    )
    generator = torch.Generator().manual_seed(int(context.rng.integers(2**63)))
    order, seen = context.rng.permutation(len(subjects.positions)), Seen()
    most = settings["queries"]
    for start in range(0, len(order), settings["batch_size"]):
        rows = order[start : start + settings["batch_size"]].tolist()
        if start and sum(seen.asked) + len(rows) * most > settings["all_queries"]:
            break
        yield from _attack(context, witness, subjects, rows, seen, generator)
        context.progress((start + len(rows)) / len(order))
        ends = _sequence(seen.robust())
        if ends.high - ends.low <= settings["precision"]:
            break
    answers = sum(seen.asked) + 2 * len(seen.named)
    requests = answers * witness.calls
    context.note(
        f"{len(seen.named)} of {len(order)} pictures, {len(subjects.classes)} classes, by "
        f"{witness.attack_name}; {answers} answers, {requests} requests, which cost "
        f"{requests * settings['price']:g} at the price that was set."
    )
    yield from _measurements(seen, most)


def _subjects(context: Context) -> Subjects:
    """Draw labelled rows, of so many classes only as a choice can have options."""
    labels, most = context.data.texts(Role.LABEL), context.settings["max_classes"]
    names = [class_name(label or "") for label in labels]
    classes = sorted({name for name in names if name})
    if len(classes) > most >= FEWEST:
        kept = set(context.rng.choice(classes, most, replace=False).tolist())
        labels = [name if name in kept else None for name in names]
    return choose_subjects(labels, context.rng, at_most=context.settings["max_images"])


def _attack(
    context: Context, witness: "Witness", subjects: Subjects, rows: list[int], seen: Seen,
    generator: "torch.Generator",
) -> Iterator[Finding]:  # fmt: skip
    """Attack those of some pictures that are named right, and write down what became of all."""
    from vlaudit.perturb.blackbox.asked import misnamed, shaken

    budget = int(context.settings["epsilon"])
    labels = subjects.labels[rows].tolist()
    images = context.data.images(subjects.positions[rows].tolist())
    clean = [np.asarray(image.convert("RGB")) for image in images]
    named = [name == label for name, label in zip(witness.names(clean), labels, strict=True)]
    noisy = [shaken(picture, budget, generator) for picture in clean]
    astray = misnamed(witness, noisy, labels)
    hits = [place for place, right in enumerate(named) if right]
    found = witness.attack(
        [clean[place] for place in hits], [labels[place] for place in hits],
        budget=budget, queries=context.settings["queries"], generator=generator,
    )  # fmt: skip
    by_place = dict(zip(hits, found, strict=True))
    ids = context.data.ids()
    for place, right in enumerate(named):
        won, picture, asked = by_place.get(place, (False, clean[place], 0))
        if won and sum(seen.won) < KEPT_EXAMPLES:
            row = ids[subjects.positions[rows[place]]]
            yield _example(row, context.keep_picture(f"row_{row}", picture), asked, budget)
        seen.named.append(right)
        seen.steady.append(right and not astray[place])
        seen.won.append(won)
        seen.asked.append(asked)


def _measurements(seen: Seen, most: int) -> Iterator[Measurement]:
    count = len(seen.named)
    named, steady, robust = np.array(seen.named), np.array(seen.steady), seen.robust()
    left = Measurement("robust_accuracy", float(robust.mean()), count, _sequence(robust))
    yield left
    for within in sorted({*MILESTONES, most}):
        if within <= most:
            after = seen.robust(within)
            value, interval = float(after.mean()), _sequence(after)
            yield replace(left, value=value, interval=interval, slice={"answers": str(within)})
    for metric, right in (("clean_accuracy", named), ("noise_accuracy", steady)):
        ends = clopper_pearson(int(right.sum()), count)
        yield Measurement(metric, float(right.mean()), count, ends)
    gain = paired_rates(robust, steady)
    yield Measurement("attack_gain", gain.value, count, gain.interval)
    if named.any():
        asked = np.array(seen.asked)[named]
        ends = bounded_mean(asked, bounds=(0, most))
        yield Measurement("answers_per_picture", float(asked.mean()), len(asked), ends)


def _sequence(right: NDArray[np.bool_]) -> Interval:
    """Return ends that hold at every time at once, so that one may stop by them."""
    low, high = confidence_sequence(right.astype(float), bounds=(0.0, 1.0))
    return Interval(float(low[-1]), float(high[-1]), "confidence sequence")


def _example(row: str, picture: str, asked: int, budget: int) -> Finding:
    return Finding(
        "misnamed_by_questions",
        f"After {asked} answers a picture within {budget}/255 of this one is misnamed.",
        Severity.LOW,
        Confidence.HIGH,
        row=row,
        evidence={"picture": picture, "answers": asked},
    )
