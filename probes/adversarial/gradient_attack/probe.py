"""Zero-shot accuracy under the strongest change of pixels that gradients can find."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.core.target import GivesGradients
from vlaudit.stats.intervals import exact_rate

if TYPE_CHECKING:
    from vlaudit.perturb.gradient.curve import Robustness
    from vlaudit.perturb.subjects import Subjects

KEPT_EXAMPLES = 3


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Attack a sample of pictures at growing budgets and report what accuracy is left."""
    from vlaudit.perturb.gradient.curve import robustness_curve
    from vlaudit.perturb.gradient.doubts import doubts
    from vlaudit.perturb.gradient.masking import check_masking
    from vlaudit.perturb.gradient.own_pixels import own_pixels_curve
    from vlaudit.perturb.gradient.victim import choose_victim, draw_generator

    settings, target = context.settings, cast("GivesGradients", context.target)
    how, victim = _how(context), choose_victim(context)
    subjects, oracle, clean, truth = victim.subjects, victim.oracle, victim.clean, victim.truth
    how["generator"] = draw_generator(context)
    masking = check_masking(oracle, clean, truth, generator=how["generator"])
    epsilon = float(settings["epsilon"])
    budgets = sorted({0.0, epsilon, 2 * epsilon, *map(float, settings["curve"])})
    scaled = [budget / 255 for budget in budgets]
    if settings["pixels"] == "own":
        pictures = context.data.images(subjects.positions.tolist())
        curve = own_pixels_curve(oracle, target, pictures, truth, scaled, **how)
    else:
        curve = robustness_curve(oracle, clean, truth, scaled, **how)
    by_budget = dict(zip(budgets, curve, strict=True))
    context.note(
        f"{len(clean)} of {len(context.data)} pictures, {len(subjects.classes)} classes; the model "
        f"sees {clean.shape[3]}x{clean.shape[2]} pixels, attacked were those of the "
        f"{'pictures' if settings['pixels'] == 'own' else 'model'}; {oracle.gradients} gradients; "
        f"{subjects.unlabelled} unlabelled rows left out."
    )
    yield from _accuracies(by_budget, epsilon, masked=bool(masking and masking.signs))
    if masking:
        yield exact_rate(masking.unbroken, masking.images).of("unbounded_robust_accuracy")
    yield from doubts(
        masking,
        late=max(result.late for result in curve),
        unanswered=oracle.unanswered,
        is_exact=getattr(target, "is_exact", True),
    )
    yield from _examples(context, subjects, by_budget[epsilon])


def _how(context: Context) -> dict[str, Any]:
    """Return attack, ball and progress as the settings name them."""
    from vlaudit.perturb.gradient.backends import choose_attack, choose_ball

    settings = context.settings
    if settings["pixels"] not in ("model", "own"):
        raise Inapplicable(f"pixels {settings['pixels']!r} do not exist; set `model` or `own`")
    efforts = ("backend", "ensemble", "steps", "restarts", "targets", "give_up", "queries")
    return {
        "attack": choose_attack(**{key: settings[key] for key in efforts}),
        "ball": choose_ball(settings["norm"]),
        "progress": context.progress,
    }


def _accuracies(
    by_budget: "dict[float, Robustness]", epsilon: float, *, masked: bool
) -> Iterator[Measurement]:
    """Yield accuracy at each budget, with no lower bound where gradients are masked."""
    before, images = int(by_budget[0.0].robust.sum()), len(by_budget[0.0].robust)
    yield exact_rate(before, images).of("clean_accuracy")
    for budget, result in by_budget.items():
        left = exact_rate(int(result.robust.sum()), images).of("robust_accuracy")
        left = _widen(left, low=0.0) if masked else left
        if budget == epsilon:
            yield left
        if budget == 2 * epsilon:
            yield replace(left, metric="robust_accuracy_doubled")
        if budget:
            yield replace(left, slice={"epsilon": f"{budget:g}/255"})
    if before:
        broken = int(by_budget[epsilon].broken.sum())
        fallen = exact_rate(broken, before).of("attack_success_rate")
        yield _widen(fallen, high=1.0) if masked else fallen


def _examples(context: Context, subjects: "Subjects", result: "Robustness") -> Iterator[Finding]:
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


def _widen(item: Measurement, **end: float) -> Measurement:
    method = f"{item.interval.method}, open to stronger attacks"
    return replace(item, interval=replace(item.interval, method=method, **end))
