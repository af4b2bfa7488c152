"""Answers by majority under noise, with a proof."""

from collections.abc import Iterator

import numpy as np

from vlaudit.advice.attacked import attacked, share
from vlaudit.advice.remedy import Effect, Remedy, Trial

SIGMA, RADIUS = 0.12, 0.1
FIRST, DRAWS, ALPHA = 50, 200, 0.001


def simulate(on: Trial) -> Iterator[Effect]:
    """Hold an attack on the bare model against what is proven of the smoothed one."""
    from vlaudit.perturb.gradient.oracle import right
    from vlaudit.perturb.smoothing import certify

    held = attacked(on)
    labels = held.labels.cpu().numpy().astype(np.int64)
    proven = certify(
        held.oracle, held.clean, sigma=SIGMA, first=FIRST, draws=DRAWS, alpha=ALPHA,
        generator=held.generator,
    )  # fmt: skip
    bare = share(right(held.oracle.verify(held.clean), held.labels))
    yield Effect("right as they are", bare, share(proven.named == labels), labels.size)
    broken = held.attack(held.oracle, RADIUS, "l2").robust
    what = f"right within L2 {RADIUS:g}: at most, by attack, and at least, by proof"
    yield Effect(what, share(broken), share(proven.within(labels, RADIUS)), labels.size)


REMEDIES = (
    Remedy(
        title="Randomised smoothing",
        helps=("adversarial.gradient_attack.*", "adversarial.blackbox_attack.*"),
        words="Answer by majority over copies of the picture with Gaussian noise, and abstain "
        "without a clear one. No change within the radius alters such an answer, whatever the "
        "attack; it costs hundreds of looks a picture, and accuracy unless the model knows noise.",
        cites=("https://arxiv.org/abs/1902.02918",),
        simulate=simulate,
    ),
)
