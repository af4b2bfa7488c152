"""Several wordings of every prompt in the place of one."""

from collections.abc import Iterator

from vlaudit.advice.naming import TEMPLATE, task
from vlaudit.advice.remedy import Effect, Remedy, Trial
from vlaudit.metrics.zero_shot import mean_logits

TEMPLATES = (TEMPLATE, "a picture of a {}", "an image of a {}", "this is a {}", "a drawing of a {}",
             "a close-up photo of a {}", "a {} in a picture", "{}")  # fmt: skip


def simulate(on: Trial) -> Iterator[Effect]:
    """Name held-out rows by one prompt, and by the mean over eight; nothing is fitted."""
    held = task(on.held_out)
    before, after = (
        mean_logits(on.features, held.data, held.classes, templates)
        for templates in ((TEMPLATE,), TEMPLATES)
    )
    yield from held.effects(before, after)


REMEDIES = (
    Remedy(
        title="Prompt ensembling",
        helps=("bias.zero_shot_parity.*", "bias.counterfactual_flip.*", "bias.quality_of_service.*",
               "bias.spurious_slices.*"),
        words="Average the embeddings or logits of several wordings of each label. It is free "
        "when texts are encoded once, and lessens gaps that come from one odd wording only.",
        cites=("https://arxiv.org/abs/2103.00020",),
        simulate=simulate,
    ),
)  # fmt: skip
