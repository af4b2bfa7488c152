"""Zero-shot accuracy under the strongest change of pixels that gradients can find."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from vlaudit.core.dataset import Role
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context
from vlaudit.core.target import GivesGradients
from vlaudit.perturb.subjects import Subjects, choose_subjects
from vlaudit.stats.intervals import clopper_pearson

if TYPE_CHECKING:
    from vlaudit.perturb.gradient.curve import Robustness

KEPT_EXAMPLES = 3


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Attack a sample of pictures at growing budgets and report what accuracy is left."""
    import torch

    from vlaudit.perturb.gradient.backends import choose_attack, choose_ball
    from vlaudit.perturb.gradient.curve import robustness_curve
    from vlaudit.perturb.gradient.doubts import doubts
    from vlaudit.perturb.gradient.masking import check_masking
    from vlaudit.perturb.gradient.oracle import zero_shot

    settings, target = context.settings, cast("GivesGradients", context.target)
    labels = context.data.texts(Role.LABEL)
    subjects = choose_subjects(labels, context.rng, at_most=settings["max_images"])
    effort = {key: settings[key] for key in ("steps", "restarts", "targets", "give_up")}
    attack = choose_attack(settings["backend"], **effort)
    oracle = zero_shot(
        target, subjects.classes, settings["templates"], batch_size=settings["batch_size"]
    )
    clean = torch.cat([target.pixels(context.data.images(part)) for part in subjects.batches(16)])
    truth = torch.from_numpy(subjects.labels).to(clean.device)
    generator = torch.Generator().manual_seed(int(context.rng.integers(2**63)))
    masking = check_masking(oracle, clean, truth, generator=generator)
    epsilon = float(settings["epsilon"])
    budgets = sorted({0.0, epsilon, 2 * epsilon, *map(float, settings["curve"])})
    scaled = [budget / 255 for budget in budgets]
    curve = robustness_curve(
        oracle,
        clean,
        truth,
        scaled,
        attack=attack,
        generator=generator,
        ball=choose_ball(settings["norm"]),
        progress=context.progress,
    )
    by_budget = dict(zip(budgets, curve, strict=True))
    context.note(
        f"{len(clean)} of {len(labels)} pictures, {len(subjects.classes)} classes, at "
        f"{clean.shape[3]}x{clean.shape[2]} pixels; {oracle.gradients} gradients; "
        f"{subjects.unlabelled} unlabelled rows left out."
    )
    yield from _accuracies(by_budget, epsilon, masked=bool(masking and masking.signs))
    if masking:
        yield _rate("unbounded_robust_accuracy", masking.unbroken, masking.images)
    yield from doubts(
        masking,
        late=max(result.late for result in curve),
        unanswered=oracle.unanswered,
        is_exact=getattr(target, "is_exact", True),
    )
    yield from _examples(context, subjects, by_budget[epsilon])


def _accuracies(
    by_budget: "dict[float, Robustness]", epsilon: float, *, masked: bool
) -> Iterator[Measurement]:
    """Yield accuracy at each budget, with no lower bound where gradients are masked."""
    before, images = int(by_budget[0.0].robust.sum()), len(by_budget[0.0].robust)
    yield _rate("clean_accuracy", before, images)
    for budget, result in by_budget.items():
        left = _rate("robust_accuracy", int(result.robust.sum()), images)
        left = _widen(left, low=0.0) if masked else left
        if budget == epsilon:
            yield left
        if budget == 2 * epsilon:
            yield replace(left, metric="robust_accuracy_doubled")
        if budget:
            yield replace(left, slice={"epsilon": f"{budget:g}/255"})
    if before:
        fallen = _rate("attack_success_rate", int(by_budget[epsilon].broken.sum()), before)
        yield _widen(fallen, high=1.0) if masked else fallen


def _examples(context: Context, subjects: Subjects, result: "Robustness") -> Iterator[Finding]:
    """Yield some misnamed pictures, 8 bits a channel, kept as they were verified."""
    ids = context.data.ids()
    for index in result.broken.nonzero()[:KEPT_EXAMPLES, 0].tolist():
        row, label = ids[subjects.positions[index]], subjects.classes[subjects.labels[index]]
        yield Finding(
            "adversarial_example",
            f"Unlike the original, this picture is not named {label!r}; it lies within "
            f"{result.epsilon * 255:g}/255 of it by the {context.settings['norm']} norm.",
            Severity.LOW,
            Confidence.HIGH,
            row=row,
            evidence={"picture": context.keep_picture(f"row_{row}", result.picture(index))},
        )


def _rate(metric: str, count: int, of: int) -> Measurement:
    return Measurement(metric, count / of, samples=of, interval=clopper_pearson(count, of))


def _widen(item: Measurement, **end: float) -> Measurement:
    method = f"{item.interval.method}, open to stronger attacks"
    return replace(item, interval=replace(item.interval, method=method, **end))
