"""Weighs all pairs of a dataset and flags those that stand out at a set false discovery rate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.target import Matrix
from vlaudit.detect.evidence import Fit, combine, discoveries, fit_p_values, pair_fit
from vlaudit.detect.outliers import density_evidence

Floats = NDArray[np.float64]
BLIND = 0.35


@dataclass(frozen=True)
class Triage:
    """What the evidence says of each pair.

    Attributes:
        fit: how well captions fit, beside random captions.
        evidence: density and crowding statistics by name, (rows,) each.
        p_values: combined evidence, (rows,).
        flagged: pairs that are doubtful at the set false discovery rate.
        sees: whether the model tells captions from random ones at all, without which a bad fit
            says nothing and no pair is flagged.
    """

    fit: Fit
    evidence: dict[str, Floats]
    p_values: Floats
    flagged: NDArray[np.bool_]
    sees: bool

    def reason(self, row: int) -> str:
        """Return in words what is odd about a pair."""
        share = self.fit.chance[row]
        ranks = {
            name: min(np.mean(values <= values[row]), np.mean(values >= values[row]))
            for name, values in self.evidence.items()
        }
        odd = min(ranks, key=lambda name: float(ranks[name]))
        return (
            f"{share:.0%} of random captions fit at least as well; next, "
            f"{odd.replace('_', ' ')} is among the most extreme {max(ranks[odd], 0.001):.1%}"
        )


def triage(
    images: Matrix,
    captions: Matrix,
    texts: Sequence[str],
    rng: np.random.Generator,
    *,
    rate: float,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Triage:
    """Return the evidence about pairs of unit vectors, (rows, dimensions) each, and their texts."""
    fit = pair_fit(images, captions, rng)
    progress(0.1)
    evidence = density_evidence(images, captions, texts)
    progress(1.0)
    p_values = combine(fit_p_values(fit), evidence)
    sees = bool(np.median(fit.chance) < BLIND)
    flagged = discoveries(p_values, rate) & sees
    return Triage(fit, evidence, p_values, flagged, sees)
