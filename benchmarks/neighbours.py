"""Approximate against exact nearest neighbours: time, recall that is said, recall that is true."""

import time

import numpy as np

from vlaudit.features import Embeddings, nearest

ROWS, WIDE, COUNT = 40_000, 128, 10


def main() -> None:
    """Search clustered rows both ways."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(500, WIDE))
    points = centres[rng.integers(0, 500, ROWS)] + rng.normal(size=(ROWS, WIDE))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    embeddings = Embeddings([points.astype(np.float32)])
    started = time.perf_counter()
    exact = nearest(embeddings, count=COUNT, rng=np.random.default_rng(1), exact_below=10**9)
    print(f"{ROWS:,} rows of {WIDE}: exact {time.perf_counter() - started:.1f} s")
    for wanted in (0.8, 0.95, 0.99):
        started = time.perf_counter()
        found = nearest(
            embeddings,
            count=COUNT,
            rng=np.random.default_rng(1),
            exact_below=1,
            wanted_recall=wanted,
        )
        seconds = time.perf_counter() - started
        pairs = zip(found.rows, exact.rows, strict=True)
        true = np.mean([len(np.intersect1d(a, b)) / COUNT for a, b in pairs])
        print(
            f"wanted {wanted}: {seconds:.1f} s, {found.method}; recall said {found.recall:.3f} "
            f"(on {found.tried} rows), true {true:.3f}"
        )


if __name__ == "__main__":
    main()
