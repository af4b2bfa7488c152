"""Holds the bias probes against fairlearn, published formulas and plain refits; compares speed.

Run with `python benchmarks/bias.py`. How well intervals cover says group_intervals.py, and how
often probes err and what they find bias_power.py.
"""

import warnings
from math import log, log2

import numpy as np
from fairlearn.metrics import (
    MetricFrame,
    demographic_parity_difference,
    demographic_parity_ratio,
    equalized_odds_difference,
    selection_rate,
    true_positive_rate,
)
from group_intervals import compare_speed
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from vlaudit.metrics.association import effect_size, exchange_p
from vlaudit.metrics.leakage import PENALTY, balanced_accuracy
from vlaudit.metrics.ranking import bias_at, max_skew, ndkl
from vlaudit.stats.disparities import over_attributes
from vlaudit.stats.exchange import Design
from vlaudit.stats.group_rates import by_attribute
from vlaudit.stats.groups import all_pairs, smallest_ratio
from vlaudit.stats.parity import count_answers
from vlaudit.stats.stereotypes import bbq_scores


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
        chosen = [
            np.bincount([of == name for of in of_row], weights=named)[1]
            for name in groups_of(of_row)
        ]
        sizes = [of_row.count(name) for name in groups_of(of_row)]
        fifths = smallest_ratio(all_pairs(chosen, sizes)).value
        note("four-fifths ratio", fifths, demographic_parity_ratio(**given))
        rates = by_attribute(
            named == 1, {"x": of_row}, Design(np.zeros(rows, int), np.arange(rows)), fewest=1
        )
        picked = MetricFrame(
            metrics=selection_rate, y_true=labels, y_pred=named, sensitive_features=of_row
        )
        for group, of in rates["x"].each():
            note("rate of service by group", of.value, picked.by_group[group])
    print(f"largest difference from fairlearn over {tables} random tables")
    for name, value in apart.items():
        print(f"  {name:24s} {value:.1e}")


def groups_of(of_row: list[str]) -> list[str]:
    """Return the names of the groups, sorted."""
    return sorted(set(of_row))


def agree_with_formulas() -> None:
    """Print published formulas, worked by hand, beside what the modules return."""
    skew = max(log(0.75 / 0.5), log(0.25 / 0.5))
    first, second, third = log(2), 0.0, 2 / 3 * log(4 / 3) + 1 / 3 * log(2 / 3)
    weights = [1 / log2(position + 1) for position in (1, 2, 3)]
    by_hand = (weights[0] * first + weights[1] * second + weights[2] * third) / sum(weights)
    prefixes = np.array([[1, 0], [1 / 2, 1 / 2], [2 / 3, 1 / 3]])
    halves, rng = np.array([0.5, 0.5]), np.random.default_rng(0)
    sides = np.array([[1.0], [3.0]]), np.array([[5.0], [7.0]])
    rows = (
        ("MaxSkew of 3 in 4, half wanted", skew, max_skew([0.75, 0.25], halves)),
        ("NDKL of the order a b a, half wanted", by_hand, ndkl(prefixes, halves)),
        ("Bias@k of 7 and 3 among 10", (7 - 3) / 10, bias_at([0.7, 0.3])),
        (
            "MaxSkew of 5 in 10 with a share of 1 in 5",
            log(0.5 / 0.2),
            max_skew([0.5, 0.5], [0.2, 0.8]),
        ),
        ("WEAT of 1 3 against 5 7", -4 / (20 / 3) ** 0.5, effect_size([[1], [3]], [[5], [7]])[0]),
        ("its p over all 6 partitions, both sides", 2 / 6, exchange_p(*sides, rng=rng)[0]),
        ("BBQ, 30 of 40 sides biased, taken", 2 * 30 / 40 - 1, bbq_scores(30, 40, 60)[0]),
        ("BBQ, 30 of 40 sides biased, 60 abstain", 0.4 * 0.5, bbq_scores(30, 40, 60)[1]),
    )
    print("\npublished formulas by hand, and here")
    for name, hand, ours in rows:
        print(f"  {name:40s} {hand:9.6f} {float(ours):9.6f}")


def agree_with_refits() -> None:
    """Print how far leakage, from one fit to all texts, is from fits that leave each person out."""
    rng = np.random.default_rng(0)
    people, codes = np.arange(60) // 2, (np.arange(60) // 2 % 2).astype(np.int16)
    words = rng.random((60, 25)) < 0.3
    words[:, 0] |= (codes == 1) & (rng.random(60) < 0.5)
    rows = words - words.mean(axis=0)
    kernel = rows @ rows.T
    kernel = kernel / (np.trace(kernel) / 60) + 1.0
    member = (codes[:, None] == np.arange(2)) / 0.5
    named = np.empty(60, dtype=np.intp)
    for who in range(30):
        out = people == who
        weights = np.linalg.solve(kernel[~out][:, ~out] + PENALTY * np.eye(58), member[~out])
        named[out] = (kernel[out][:, ~out] @ weights).argmax(axis=1)
    by_hand = balanced_accuracy_score(codes, named)
    ours = float(balanced_accuracy(words, codes[None], people, groups=2)[0])
    print("\nleakage: balanced accuracy of 30 refits that leave a person out, and from one fit")
    print(f"  {by_hand:9.6f} {ours:9.6f}")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    agree_with_fairlearn()
    agree_with_formulas()
    agree_with_refits()
    print("\nprocessor time of one resample of the gap over 7 groups of 300 rows")
    compare_speed()
