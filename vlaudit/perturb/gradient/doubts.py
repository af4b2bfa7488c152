"""Reasons why accuracy may be lower than an attack has shown."""

from collections.abc import Iterator

from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.perturb.gradient.masking import Masking

MANY_LATE, MANY_UNBROKEN = 0.05, 0.1


def doubts(
    masking: Masking | None, *, late: float, unanswered: int, is_exact: bool
) -> Iterator[Finding]:
    """Yield every reason to distrust an attack.

    Args:
        masking: what the checks for masked gradients saw; None where there was nothing to check.
        late: largest share of pictures that fell in the last quarter of the steps only.
        unanswered: how often the model gave scores that are not numbers.
        is_exact: whether the model's weights have full precision.
    """
    if unanswered:
        yield Finding(
            "no_answer",
            f"The model gave scores that are not numbers to {unanswered} of the pictures that it "
            "was asked about; a picture without an answer counts as not named right.",
            Severity.MEDIUM,
            Confidence.HIGH,
        )
    if masking and masking.signs:
        yield _doubt("masked_gradients", Severity.HIGH, "; ".join(masking.signs))
    elif masking and masking.unbroken > MANY_UNBROKEN * masking.images:
        what = f"{masking.unbroken} of {masking.images} pictures stay right even at 64/255"
        yield _doubt("unbroken_at_any_budget", Severity.LOW, what)
    if late > MANY_LATE:
        what = f"{late:.0%} of the pictures fell in the last quarter of the steps; take more steps"
        yield _doubt("unfinished_attack", Severity.LOW, what)
    if not is_exact:
        what = "gradients were taken in reduced precision; set the precision of the target to fp32"
        yield _doubt("coarse_gradients", Severity.LOW, what)


def _doubt(kind: str, severity: Severity, what: str) -> Finding:
    summary = f"Robust accuracy may be lower than measured: {what}."
    return Finding(kind, summary, severity, Confidence.MEDIUM)
