"""Weighs all pairs of a dataset and flags those that stand out at a set false discovery rate."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vlaudit.core.dataset import Dataset
from vlaudit.core.finding import Confidence, Finding, Severity
from vlaudit.core.probe import Context
from vlaudit.core.target import EmbedsTexts, Matrix
from vlaudit.detect.evidence import Fit, cauchy, combine, discoveries, fit_p_values, pair_fit
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

    def review(self, ids: Sequence[str], skip: Collection[int], most: int) -> Iterator[Finding]:
        """Name the flagged pairs for a person to look at, the most doubtful first."""
        order: list[int] = np.argsort(self.p_values, kind="stable").tolist()
        for row in [row for row in order if self.flagged[row] and row not in skip][:most]:
            yield Finding(
                kind="suspicious_pair",
                summary=f"To review: {self.reason(row)}.",
                severity=Severity.LOW,
                confidence=Confidence.LOW,
                row=ids[row],
                evidence={"p_value": float(self.p_values[row])},
            )


def triage(
    images: Matrix,
    captions: Matrix,
    texts: Sequence[str],
    rng: np.random.Generator,
    *,
    rate: float,
) -> Triage:
    """Return the evidence about pairs of unit vectors, (rows, dimensions) each, and their texts."""
    fit = pair_fit(images, captions, rng)
    evidence = density_evidence(images, captions, texts)
    p_values = combine(fit_p_values(fit), evidence)
    sees = bool(np.median(fit.chance) < BLIND)
    flagged = discoveries(p_values, rate) & sees
    return Triage(fit, evidence, p_values, flagged, sees)


def weighed(context: Context, data: Dataset, captions: Sequence[str], *, rate: float) -> Triage:
    """Return the evidence by the audited model, and by a reference model where one is named."""
    own, other = context.features, context.reference
    seen = triage(own.images(data), own.texts(captions), captions, context.rng, rate=rate)
    if other is None or not isinstance(other.target, EmbedsTexts):
        context.note(
            "Pairs were weighed by the audited model alone. One that learnt its poison may hide "
            "it: a reference model that embeds texts too and never saw the data tells more."
        )
        return seen
    images, texts = other.features.images(data), other.features.texts(captions)
    second = triage(images, texts, captions, context.rng, rate=rate)
    how = "and by" if second.sees else "only: captions are as good as random ones to"
    context.note(f"Pairs were weighed by the audited model {how} {other.target.name}.")
    return second_opinion(seen, second, rate=rate)


def second_opinion(own: Triage, other: Triage, *, rate: float) -> Triage:
    """Return the evidence of the audited model joined with that of one that never saw the pairs.

    A model that learnt its poison finds poisoned captions fitting: how well captions fit is read
    off the other model wherever that one sees at all, and p-values are joined by Cauchy's rule.
    """
    if not other.sees:
        return own
    p_values = cauchy([own.p_values, other.p_values], [1, 1]) if own.sees else other.p_values
    flagged = discoveries(p_values, rate)
    return Triage(other.fit, {**own.evidence, **other.evidence}, p_values, flagged, sees=True)


def accused(ids: Sequence[str], guilty: Mapping[int, str], most: int) -> Iterator[Finding]:
    """Name the rows that bear a confirmed trigger; `guilty` says what it makes the model answer."""
    for row in sorted(guilty)[:most]:
        yield Finding(
            kind="poisoned_pair",
            summary=f"Bears a mark that makes the model answer {guilty[row]}, and says so.",
            severity=Severity.HIGH,
            confidence=Confidence.HIGH,
            row=ids[row],
        )
