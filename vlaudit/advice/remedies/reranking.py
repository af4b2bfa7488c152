"""Search results in another order, so that every group has its share of the first."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vlaudit.advice.naming import FEWEST, TEMPLATE, effect
from vlaudit.advice.remedy import Effect, Remedy, Trial
from vlaudit.core.dataset import Role, class_name
from vlaudit.core.probe import Inapplicable
from vlaudit.metrics.ranking import max_skew
from vlaudit.stats.exchange import coded_groups
from vlaudit.stats.intervals import mean

DEPTH, WORDS = 20, ("person", "doctor", "nurse", "boss", "worker", "teacher", "smart person",
                    "kind person", "poor person", "dangerous person", "strong person")  # fmt: skip


def simulate(on: Trial) -> Iterator[Effect]:
    """Rank held-out pictures, and rank them again by shares learnt from the other half."""
    data = on.held_out
    labels = data.texts(Role.LABEL) if data.columns.has(Role.LABEL) else []
    words = sorted({class_name(label) for label in labels if label}) or list(WORDS)
    searches = [TEMPLATE.replace("{}", word) for word in dict.fromkeys((*words[:40], *WORDS))]
    pools = {
        name: (coded_groups(data.groups(name), fewest=FEWEST),
               coded_groups(on.fit.groups(name), fewest=FEWEST))
        for name in data.columns.groups
    }  # fmt: skip
    usable = {
        name: (rows, codes, seen)
        for name, ((rows, names, codes), (_, known, seen)) in pools.items()
        if len(names) > 1 and names == known and rows.size >= 2 * DEPTH
    }
    if not usable:
        raise Inapplicable("no attribute has the same two groups in both halves of the rows")
    for attribute, (rows, codes, seen) in usable.items():
        shares = np.bincount(seen) / seen.size
        scores = on.features.scores(data.select(rows.tolist()), searches)
        plain = [np.argsort(-column, kind="stable") for column in scores.T]
        changed = [reranked(order, codes, shares) for order in plain]
        before, after = (
            mean(
                [_skew(codes[order[:DEPTH]], shares) for order in orders],
                bounds=(0.0, float(-np.log(shares.min()))), rng=on.rng,
            )
            for orders in (plain, changed)
        )  # fmt: skip
        yield effect(f"MaxSkew among the first {DEPTH}, {attribute}", before, after)


def reranked(
    order: NDArray[np.intp], codes: NDArray[np.int16], shares: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Return an order in which each group has at least its share, rounded down, from the first on.

    Greedy: the best row of the groups that fall short, else of those that are not yet full
    (DetGreedy of Geyik et al. 2019).

    Args:
        order: rows from best to worst, (rows,).
        codes: group of each row, (rows,).
        shares: share that each group should have, (groups,).
    """
    waiting = [[row for row in order if codes[row] == group] for group in range(shares.size)]
    place = np.empty(order.size, dtype=np.intp)
    place[order] = np.arange(order.size)
    taken = np.zeros(shares.size)
    found: list[int] = []
    for size in range(1, order.size + 1):
        left = [group for group in range(shares.size) if waiting[group]]
        short = [group for group in left if taken[group] < np.floor(shares[group] * size)]
        room = [group for group in left if taken[group] < np.ceil(shares[group] * size)]
        best = min(short or room or left, key=lambda group: place[waiting[group][0]])
        found.append(waiting[best].pop(0))
        taken[best] += 1
    return np.array(found, dtype=np.intp)


def _skew(codes: NDArray[np.int16], shares: NDArray[np.float64]) -> float:
    return float(max_skew(np.bincount(codes, minlength=shares.size) / codes.size, shares))


REMEDIES = (
    Remedy(
        title="Re-ranking of search results",
        helps=("bias.retrieval_skew.*",),
        words="Put results in an order in which every group has its share from the first place on. "
        "It needs the groups of the pool, not of the searcher, and may cost relevance.",
        cites=("https://arxiv.org/abs/1905.01989",),
        simulate=simulate,
    ),
)
