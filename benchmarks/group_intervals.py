"""Compares group disparities with fairlearn's: point values, speed of resampling, errors.

Run with `python benchmarks/group_intervals.py [AUDITS]`; AUDITS simulated audits a cell, 400 by
default. The tables hold what the documentation says of the intervals.
"""

import sys
import time
import warnings
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from fairlearn.metrics import MetricFrame
from numpy.typing import NDArray
from scipy.stats import binom, norm
from sklearn.metrics import accuracy_score

from vlaudit.stats.groups import (
    all_pairs,
    gaps_by_chance,
    smallest_ratio,
    widest_difference,
    widest_differences,
)
from vlaudit.stats.intervals import newcombe_ends
from vlaudit.stats.parity import count_answers

T = TypeVar("T")
LIMIT = 0.10
RESAMPLES = {"fairlearn": 20, "vlaudit": 200_000}
GROUPS = (2, 7, 14, 30)
SIZES = (20, 100, 400, 1000)


def compare_speed() -> None:
    """Print the processor time of one resample of the gap over 7 groups of 300 rows."""
    rng = np.random.default_rng(0)
    labels = rng.integers(10, size=2100)
    named = np.where(rng.random(labels.size) < 0.7, labels, rng.integers(10, size=labels.size))
    groups = np.repeat([f"group {index}" for index in range(7)], 300)
    _, theirs = _timed(lambda: MetricFrame(
        metrics=accuracy_score, y_true=labels, y_pred=named, sensitive_features=groups,
        n_boot=RESAMPLES["fairlearn"], ci_quantiles=[0.025, 0.975], random_state=0,
    ))  # fmt: skip
    plain, once = _timed(lambda: MetricFrame(
        metrics=accuracy_score, y_true=labels, y_pred=named, sensitive_features=groups,
    ))  # fmt: skip
    counts = count_answers(labels, named, groups.tolist(), classes=10)
    pairs = all_pairs(counts.hits, counts.rows)
    _, ours = _timed(lambda: gaps_by_chance(
        counts.hits[:, None], counts.rows[:, None], rng=rng, resamples=RESAMPLES["vlaudit"]
    ))  # fmt: skip
    found, interval = _timed(lambda: widest_difference(pairs))
    theirs, ours = (theirs - once) / RESAMPLES["fairlearn"], ours / RESAMPLES["vlaudit"]
    apart = max(
        abs(found.value - plain.difference()), abs(smallest_ratio(pairs).value - plain.ratio())
    )
    print(f"point values differ from fairlearn's by at most {apart:.1e}")
    print(f"fairlearn MetricFrame(n_boot=...)  {theirs * 1e6:12.2f} us a resample")
    print(f"vlaudit   gaps_by_chance           {ours * 1e6:12.2f} us a resample")
    print(f"vlaudit   widest_difference        {interval * 1e6:12.2f} us an interval")
    print(f"ratio per resample                 {theirs / ours:12.0f}")


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def simulate(p: NDArray[np.float64], n: int, audits: int) -> dict[str, float]:
    """Return how often the interval covers, fails and passes, and the naive one fails."""
    rng = np.random.default_rng(n + p.size)
    counts = rng.binomial(n, p, size=(audits, p.size))
    low, high, possible = widest_differences(counts, np.full(p.size, n))
    naive = rng.binomial(n, counts[:, None] / n, size=(audits, 200, p.size)) / n
    truth = np.ptp(p)
    return {
        "covered": float(np.mean((low <= truth + 1e-9) & (high >= truth - 1e-9))),
        "fail": float(np.mean(low > LIMIT)),
        "pass": float(np.mean(possible <= LIMIT)),
        "naive": float(np.mean(np.quantile(np.ptp(naive, axis=2), 0.025, axis=1) > LIMIT)),
    }


def shapes(groups: int, gap: float) -> dict[str, NDArray[np.float64]]:
    """Return accuracies of about 0.7 whose widest difference is `gap`, by name."""
    low, high = 0.7 - gap / 2, 0.7 + gap / 2
    spread, one, halves = (
        np.linspace(low, high, groups),
        np.full(groups, high),
        np.full(groups, low),
    )
    one[0], halves[: groups // 2] = low, high
    return {"spread": spread, "one apart": one, "halves": halves}


def tabulate_coverage(audits: int) -> None:
    """Print how often the interval covers the true gap, over groups, sizes, gaps and shapes."""
    print(f"\ncoverage of the interval at 0.95, {audits} audits a cell: evenly spread groups,")
    print("one group apart, two halves apart (with two groups these are the same)\n")
    print("groups    n | gap 0 | gap .05            | gap .1             | gap .2             | .3")
    found: list[float] = []
    for groups in GROUPS:
        for n in SIZES:
            none = simulate(np.full(groups, 0.7), n, audits)["covered"]
            rows = [
                [simulate(p, n, audits)["covered"] for p in shapes(groups, gap).values()]
                for gap in (0.05, 0.1, 0.2, 0.3)
            ]
            found += [none, *(number for row in rows for number in row)]
            cells = " | ".join(" ".join(f"{number:.3f} " for number in row) for row in rows)
            print(f"{groups:6d} {n:4d} | {none:.3f} | {cells}", flush=True)
    share = np.mean([0.93 <= number <= 0.97 for number in found])
    print(f"from {min(found):.3f} to {max(found):.3f}; {share:.0%} of the cells in 0.93 to 0.97")


def tabulate_errors(audits: int) -> None:
    """Print errors and power of the verdict at a limit on the gap of 0.1."""
    print(f"\nverdicts at the limit {LIMIT}, {audits} audits a cell; at the limit the worse of one")
    print("group apart and two halves apart. Naive: percentile bootstrap of the gap.\n")
    print("groups    n | false fail: gap 0  at limit  naive | false pass at limit |"
          " fail at .2    .3 | pass at 0")  # fmt: skip
    for groups in GROUPS:
        for n in SIZES:
            none, wide, wider = (
                simulate(shapes(groups, gap)["spread"], n, audits) for gap in (0.0, 0.2, 0.3)
            )
            edge = [
                simulate(p, n, audits)
                for name, p in shapes(groups, LIMIT).items()
                if name != "spread"
            ]
            print(
                f"{groups:6d} {n:4d} | {none['fail']:17.3f} {max(e['fail'] for e in edge):9.3f}"
                f" {none['naive']:6.3f} | {max(e['pass'] for e in edge):19.3f} |"
                f" {wide['fail']:10.3f} {wider['fail']:.3f} | {none['pass']:9.3f}",
                flush=True,
            )


def tabulate_exact() -> None:
    """Print the chance that two groups exactly `LIMIT` apart pass, summed over all outcomes."""
    print(f"\nfalse pass of two groups {LIMIT} apart, exact: by size, at rates of about\n")
    middles = (0.15, 0.5, 0.65, 0.7, 0.9)
    print("    n | " + "  ".join(f"{middle:5.2f}" for middle in middles))
    for n in (*SIZES, 2500):
        counts = np.arange(n + 1)
        one, two = (side.ravel() for side in np.meshgrid(counts, counts))
        low, high = newcombe_ends(one, n, two, n, norm.isf(0.05))
        passed = np.maximum(high, -low) <= LIMIT
        chances = [
            (binom.pmf(one, n, p + LIMIT / 2) * binom.pmf(two, n, p - LIMIT / 2))[passed].sum()
            for p in middles
        ]
        print(f"{n:5d} | " + "  ".join(f"{chance:.3f}" for chance in chances))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    compare_speed()
    audits = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    tabulate_coverage(audits)
    tabulate_errors(audits)
    tabulate_exact()
