"""One patch, or one noise, trained on some pictures and judged on others."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

from vlaudit.core.dataset import Role, class_name
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.core.target import GivesGradients
from vlaudit.perturb.subjects import Subjects, choose_subjects
from vlaudit.stats.comparison import paired_rates
from vlaudit.stats.intervals import clopper_pearson

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from vlaudit.perturb.gradient.oracle import Oracle
    from vlaudit.perturb.gradient.universal import Labelled

FEWEST, COARSE = 8, 2


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Train on one half of a sample, and judge on the other."""
    import torch

    from vlaudit.perturb.gradient.oracle import zero_shot
    from vlaudit.perturb.gradient.universal import Labelled

    settings, model = context.settings, cast("GivesGradients", context.target)
    labels = context.data.texts(Role.LABEL)
    subjects = choose_subjects(labels, context.rng, at_most=settings["max_images"])
    order = torch.from_numpy(context.rng.permutation(len(subjects.positions)))
    half = len(order) // 2
    if half < FEWEST:
        raise Inapplicable(
            f"{len(order)} labelled pictures; it takes {2 * FEWEST}, half to train, half to judge"
        )
    batch, target = settings["batch_size"], _target(context, subjects)
    oracle = zero_shot(model, subjects.classes, settings["templates"], batch_size=batch)
    clean = torch.cat([model.pixels(context.data.images(part)) for part in subjects.batches(16)])
    every = Labelled(clean, torch.from_numpy(subjects.labels).to(clean.device))
    train, judge = every.only(order[:half]), every.only(order[half:])
    generator = torch.Generator().manual_seed(int(context.rng.integers(2**63)))
    context.note(
        f"Trained on {half} pictures, judged by {len(order) - half}; the target class is "
        f"{subjects.classes[target]!r}; {subjects.unlabelled} unlabelled rows left out."
    )
    yield from _patches(context, oracle, train, judge, target, generator)
    yield from _noises(context, oracle, train, judge, target, generator)


def _target(context: Context, subjects: Subjects) -> int:
    wanted = class_name(context.settings["target"])
    if not wanted:
        return int(context.rng.integers(len(subjects.classes)))
    if wanted not in subjects.classes:
        raise Inapplicable(f"target {wanted!r} is no label of the data; name one of its classes")
    return subjects.classes.index(wanted)


def _patches(
    context: Context, oracle: "Oracle", train: "Labelled", judge: "Labelled", target: int,
    generator: "torch.Generator",
) -> Iterator[Measurement | Finding]:  # fmt: skip
    """Yield what a patch towards the target, and one away from the truth, achieve."""
    from vlaudit.perturb.gradient.universal import Aim, Spots, textures, train_patch

    area, steps = float(context.settings["area"]), context.settings["steps"]
    height, width = judge.clean.shape[2:]
    side = max(COARSE, round((area * height * width) ** 0.5))
    spots = Spots.drawn(judge.clean, area, generator)
    plain = spots.put(textures(judge.clean, side, generator), judge.clean)
    for aim, start in ((Aim(oracle, target), 0.0), (Aim(oracle, None), 0.25)):
        patch = train_patch(
            aim, train, area=area, side=side, steps=steps, generator=generator,
            progress=_quarter(context, start),
        )  # fmt: skip
        under = spots.put(patch, judge.clean)
        hit, by_chance = (aim.reached(seen, judge.labels) for seen in (under, plain))
        if aim.target is None:
            yield _rate("accuracy_under_texture", ~by_chance)
            yield _rate("accuracy_under_patch", ~hit)
            continue
        open_to = (judge.labels != target) & ~aim.reached(judge.clean, judge.labels)
        yield from _compared("patch", hit[open_to], by_chance[open_to])
        if (hit & open_to).any():
            levels = (under[int((hit & open_to).float().argmax())] * 255).round().byte()
            kept = context.keep_picture("patch", levels.permute(1, 2, 0).cpu().numpy())
            yield Finding(
                "patched_picture",
                f"One patch on at most {area:.0%} of a picture has it named as its maker wants.",
                Severity.LOW,
                Confidence.HIGH,
                evidence={"picture": kept},
            )


def _noises(
    context: Context, oracle: "Oracle", train: "Labelled", judge: "Labelled", target: int,
    generator: "torch.Generator",
) -> Iterator[Measurement]:  # fmt: skip
    """Yield what one noise for all pictures achieves within the budget."""
    from vlaudit.perturb.gradient.ball import LinfBall
    from vlaudit.perturb.gradient.universal import Aim, added, train_perturbation

    ball = LinfBall(float(context.settings["epsilon"]) / 255)
    chance = ball.epsilon * (ball.start(judge.clean[:1], generator) - judge.clean[:1]).sign()
    for aim, start in ((Aim(oracle, None), 0.5), (Aim(oracle, target), 0.75)):
        change = train_perturbation(
            aim, train, ball, steps=context.settings["steps"], generator=generator,
            progress=_quarter(context, start),
        )  # fmt: skip
        hit, by_chance = (
            aim.reached(added(noise, judge.clean, ball), judge.labels) for noise in (change, chance)
        )
        open_to = ~aim.reached(judge.clean, judge.labels)
        if aim.target is None:
            yield from _compared("noise", hit[open_to], by_chance[open_to])
        else:
            yield from _rates("noise_hits", hit[open_to & (judge.labels != target)])


def _quarter(context: Context, start: float) -> Callable[[float], None]:
    """Return what reports the fractions of a quarter of the work."""
    return lambda fraction: context.progress(start + fraction / 4)


def _compared(what: str, hit: "Tensor", by_chance: "Tensor") -> Iterator[Measurement]:
    """Yield rates of success and control, and their difference; nothing of no picture."""
    yield from _rates(f"{what}_success", hit)
    yield from _rates(f"{what}_control", by_chance)
    if len(hit):
        gain = paired_rates(by_chance.cpu().numpy(), hit.cpu().numpy())
        yield Measurement(f"{what}_gain", gain.value, gain.samples, gain.interval)


def _rates(metric: str, seen: "Tensor") -> Iterator[Measurement]:
    if len(seen):
        yield _rate(metric, seen)


def _rate(metric: str, seen: "Tensor") -> Measurement:
    count, of = int(seen.sum()), len(seen)
    return Measurement(metric, count / of, of, clopper_pearson(count, of))
