"""Simulates audits that stop as soon as they are decided: calls saved, and errors at any stop.

Run with `python benchmarks/early_stop.py [AUDITS]`; AUDITS simulated audits a cell, 400 by
default, and 10,000, of 1,000 pairs each, in the row that holds the error against its promise.
Pairs of answers of two groups, one call each, are judged against a limit on the gap of 0.1, and
answers one by one, as a probe that is watched looks at them, against a limit on their rate of 0.1.
"""

import sys

import numpy as np
from numpy.typing import NDArray

from vlaudit.stats.intervals import clopper_pearson
from vlaudit.stats.power import samples_for_equivalence, samples_for_gap
from vlaudit.stats.sequential import log_wealth

LIMIT, ALPHA, RATE, BATCH, MOST, MANY = 0.1, 0.05, 0.7, 200, 4000, 10_000
BOUNDS = (-1.0, 1.0)
ANSWERS, LOOK = 480, 16


def pairs(gap: float, audits: int, most: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return differences of answers, right 1 or wrong 0, of two groups `gap` apart."""
    first = rng.random((audits, most)) < RATE + gap / 2
    return first.astype(np.float64) - (rng.random((audits, most)) < RATE - gap / 2)


def stops(values: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pair at which each audit fails and passes; the last where it never does."""
    above = np.maximum(
        log_wealth(values, mean=LIMIT, bounds=BOUNDS),
        log_wealth(-values, mean=LIMIT, bounds=BOUNDS),
    ) - np.log(2)
    below = np.minimum(
        log_wealth(-values, mean=-LIMIT, bounds=BOUNDS),
        log_wealth(values, mean=-LIMIT, bounds=BOUNDS),
    )
    return _first(above >= np.log(1 / ALPHA)), _first(below >= np.log(1 / ALPHA))


def _first(reached: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.where(reached.any(axis=1), reached.argmax(axis=1), reached.shape[1])


def row(gap: float, audits: int) -> None:
    """Print what became of audits of one true gap."""
    rng = np.random.default_rng(round(1000 * gap) + audits)
    most = MOST if audits < MANY else 1000
    parts = [stops(pairs(gap, min(BATCH, audits), most, rng)) for _ in range(-(-audits // BATCH))]
    fails, passes = (np.concatenate(side) for side in zip(*parts, strict=True))
    ends = np.minimum(np.minimum(fails, passes) + 1, most)
    failed, passed = (fails < passes).mean(), (passes < fails).mean()
    print(f"{gap:5.2f} {fails.size:7d} | {failed:6.3f} {passed:6.3f} {1 - failed - passed:9.3f} |"
          f" {ends.mean():8.0f} {np.median(ends):8.0f}", flush=True)  # fmt: skip


def watched_row(rate: float, audits: int) -> None:
    """Print what became of watched audits of one true rate: looks on the way, an interval after.

    An end of the confidence sequence passes the limit when the bets against the limit win.
    """
    rng, bar = np.random.default_rng(round(1000 * rate) + audits), np.log(2 / (ALPHA / 2))
    looks = np.arange(LOOK - 1, ANSWERS - 1, LOOK)
    tally = np.zeros(4)
    for _ in range(-(-audits // BATCH)):
        values = (rng.random((min(BATCH, audits), ANSWERS)) < rate).astype(np.float64)
        above = log_wealth(values, mean=LIMIT, bounds=(0.0, 1.0))[:, looks] >= bar
        below = log_wealth(-values, mean=-LIMIT, bounds=(-1.0, 0.0))[:, looks] >= bar
        ends = [clopper_pearson(int(hits), ANSWERS, level=1 - ALPHA / 2) for hits in values.sum(1)]
        failed, passed = _first(above), _first(below)
        late = (failed == looks.size) & (passed == looks.size)
        fails = (failed < passed) | (late & [end.low > LIMIT for end in ends])
        passes = (passed < failed) | (late & [end.high <= LIMIT for end in ends])
        asked = np.where(late, ANSWERS, (np.minimum(failed, passed) + 1) * LOOK)
        tally += [fails.sum(), passes.sum(), len(values), asked.sum()]
    fail, passing, count, answers = tally
    print(f"{rate:5.2f} {count:7.0f} | {fail / count:6.3f} {passing / count:6.3f}"
          f" {1 - (fail + passing) / count:9.3f} | {answers / count:8.0f}"
          f" {1 - answers / count / ANSWERS:7.0%}", flush=True)  # fmt: skip


def main() -> None:
    """Print the tables."""
    audits = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    fixed = samples_for_gap(LIMIT), samples_for_equivalence(LIMIT)
    print(f"a fixed plan takes {fixed[0]} pairs to see a gap of {LIMIT} beyond the limit and")
    print(f"{fixed[1]} to show that equal groups lie within it, at a power of 0.8\n")
    print("  gap  audits |   fail   pass undecided | pairs, mean  median")
    for gap in (0.0, 0.02, 0.05, 0.15, 0.2, 0.3, 0.5):
        row(gap, audits)
    row(LIMIT, MANY if audits >= 400 else audits)
    print(f"\nwatched: a rate against {LIMIT}, looked at every {LOOK} of {ANSWERS} answers\n")
    print(" rate  audits |   fail   pass undecided |  answers   saved")
    for rate in (0.0, 0.02, 0.05, 0.15, 0.2, 0.3, 0.5):
        watched_row(rate, audits)
    watched_row(LIMIT, MANY)


if __name__ == "__main__":
    main()
