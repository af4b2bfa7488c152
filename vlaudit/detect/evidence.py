"""Turns evidence about pairs into p-values with a null, and combines them at a set error rate.

Two kinds of evidence differ in what they can show. How well a caption fits its picture has a null
on either side: captions dealt at random (does not fit) and the bulk of the pairs (fits). Density
and recurrence have none, since clean data has lonely rows and copies too; they enter by rank, which
can raise or lower a row among the doubtful but never makes it doubtful alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, norm, rankdata

from vlaudit.core.measurement import Interval
from vlaudit.core.target import Matrix

Floats = NDArray[np.float64]
GUARD = 0.05


@dataclass(frozen=True)
class Fit:
    """How well the caption of each pair fits its picture, beside random pairs.

    Attributes:
        fit: standardised score of each pair, (rows,); 0 is the level of a random pair.
        chance: share of random pairs that fit at least as well, (rows,); uniform on [0, 1] for
            a caption that has nothing to do with its picture.
        null: standardised scores of random pairs.
    """

    fit: Floats
    chance: Floats
    null: Floats


def pair_fit(
    images: Matrix, captions: Matrix, rng: np.random.Generator, *, probes: int = 256, deals: int = 4
) -> Fit:
    """Return the fit of each pair, standardised against other captions and other pictures.

    Both directions are standardised, so that neither captions that suit everything (hubs) nor
    pictures that resemble everything pass for matches. The null deals the captions anew `deals`
    times, without deals nearer to the row's own caption than halfway from the usual distance:
    with few kinds of captions many random ones are right.
    """
    rows = len(images)
    chosen = rng.choice(rows, min(probes, rows), replace=False)
    image_mean, image_sd = _level(images, captions[chosen])
    text_mean, text_sd = _level(captions, images[chosen])

    def fit(i: NDArray[np.int64], j: NDArray[np.int64]) -> Floats:
        cosine = np.einsum("ij,ij->i", images[i], captions[j])
        by_image = (cosine - image_mean[i]) / image_sd[i]
        return np.asarray((by_image + (cosine - text_mean[j]) / text_sd[j]) / 2)

    every = np.arange(rows)
    null: list[Floats] = []
    for _ in range(deals):
        dealt = rng.permutation(rows)
        alike = np.einsum("ij,ij->i", captions, captions[dealt])
        other = alike < (1 + np.quantile(alike, 0.25)) / 2
        null.append(fit(every[other], dealt[other]))
    own, pool = fit(every, every), np.sort(np.concatenate(null))
    above = len(pool) - np.searchsorted(pool, own, side="left")
    return Fit(own, (above + 1) / (len(pool) + 1), pool)


def _level(left: Matrix, right: Matrix) -> tuple[Floats, Floats]:
    """Return median and spread of each row of `left` against `right`.

    Medians, since the few of `right` that match would else set the level of those that do not.
    """
    levels, spreads = np.zeros(len(left)), np.ones(len(left))
    for start in range(0, len(left), 4096):
        scores = (left[start : start + 4096] @ right.T).astype(np.float64)
        low, middle, high = np.quantile(scores, [0.16, 0.5, 0.84], axis=1)
        levels[start : start + 4096] = middle
        spreads[start : start + 4096] = (high - low) / 2 + 1e-3
    return levels, spreads


def mismatched_share(chance: Floats, *, beyond: float = 0.5) -> float:
    """Return the share of pairs whose caption has nothing to do with its picture.

    Storey's estimate (2002) with the roles swapped: `chance` is uniform for such pairs and rarely
    above `beyond` for matching ones, so that twice the share above one half counts them all.
    """
    return min(1.0, float(np.mean(chance > beyond)) / (1 - beyond))


def mismatched_interval(chance: Floats, *, beyond: float = 0.5) -> tuple[float, Interval]:
    """Return `mismatched_share` and its 95 % interval (Clopper-Pearson on the counted half)."""
    count = int((chance > beyond).sum())
    ends = binomtest(count, len(chance)).proportion_ci(0.95, method="exact")
    low = min(1.0, float(ends.low) / (1 - beyond))
    high = min(1.0, float(ends.high) / (1 - beyond))
    return mismatched_share(chance, beyond=beyond), Interval(low, high, "Clopper-Pearson, doubled")


def fit_p_values(fit: Fit) -> Floats:
    """Return p-values of the hypothesis that a pair belongs to the matching bulk.

    The bulk is a normal law read off the upper half of the pairs, which bad pairs cannot reach:
    median and 84 % point of what is left after `mismatched_share`. Pairs that fit better than
    95 % of random pairs are never doubtful, however far below the bulk: they count by rank only.
    """
    share = min(mismatched_share(fit.chance), 0.8)
    middle = float(np.quantile(fit.fit, share + (1 - share) * 0.5))
    upper = float(np.quantile(fit.fit, share + (1 - share) * 0.84))
    scale = max(upper - middle, 1e-6)
    p = norm.cdf((fit.fit - middle) / scale)
    by_rank = rankdata(fit.fit) / len(fit.fit)
    return np.asarray(np.where(fit.chance < GUARD, np.maximum(p, by_rank), p))


def rank_p_values(values: Floats) -> Floats:
    """Return two-sided p-values by rank, at least 1 / rows: both tails, no null needed."""
    upper = rankdata(values) / (len(values) + 1)
    return np.asarray(2 * np.minimum(upper, 1 - upper))


def cauchy(p_values: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """Return the Cauchy combination of p-values (Liu and Xie 2020), truncated at 0.99.

    Valid under any dependence in the tail that matters; the truncation (Fang and others 2023)
    keeps one p-value near 1 from hiding all the others.
    """
    share = np.asarray(weights, dtype=np.float64) / np.sum(weights)
    p = np.clip(np.stack(p_values), 1e-300, 0.99)
    # Where p is tiny the tangent loses all digits, and 1 / (pi p) is exact.
    terms = np.where(p < 1e-12, 1 / (np.pi * p), np.tan((0.5 - p) * np.pi))
    total = share @ terms
    tail = 0.5 - np.arctan(np.minimum(total, 1e12)) / np.pi
    return np.asarray(np.where(total > 1e12, 1 / (np.pi * total), tail))


def combine(fit: Floats, others: Mapping[str, Floats]) -> Floats:
    """Return one p-value a pair: the fit counts half, all statistics without a null the rest."""
    ranks = [rank_p_values(values) for values in others.values()]
    return cauchy([fit, *ranks], [1.0, *([1.0 / max(len(ranks), 1)] * len(ranks))])


def discoveries(p_values: Floats, rate: float) -> NDArray[np.bool_]:
    """Return which pairs are flagged at this false discovery rate (Benjamini and Hochberg)."""
    order = np.argsort(p_values, kind="stable")
    passing = p_values[order] <= rate * np.arange(1, len(p_values) + 1) / len(p_values)
    flagged = np.zeros(len(p_values), dtype=np.bool_)
    if passing.any():
        flagged[order[: int(np.flatnonzero(passing)[-1]) + 1]] = True
    return flagged
