"""Detectors of bad data, side by side on the same embeddings, and how they grow with the rows.

Poison: small encoders are taught pairs of which from 1 in 10,000 to 1 in 20 bear a trigger, and
every detector sees the embeddings that they give of these very pairs: AUROC, average precision, and
precision where one clean row in a hundred is accused, beside the published detectors by local
density (k-dist, SLOF, DAO, LOF) and by isolation forest, ART's and cleanlab's.

Labels: average precision and AUROC of the doubts about labels, beside cleanlab's ranking and ART's
activation clustering and spectral signatures, over shares of wrong labels and how well embeddings
tell classes apart. Copies: precision and recall over ways of copying, and time and memory up to a
million rows. Run it with `--rows 1000000` for the largest; a tenth of that by default.
"""

import argparse
import resource
import time
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from poisoned_embeddings import Poisoned, open_pairs, taught
from sklearn.metrics import average_precision_score, roc_auc_score

from vlaudit.detect.duplicates import clusters
from vlaudit.detect.mislabelled import crossfitted, doubts
from vlaudit.detect.outliers import log_reach, neighbours, slof
from vlaudit.detect.sketches import Sketches, broad_codes, sketches
from vlaudit.detect.triage import triage
from vlaudit.selftest.fakes.copies import copied, scene

Floats = NDArray[np.float64]


def weighed(seen: Poisoned) -> Floats:
    """Return how doubtful this package finds each pair, before any mark is sought."""
    captions = [seen.names[label] for label in seen.labels]
    found = triage(seen.images, seen.captions, captions, np.random.default_rng(0), rate=0.01)
    return -np.log(found.p_values)


def of_density(seen: Poisoned) -> dict[str, Callable[[], Floats]]:
    """Return detectors by local density in the joint space, as their papers propose them."""
    from sklearn.ensemble import IsolationForest
    from sklearn.neighbors import LocalOutlierFactor

    joint = np.concatenate([seen.images, seen.captions], axis=1) / np.sqrt(2)

    def local() -> Floats:
        model = LocalOutlierFactor(n_neighbors=16).fit(joint)
        return np.asarray(-model.negative_outlier_factor_)

    def lonely() -> Floats:
        return np.asarray(-IsolationForest(random_state=0).fit(joint).score_samples(joint))

    def by_dimension() -> Floats:
        # DAO (Anderberg and others 2024): ratios of reach, raised to the local dimension.
        near = neighbours(joint, 16)
        reach = near.distance.astype(np.float64) + 1e-9
        rates = np.log(reach / reach[:, -1:]).mean(axis=1)
        size = -1 / np.minimum(rates, -1e-3)
        ratio = np.log(reach[:, -1:] / reach[near.index, -1])
        return np.asarray(np.exp(np.minimum(ratio * size[near.index], 50)).mean(axis=1))

    return {
        "k-dist": lambda: log_reach(neighbours(joint, 16), 16),
        "DAO": by_dimension,
        "SLOF": lambda: slof(neighbours(joint, 16), 16),
        "LOF": local,
        "isolation forest": lonely,
    }


def compare_poison(rows: int, kinds: Sequence[str], rates: Sequence[float]) -> None:
    """Print how well each detector ranks poisoned pairs, over triggers and rates."""
    world = open_pairs(rows)
    print(f"{'trigger':<10}{'rate':>7}{'works':>7}  {'detector':<18}"
          f"{'AUROC':>7}{'AP':>7}{'prec 1%':>9}{'seconds':>9}")  # fmt: skip
    for seed, (kind, rate) in enumerate(product(kinds, rates)):
        seen = taught(world, kind, rate, seed)
        detectors: dict[str, Callable[[], Floats]] = {
            "vlaudit": lambda seen=seen: weighed(seen),
            **of_density(seen),
            "cleanlab": lambda seen=seen: of_cleanlab(seen.images, seen.labels),
            "ART spectral": lambda seen=seen: of_spectral(seen.images, seen.labels),
            "ART activations": lambda seen=seen: of_activations(seen.images, seen.labels),
        }
        for name, detector in detectors.items():
            began = time.process_time()
            scores = detector()
            spent = time.process_time() - began
            limit = np.quantile(scores[~seen.bad], 0.99)
            told = scores > limit
            precision = float((told & seen.bad).sum() / max(told.sum(), 1))
            print(f"{kind:<10}{rate:7.2%}{seen.success:7.2f}  {name:<18}"
                  f"{roc_auc_score(seen.bad, scores):7.3f}"
                  f"{average_precision_score(seen.bad, scores):7.3f}{precision:9.3f}{spent:9.2f}",
                  flush=True)  # fmt: skip


def embedded(
    rows: int, classes: int, spread: float, wrong: float, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.bool_]]:
    """Return unit vectors around class centres, labels, and which labels are wrong."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(classes, 64))
    truth = rng.integers(classes, size=rows)
    points = centres[truth] + spread * rng.normal(size=(rows, 64))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    labels = truth.copy()
    changed = rng.permutation(rows)[: round(wrong * rows)]
    labels[changed] = (labels[changed] + rng.integers(1, classes, len(changed))) % classes
    return points.astype(np.float32), labels, labels != truth


def own(points: NDArray[np.float32], labels: NDArray[np.int64]) -> Floats:
    """Return how doubtful this package finds each label."""
    return -doubts(crossfitted(points, labels, np.random.default_rng(0)), labels).trust


def of_cleanlab(points: NDArray[np.float32], labels: NDArray[np.int64]) -> Floats:
    """Return cleanlab's label quality, reversed, with the probabilities its guide proposes."""
    from cleanlab.rank import get_label_quality_scores
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    model = LogisticRegression(max_iter=200)
    told: Floats = cross_val_predict(model, points, labels, cv=5, method="predict_proba")
    return -np.asarray(get_label_quality_scores(labels, np.asarray(told)))


