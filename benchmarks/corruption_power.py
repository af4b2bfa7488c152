"""Says how often robustness.common_corruption accuses innocents and finds what is planted.

Worlds in which a known share of pictures is lost to noise, or lost more in one group than in
another, are audited many times on rows drawn anew, and held against the limit of the release
policy on retained accuracy.

    python benchmarks/corruption_power.py --audits 60
"""

import argparse
from collections.abc import Mapping

import numpy as np

from vlaudit import registry
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes.frail import build

LIMIT = 0.70
SHARES = (0.0, 0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.7)
GAPS = (0.0, 0.1, 0.2, 0.3, 0.5)


def audited(
    frail: float | Mapping[str, float], rows: int, seed: int
) -> tuple[dict[str, Interval], set[str]]:
    """Return the overall intervals by metric and the kinds of findings of one audit."""
    target, world = build(frail=frail, rows=200)
    drawn = np.random.default_rng(seed).choice(len(world), size=rows, replace=False)
    settings = {"types": ["gaussian_noise"], "max_images": rows}
    probe = registry.load("robustness.common_corruption")
    reported = run_in_memory(
        probe, target, world.select(np.sort(drawn).tolist()), settings=settings, seed=seed
    )
    ends = {i.metric: i.interval for i in reported if isinstance(i, Measurement) and not i.slice}
    return ends, {item.kind for item in reported if isinstance(item, Finding)}


def main() -> None:
    """Print a row for each strength: shares of the audits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--audits", type=int, default=60)
    parser.add_argument("--rows", type=int, default=100)
    options = parser.parse_args()
    audits = range(options.audits)
    print("share lost   type named   fails the limit   passes it   covered")
    for share in SHARES:
        made = [audited(share, options.rows, seed) for seed in audits]
        ends = [found["retained_accuracy"] for found, _ in made]
        counts = (
            np.mean(["worst_corruption" in kinds for _, kinds in made]),
            np.mean([end.high < LIMIT for end in ends]),
            np.mean([end.low >= LIMIT for end in ends]),
            np.mean([end.low <= 1 - share <= end.high for end in ends]),
        )
        print(f"{share:10.2f} {counts[0]:12.2f} {counts[1]:17.2f} {counts[2]:11.2f}", end="")
        print(f" {counts[3]:9.2f}", flush=True)
    print("gap lost   group found   covered")
    for gap in GAPS:
        made = [audited({"a": 0.2, "b": 0.2 + gap}, 2 * options.rows, seed) for seed in audits]
        found = np.mean(["unequal_loss" in kinds for _, kinds in made])
        covered = np.mean([e["drop_gap"].low <= gap <= e["drop_gap"].high for e, _ in made])
        print(f"{gap:8.2f} {found:13.2f} {covered:9.2f}", flush=True)


if __name__ == "__main__":
    main()
