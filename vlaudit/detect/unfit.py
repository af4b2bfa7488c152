"""Captions that fit their picture no better than a random one, and how well a model can tell.

The chance that a random caption fits at least as well is uniform for a wrong caption, and small for
a right one. Above some chance only wrong ones are left, evenly spread; how many there are says how
many are wrong in all (Storey 2002), and down to which chance most are wrong says which.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from vlaudit.core.target import Matrix
from vlaudit.detect.evidence import Fit, pair_fit
from vlaudit.detect.triage import BLIND

Flags = NDArray[np.bool_]
RIGHT_AMONG_FLAGGED = 0.1
EVEN_ABOVE = (0.5, 0.7, 0.8, 0.9)
UNEVEN = 0.1
TRIED = 200


@dataclass(frozen=True)
class Unfit:
    """What the model says of each caption.

    Attributes:
        fit: how well captions fit, beside random captions.
        share: estimated share of wrong captions.
        flagged: captions of which at most one in ten is expected to be right, (rows,).
    """

    fit: Fit
    share: float
    flagged: Flags

    @property
    def sees(self) -> bool:
        """Whether the model tells captions from random ones, without which none is doubtful."""
        return bool(np.median(self.fit.chance) < BLIND)

    def beyond(self, chance: float) -> int:
        """Return how many captions fit worse than a random one does at `chance`."""
        return int((self.fit.chance > chance).sum())

    def ranked(self) -> list[int]:
        """Return the flagged rows, the least fitting first."""
        order: list[int] = np.argsort(self.fit.fit, kind="stable").tolist()
        return [row for row in order if self.flagged[row]]


def unfit(images: Matrix, captions: Matrix, rng: np.random.Generator) -> Unfit:
    """Return what unit vectors of pictures and captions, (rows, dimensions) each, say of pairs."""
    fit = pair_fit(images, captions, rng)
    share = _wrong_share(fit.chance)
    order = np.argsort(-fit.chance, kind="stable")
    wrong = share * len(order) * (1 - fit.chance[order])
    right = 1 - wrong / np.arange(1, len(order) + 1)
    kept = np.flatnonzero(right <= RIGHT_AMONG_FLAGGED)
    flagged = np.zeros(len(order), dtype=np.bool_)
    flagged[order[: kept[-1] + 1 if len(kept) else 0]] = True
    return Unfit(fit, share, flagged)


def _wrong_share(chance: NDArray[np.float64]) -> float:
    """Return the share of wrong captions, read off where chances are even.

    A weak model gives right captions high chances too, but ever fewer towards 1.
    """
    above, count = 0.0, len(chance)
    for above in EVEN_ABOVE:
        lower = int(((chance > above) & (chance <= (1 + above) / 2)).sum())
        count = int((chance > above).sum())
        if count == 0:
            return 0.0
        if binomtest(lower, count, alternative="greater").pvalue > UNEVEN:
            break
    return min(1.0, count / len(chance) / (1 - above))


def exchanged(captions: Matrix, rng: np.random.Generator) -> tuple[Matrix, NDArray[np.int64]]:
    """Return captions of which some were dealt to each other's rows, and these rows.

    A row is among them only if its new caption is unlike its own: dealing equal captions, or two
    wordings of one, makes no error.
    """
    count = min(TRIED, max(len(captions) // 20, 2))
    rows = rng.choice(len(captions), count, replace=False)
    given = np.roll(rows, 1)
    usual = np.median(np.einsum("ij,ij->i", captions, captions[rng.permutation(len(captions))]))
    unlike = np.einsum("ij,ij->i", captions[rows], captions[given]) < (1 + usual) / 2
    changed = captions.copy()
    changed[rows[unlike]] = captions[given[unlike]]
    return changed, np.sort(rows[unlike])
