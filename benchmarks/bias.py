"""Holds the bias probes against fairlearn, published formulas, and worlds whose bias is known.

Run with `python benchmarks/bias.py [AUDITS]`; AUDITS audits of each world, 20 by default. How fast
intervals are beside fairlearn's bootstrap, and how well they cover, says group_intervals.py.
"""

import sys
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log, log2
from typing import Any

import numpy as np
from fairlearn.metrics import (
    MetricFrame,
    demographic_parity_difference,
    equalized_odds_difference,
    true_positive_rate,
)
from sklearn.metrics import accuracy_score

from vlaudit import registry
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Inapplicable
from vlaudit.metrics.association import effect_size
from vlaudit.metrics.ranking import bias_at, max_skew, ndkl
from vlaudit.selftest.cases import Case
from vlaudit.selftest.check import build_world, run_in_memory
from vlaudit.stats.disparities import over_attributes
from vlaudit.stats.parity import count_answers
from vlaudit.stats.stereotypes import bbq_scores

FOUND = 0.95


def agree_with_fairlearn(tables: int = 50) -> None:
    """Print the largest difference from fairlearn over random tables of answers."""
    rng = np.random.default_rng(0)
    apart: dict[str, float] = {}

    def note(name: str, ours: float, theirs: float) -> None:
        apart[name] = max(apart.get(name, 0.0), abs(ours - theirs))

    for _ in range(tables):
        rows, groups = int(rng.integers(200, 2000)), int(rng.integers(2, 13))
        labels, named = rng.integers(2, size=(2, rows))
        of_row = [f"g{group}" for group in rng.integers(groups, size=rows)]
        counts = count_answers(labels, named, of_row, classes=2)
        found = {name: item for name, item, where in over_attributes({"x": counts}, fewest=1)
                 if not where}  # fmt: skip
        frame = MetricFrame(
            metrics=accuracy_score, y_true=labels, y_pred=named, sensitive_features=of_row
        )
        recall = MetricFrame(
            metrics=true_positive_rate, y_true=labels, y_pred=named, sensitive_features=of_row
        )
        given = {"y_true": labels, "y_pred": named, "sensitive_features": of_row}
        note("accuracy_gap", found["accuracy_gap"].value, frame.difference())
        note("accuracy_ratio", found["accuracy_ratio"].value, frame.ratio())
        note("worst_group_accuracy", found["worst_group_accuracy"].value, frame.group_min())
        for group, of in counts.each():
            note("accuracy by group", of.value, frame.by_group[group])
        parity = demographic_parity_difference(**given)
        note("demographic parity", found["demographic_parity_difference"].value, parity)
        odds = equalized_odds_difference(**given)
        note("equalised odds", found["equalized_odds_difference"].value, odds)
        other = 1 - labels, 1 - named
        mirrored = MetricFrame(metrics=true_positive_rate, y_true=other[0], y_pred=other[1],
                               sensitive_features=of_row)  # fmt: skip
        widest = max(recall.difference(), mirrored.difference())
        note("equal opportunity", found["equal_opportunity_difference"].value, widest)
    print(f"largest difference from fairlearn over {tables} random tables")
    for name, value in apart.items():
        print(f"  {name:24s} {value:.1e}")


def agree_with_formulas() -> None:
    """Print published formulas, worked by hand, beside what the modules return."""
    skew = max(log(0.75 / 0.5), log(0.25 / 0.5))
    first, second, third = log(2), 0.0, 2 / 3 * log(4 / 3) + 1 / 3 * log(2 / 3)
    weights = [1 / log2(position + 1) for position in (1, 2, 3)]
    by_hand = (weights[0] * first + weights[1] * second + weights[2] * third) / sum(weights)
    prefixes = np.array([[1, 0], [1 / 2, 1 / 2], [2 / 3, 1 / 3]])
    halves = np.array([0.5, 0.5])
    rows = (
        ("MaxSkew of 3 in 4, half wanted", skew, max_skew([0.75, 0.25], halves)),
        ("NDKL of the order a b a, half wanted", by_hand, ndkl(prefixes, halves)),
        ("Bias@k of 7 and 3 among 10", (7 - 3) / 10, bias_at([0.7, 0.3])),
        ("WEAT of 1 3 against 5 7", -4 / (20 / 3) ** 0.5, effect_size([[1], [3]], [[5], [7]])[0]),
        ("BBQ, 30 of 40 sides biased, 60 abstain", 0.4 * 0.5, bbq_scores(30, 40, 60)[1]),
    )
    print("\npublished formulas by hand, and here")
    for name, hand, ours in rows:
        print(f"  {name:40s} {hand:9.6f} {float(ours):9.6f}")


@dataclass(frozen=True)
class Worlds:
    """Worlds of graded bias for one metric, each a share and the parameters of a fake."""

    probe: str
    metric: str
    limit: float
    made: tuple[tuple[float, Mapping[str, Any]], ...]
    innocent: tuple[Mapping[str, Any], ...]


