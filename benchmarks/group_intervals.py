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
from sklearn.metrics import accuracy_score

from vlaudit.stats.groups import all_pairs, gaps_by_chance, smallest_ratio, widest_difference
from vlaudit.stats.parity import count_answers

T = TypeVar("T")
LIMIT = 0.10
RESAMPLES = {"fairlearn": 20, "vlaudit": 200_000}
GROUPS = (2, 7, 14, 30)
SIZES = (20, 100, 200, 400, 1000)


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
    ends = [widest_difference(all_pairs(row, np.full(p.size, n))).interval for row in counts]
    low, high = np.array([(end.low, end.high) for end in ends]).T
    naive = rng.binomial(n, counts[:, None] / n, size=(audits, 200, p.size)) / n
    truth = np.ptp(p)
    return {
        "covered": float(np.mean((low <= truth + 1e-12) & (high >= truth - 1e-12))),
        "fail": float(np.mean(low > LIMIT)),
        "pass": float(np.mean(high <= LIMIT)),
        "naive": float(np.mean(np.quantile(np.ptp(naive, axis=2), 0.025, axis=1) > LIMIT)),
    }


def tabulate(audits: int) -> None:
    """Print coverage and errors over numbers and sizes of groups, accuracy about 0.7."""
    print(
        f"\n{audits} audits a cell; limit {LIMIT}; evenly spread groups, but at the limit the worse"
    )
    print("of one group apart and two halves apart. Naive: percentile bootstrap of the gap.\n")
    print("groups    n | coverage at gap 0   .1   .2   .3 | false fail: gap 0  at limit  naive |"
          " false pass at limit | fail at .2  .3 | pass at 0")  # fmt: skip
    for groups in GROUPS:
        for n in SIZES:
            _row(groups, n, audits)


def _row(groups: int, n: int, audits: int) -> None:
    spread = {
        gap: simulate(np.linspace(0.7 - gap / 2, 0.7 + gap / 2, groups), n, audits)
        for gap in (0.0, 0.1, 0.2, 0.3)
    }
    one, halves = np.full(groups, 0.75), np.full(groups, 0.75)
    one[0], halves[: groups // 2] = 0.65, 0.65
    edge = [simulate(p, n, audits) for p in (one, halves)]
    covered = " ".join(f"{found['covered']:.3f}" for found in spread.values())
    print(
        f"{groups:6d} {n:4d} |      {covered:>28s} |"
        f" {spread[0.0]['fail']:17.3f} {max(e['fail'] for e in edge):9.3f}"
        f" {spread[0.0]['naive']:6.3f} | {max(e['pass'] for e in edge):19.3f} |"
        f" {spread[0.2]['fail']:10.3f} {spread[0.3]['fail']:.3f} | {spread[0.0]['pass']:9.3f}",
        flush=True,
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    compare_speed()
    tabulate(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