def of_spectral(points: NDArray[np.float32], labels: NDArray[np.int64]) -> Floats:
    """Return the score of spectral signatures as ART works it out, class by class."""
    from art.defences.detector.poison import SpectralSignatureDefense

    scores = np.zeros(len(labels))
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        given = SpectralSignatureDefense.spectral_signature_scores(points[rows])
        scores[rows] = np.asarray(given).ravel()
    return scores


def of_activations(points: NDArray[np.float32], labels: NDArray[np.int64]) -> Floats:
    """Return whether ART's activation clustering puts a row into the smaller cluster of its class.

    Ties are broken by how much smaller it is.
    """
    from art.defences.detector.poison.activation_defence import cluster_activations

    apart = [points[labels == label] for label in np.unique(labels)]
    groups, _ = cluster_activations(apart, nb_clusters=2, nb_dims=10, reduce="PCA")
    scores = np.zeros(len(labels))
    for label, group in zip(np.unique(labels), groups, strict=True):
        small = int(np.bincount(group, minlength=2).argmin())
        inside = np.asarray(group) == small
        scores[labels == label] = inside * (1 - inside.mean())
    return scores


def compare_labels() -> None:
    """Print AUROC and average precision of each detector, and its time."""
    detectors = {
        "vlaudit": own, "cleanlab": of_cleanlab, "ART spectral": of_spectral,
        "ART activations": of_activations,
    }  # fmt: skip
    print(f"{'spread':>7}{'wrong':>7}  {'detector':<16}{'AUROC':>7}{'AP':>7}{'seconds':>9}")
    for spread in (1.0, 4.0):
        for wrong in (0.01, 0.05, 0.2):
            points, labels, bad = embedded(4000, 10, spread, wrong, 3)
            for name, detector in detectors.items():
                began = time.process_time()
                scores = detector(points, labels)
                spent = time.process_time() - began
                area, precision = roc_auc_score(bad, scores), average_precision_score(bad, scores)
                print(
                    f"{spread:7.1f}{wrong:7.2f}  {name:<16}{area:7.3f}{precision:7.3f}{spent:9.2f}"
                )


def compare_copies(rows: int = 600) -> None:
    """Print how many copies of each kind are found among scenes, and what is wrongly joined."""
    print(f"\n{'copied':<10}{'recall':>8}{'precision':>11}")
    for way in ("exact", "jpeg", "smaller", "brighter", "moved", "cropped", "grey"):
        rng = np.random.default_rng(1)
        pictures = [scene(rng) for _ in range(rows)]
        pictures += [copied(pictures[row], way, rng) for row in range(rows // 10)]
        found = clusters(sketches(pictures), lambda at, shown=pictures: [shown[i] for i in at])
        pairs = {(int(group[0]), int(row)) for group in found.members() for row in group[1:]}
        right = {(row, rows + row) for row in range(rows // 10)}
        hits = len(pairs & right)
        print(f"{way:<10}{hits / len(right):8.2f}{hits / max(len(pairs), 1):11.2f}")


def grow(most: int) -> None:
    """Print time and memory of finding one copy in fifty among ever more rows."""
    print(f"\n{'rows':>9}{'found':>9}{'of':>8}{'seconds':>9}{'MB':>7}   labels: {'seconds':>8}")
    rows = 10_000
    while rows <= most:
        rng = np.random.default_rng(rows)
        thumbs = rng.integers(0, 256, (rows, 4, 4, 3), dtype=np.uint8).repeat(4, 1).repeat(4, 2)
        copies = rows // 50
        thumbs[-copies:] = thumbs[:copies]
        codes = rng.integers(0, 2**63, rows, dtype=np.uint64)
        codes[-copies:] = codes[:copies] ^ (np.uint64(1) << rng.integers(0, 64, copies, np.uint64))
        seen = Sketches(np.arange(rows, dtype=np.uint64), codes, broad_codes(thumbs), thumbs)

        def load(at: Sequence[int], shown: NDArray[np.uint8] = thumbs) -> list[Image.Image]:
            return [Image.fromarray(shown[row]) for row in at]

        began = time.process_time()
        found = clusters(seen, load)
        spent = time.process_time() - began
        points, labels, _ = embedded(rows, 100, 1.0, 0.05, 0)
        began = time.process_time()
        doubts(crossfitted(points, labels, np.random.default_rng(0)), labels)
        taught = time.process_time() - began
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        count = sum(len(group) - 1 for group in found.members())
        print(f"{rows:9}{count:9}{copies:8}{spent:9.1f}{memory:7.0f}   labels: {taught:8.1f}")
        rows *= 10


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="most rows of copies")
    parser.add_argument("--pairs", type=int, default=20_000, help="pairs that poison is among")
    parser.add_argument("--only", choices=["poison", "labels", "copies", "growth"])
    parser.add_argument("--kinds", nargs="+", default=["patch", "blended", "sinusoid", "word"])
    parser.add_argument(
        "--rates", nargs="+", type=float, default=[0.0001, 0.0005, 0.001, 0.01, 0.05]
    )
    chosen = parser.parse_args()
    parts: dict[str, Callable[[], None]] = {
        "poison": lambda: compare_poison(chosen.pairs, chosen.kinds, chosen.rates),
        "labels": compare_labels,
        "copies": compare_copies,
        "growth": lambda: grow(chosen.rows),
    }
    for part, show in parts.items():
        if chosen.only in (None, part):
            show()