def worlds() -> Iterator[Worlds]:
    """Yield the worlds of every bias probe: strengths in the unit of its metric, and innocents."""

    def seer(low: float) -> dict[str, Any]:
        return {"fake": "seer", "accuracy": {"a": 0.8, "b": low}, "rows": 600}

    steps = (0.05, 0.1, 0.15, 0.2, 0.3)
    poor = {"fake": "seer", "accuracy": {"a": 0.3, "b": 0.3}, "rows": 600}
    dozen = {"fake": "seer", "accuracy": {f"g{at}": 0.8 for at in range(12)}, "rows": 200}
    yield Worlds(
        "bias.zero_shot_parity",
        "matched_accuracy_gap",
        0.0,
        tuple((gap, seer(0.8 - gap)) for gap in steps),
        (seer(0.8), poor, dozen),
    )
    twins = {"fake": "twins", "scenes": 200}
    yield Worlds("bias.counterfactual_flip", "paired_accuracy_gap", 0.0,
                 tuple((gap, {**twins, "accuracy": {"a": 0.8, "b": 0.8 - gap}}) for gap in steps),
                 ({**twins, "accuracy": {"a": 0.8, "b": 0.8}},
                  {**twins, "accuracy": {"a": 0.3, "b": 0.3}, "copies": 3}))  # fmt: skip
    wrong = {"fake": "chronicler", "rows": {"woman": 400, "man": 400}}
    yield Worlds("bias.caption_parity", "wrong_gender_gap", 0.0,
                 tuple((gap, {**wrong, "wrong": {"woman": gap}}) for gap in (0.02, *steps[:4])),
                 (wrong, {**wrong, "wrong": {"woman": 0.3, "man": 0.3}}))  # fmt: skip
    yield Worlds("bias.caption_parity", "leakage", 0.0,
                 tuple((gap / 2, {**wrong, "hinted": {"woman": gap}}) for gap in (0.1, 0.2, 0.4)),
                 (wrong, {**wrong, "hinted": {"woman": 0.3, "man": 0.3}}))  # fmt: skip
    gossip = {"fake": "gossip", "rows": {"woman": 200, "man": 200}}
    yield Worlds("bias.answer_stereotype", "ambiguous_bias", 0.0,
                 tuple((share / 2, {**gossip, "stereotype": share}) for share in (0.1, 0.2, 0.4)),
                 (gossip, {**gossip, "manners": {"first": 0.5, "likes_a_pole": 0.5}},
                  {**gossip, "manners": {"abstains": 0.0}}))  # fmt: skip
    resolver = {"fake": "resolver", "rows": 400}
    yield Worlds("bias.pronoun_resolution", "resolution_gap", 0.0,
                 tuple((gap, {**resolver, "accuracy": {"woman": 0.9 - gap, "man": 0.9}})
                       for gap in steps),
                 ({**resolver, "accuracy": {"woman": 0.9, "man": 0.9}},
                  {**resolver, "accuracy": {"woman": 0.5, "man": 0.5}}))  # fmt: skip


def detect(probe: str, metric: str, limit: float, world: Mapping[str, Any], audits: int) -> float:
    """Return the share of audits, each of a random half, whose interval lies above the limit."""
    loaded, found = registry.load(probe), 0
    target, data = build_world(Case(name="w", target=dict(world), skipped="never"))
    for seed in range(audits):
        drawn = np.sort(np.random.default_rng(seed).permutation(len(data))[: len(data) // 2])
        part: Any = data.select(drawn.tolist())
        try:
            items = run_in_memory(loaded, target, part, seed=seed)
        except Inapplicable:
            continue
        found += any(
            isinstance(item, Measurement) and item.metric == metric and not item.slice
            and item.interval.low > limit
            for item in items
        )  # fmt: skip
    return found / audits


def tabulate(audits: int) -> None:
    """Print detection by strength, false alarms, and the smallest strength found nearly always."""
    print(f"\n{audits} audits of half the rows a world; found: the interval lies above the limit")
    for of in worlds():
        alarms = [detect(of.probe, of.metric, of.limit, world, audits) for world in of.innocent]
        shares = [
            (size, detect(of.probe, of.metric, of.limit, world, audits)) for size, world in of.made
        ]
        surely = next((size for size, share in shares if share >= FOUND), None)
        told = "  ".join(f"{size:.2f}: {share:.0%}" for size, share in shares)
        print(f"  {of.probe}.{of.metric}")
        print(f"    innocents {', '.join(f'{share:.0%}' for share in alarms)}; planted {told}")
        print(f"    found in {FOUND:.0%} from {surely if surely is not None else 'none tried'}",
              flush=True)  # fmt: skip


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    agree_with_fairlearn()
    agree_with_formulas()
    tabulate(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
