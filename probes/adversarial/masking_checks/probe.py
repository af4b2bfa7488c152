"""Signs that gradients hide a weakness, each as the share of the pictures that show it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.stats.intervals import clopper_pearson

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from vlaudit.perturb.gradient.oracle import Oracle

# From which share on a check is a sign, and what it says.
SIGNS = {
    "blackbox_excess": (0.01, "withstand the model's gradients but fall without them"),
    "faint_gradients": (0.05, "have a gradient that promises next to nothing"),
    "misleading_gradients": (0.25, "have a gradient that points the wrong way"),
    "unsteady_answers": (0.0, "get other logits when asked about twice"),
    "stalled_attacks": (0.05, "are not brought nearer to a mistake by any step"),
    "unbounded_accuracy": (0.1, "stay right although every pixel may take any value"),
    "restart_gain": (0.1, "are won by another random start only"),
    "steps_gain": (0.1, "are won by four times the steps only"),
}


def run(context: Context) -> Iterator[Measurement | Finding]:
    """Attack pictures that are named right with gradients, more of them, and without any."""
    from vlaudit.perturb.gradient.ball import LinfBall
    from vlaudit.perturb.gradient.oracle import right
    from vlaudit.perturb.gradient.scrutiny import scrutinise
    from vlaudit.perturb.gradient.victim import choose_victim, draw_generator

    settings, victim = context.settings, choose_victim(context)
    oracle, clean, truth = victim.oracle, victim.clean, victim.truth
    generator = draw_generator(context)
    _refuse_one_answer(oracle, clean, generator)
    named = right(oracle.logits(clean), truth)
    if not named.any():
        raise Inapplicable(f"none of {len(clean)} pictures is named right: nothing can be attacked")
    seen = scrutinise(
        oracle,
        clean[named],
        truth[named],
        LinfBall(float(settings["epsilon"]) / 255),
        steps=settings["steps"],
        queries=settings["queries"],
        generator=generator,
        progress=context.progress,
    )
    context.note(
        f"{int(named.sum())} of {len(clean)} pictures are named right; {int(seen.standing.sum())} "
        f"withstand one run on each loss; {oracle.gradients} gradients, {oracle.forwards} looks."
    )
    checks = {
        "blackbox_excess": seen.hidden,
        "by_transfer": seen.by_transfer,
        "faint_gradients": seen.faint,
        "misleading_gradients": seen.misled,
        "unsteady_answers": seen.unsteady,
        "stalled_attacks": seen.stalled,
        "unbounded_accuracy": seen.unbounded,
        "restart_gain": seen.by_restart,
        "steps_gain": seen.by_steps,
    }
    for metric, flagged in checks.items():
        count, of = int(flagged.sum()), len(flagged)
        yield Measurement(metric, count / of, of, clopper_pearson(count, of))
        allowed, says = SIGNS.get(metric, (1.0, ""))
        if count > allowed * of:
            yield Finding(
                "masked_gradients",
                f"{count} of {of} pictures {says}: robust accuracy may be lower than measured.",
                Severity.HIGH,
                Confidence.MEDIUM,
                evidence={"check": metric, "share": count / of},
            )


def _refuse_one_answer(oracle: "Oracle", clean: "Tensor", generator: "torch.Generator") -> None:
    """Refuse a model that names everything alike, noise included.

    Raises:
        Inapplicable: there is nothing that could be hidden.
    """
    import torch

    noise = torch.rand(clean.shape, generator=generator).to(clean)
    names = oracle.logits(torch.cat([clean, noise, clean.flip(0) / 2 + noise / 2])).argmax(1)
    if (names == names[0]).all():
        raise Inapplicable("the model names every picture alike: there is no weakness to hide")
