"""One patch, or one noise, trained on some pictures and judged on others."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from vlaudit.core.dataset import class_name
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.stats.comparison import paired_rates
from vlaudit.stats.intervals import exact_rate

if TYPE_CHECKING:
    from torch import Tensor

    from vlaudit.perturb.gradient.universal import Judged
    from vlaudit.perturb.subjects import Subjects

Item = Measurement | Finding
FEWEST = 8


def run(context: Context) -> Iterator[Item]:
    """Train on one half of a sample, and judge on the other."""
    import torch

    from vlaudit.perturb.gradient.ball import LinfBall
    from vlaudit.perturb.gradient.universal import Aim, Labelled, judge_patch, judge_perturbation
    from vlaudit.perturb.gradient.victim import choose_victim, draw_generator

    settings, victim = context.settings, choose_victim(context)
    subjects, oracle = victim.subjects, victim.oracle
    order = torch.from_numpy(context.rng.permutation(len(subjects.positions)))
    half = len(order) // 2
    if half < FEWEST:
        raise Inapplicable(
            f"{len(order)} labelled pictures; it takes {2 * FEWEST}, half to train, half to judge"
        )
    target, every = _target(context, subjects), Labelled(victim.clean, victim.truth)
    train, judge = every.only(order[:half]), every.only(order[half:])
    context.note(
        f"Trained on {half} pictures, judged by {len(order) - half}; the target class is "
        f"{subjects.classes[target]!r}; {subjects.unlabelled} unlabelled rows left out."
    )
    how: dict[str, Any] = {"steps": settings["steps"], "generator": draw_generator(context)}
    aimed, anything, others = Aim(oracle, target), Aim(oracle, None), judge.labels != target
    ball, area = LinfBall(float(settings["epsilon"]) / 255), float(settings["area"])

    def tell(quarter: int) -> Callable[[float], None]:
        return lambda fraction: context.progress((quarter + fraction) / 4)

    led = judge_patch(aimed, train, judge, area=area, progress=tell(0), **how)
    yield from _patches(context, led, others)
    lost = judge_patch(anything, train, judge, area=area, progress=tell(1), **how)
    yield from _rate("accuracy_under_texture", ~lost.control)
    yield from _rate("accuracy_under_patch", ~lost.hit)
    noise = judge_perturbation(anything, train, judge, ball, progress=tell(2), **how)
    yield from _compared("noise", noise, ~noise.before)
    noise = judge_perturbation(aimed, train, judge, ball, progress=tell(3), **how)
    yield from _rate("noise_hits", noise.hit[others & ~noise.before])


def _target(context: Context, subjects: "Subjects") -> int:
    wanted = class_name(context.settings["target"])
    if not wanted:
        return int(context.rng.integers(len(subjects.classes)))
    if wanted not in subjects.classes:
        raise Inapplicable(f"target {wanted!r} is no label of the data; name one of its classes")
    return subjects.classes.index(wanted)


def _patches(context: Context, judged: "Judged", others: "Tensor") -> Iterator[Item]:
    """Yield what a patch towards the target achieves on pictures of other classes."""
    open_to = others & ~judged.before
    yield from _compared("patch", judged, open_to)
    won = judged.hit & open_to
    if won.any():
        levels = (judged.pictures[int(won.float().argmax())] * 255).round().byte()
        kept = context.keep_picture("patch", levels.permute(1, 2, 0).cpu().numpy())
        yield Finding(
            "patched_picture",
            f"One patch on at most {context.settings['area']:.0%} of a picture has it named as its "
            "maker wants.",
            Severity.LOW,
            Confidence.HIGH,
            evidence={"picture": kept},
        )


def _compared(what: str, judged: "Judged", open_to: "Tensor") -> Iterator[Measurement]:
    """Yield rates of success and control, and their difference; nothing of no picture."""
    hit, control = judged.hit[open_to], judged.control[open_to]
    yield from _rate(f"{what}_success", hit)
    yield from _rate(f"{what}_control", control)
    if len(hit):
        yield paired_rates(control.cpu().numpy(), hit.cpu().numpy()).of(f"{what}_gain")


def _rate(metric: str, seen: "Tensor") -> Iterator[Measurement]:
    if len(seen):
        yield exact_rate(int(seen.sum()), len(seen)).of(metric)
