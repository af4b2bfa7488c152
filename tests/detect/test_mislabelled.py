"""Doubtful labels are those of cleanlab, and a weak model accuses nobody."""

import cleanlab.filter
import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from vlaudit.core.dataset import Role
from vlaudit.detect.mislabelled import crossfitted, doubts, public, relabelled
from vlaudit.detect.unfit import exchanged, unfit
from vlaudit.selftest.fakes.annotated import build
from vlaudit.stats.intervals import clopper_pearson


def world(
    rows: int, classes: int, spread: float, wrong: float, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(classes, 24))
    truth = rng.integers(classes, size=rows)
    points = centres[truth] + spread * rng.normal(size=(rows, 24))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    labels = truth.copy()
    changed = rng.permutation(rows)[: round(wrong * rows)]
    labels[changed] = (labels[changed] + rng.integers(1, classes, len(changed))) % classes
    return points.astype(np.float32), labels, labels != truth


@pytest.mark.parametrize("spread", [0.5, 1.5])
def test_the_labels_that_are_doubted_are_those_of_cleanlab(spread: float) -> None:
    points, labels, _ = world(800, 6, spread, 0.1)
    probabilities = crossfitted(points, labels, np.random.default_rng(0))
    theirs = cleanlab.filter.find_label_issues(
        labels, probabilities, filter_by="confident_learning", n_jobs=1
    )
    ours = doubts(probabilities, labels).flagged
    assert np.mean(ours != theirs) < 0.01


def test_probabilities_are_those_of_a_discriminant_and_do_not_see_their_row() -> None:
    points, labels, _ = world(600, 4, 1.0, 0.0)
    ours = crossfitted(points, labels, np.random.default_rng(0)).argmax(axis=1)
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1)
    theirs = model.fit(points, labels).predict(points)
    assert np.mean(ours == theirs) > 0.97
    noise = np.random.default_rng(1).normal(size=(400, 100)).astype(np.float32)
    chance = crossfitted(noise, np.arange(400) % 4, np.random.default_rng(2))
    assert abs(np.mean(chance.argmax(axis=1) == np.arange(400) % 4) - 0.25) < 0.08
    assert chance.max(axis=1).mean() < 0.35


def test_wrong_labels_come_first_and_their_share_is_read_off() -> None:
    points, labels, wrong = world(2000, 8, 0.6, 0.05)
    seen = doubts(crossfitted(points, labels, np.random.default_rng(0)), labels)
    listed = seen.ranked()
    assert np.mean(wrong[listed[:80]]) > 0.97
    contradicted, sure = seen.among_surest(0.3)
    assert abs(contradicted / sure - 0.05) < 0.02


def test_right_labels_are_not_accused_by_weak_features() -> None:
    shares = []
    for seed in range(8):
        points, labels, _ = world(1500, 6, 2.5, 0.0, seed)
        seen = doubts(crossfitted(points, labels, np.random.default_rng(seed)), labels)
        contradicted, sure = seen.among_surest(0.1)
        shares.append((clopper_pearson(contradicted, sure).low, 1 - seen.agrees.mean()))
    assert np.mean([error for _, error in shares]) > 0.2
    assert max(low for low, _ in shares) < 0.06


def test_planted_changes_are_changes() -> None:
    labels = np.arange(200) % 3
    changed, rows = relabelled(labels, np.random.default_rng(0), share=0.1)
    assert len(rows) == 20
    assert np.flatnonzero(changed != labels).tolist() == rows.tolist()


@pytest.mark.parametrize("wrong", [0.0, 0.02, 0.1, 0.3])
def test_the_share_of_wrong_captions_and_which_they_are(wrong: float) -> None:
    viewer, data = build(rows=1000, kinds=12, wrong_captions=wrong, seed=3)
    captions = [text or "" for text in data.texts(Role.CAPTION)]
    kinds = data.texts(Role.LABEL)
    bad = np.array([kind not in text.split() for kind, text in zip(kinds, captions, strict=True)])
    images, vectors = viewer.embed_images(data.pictures), viewer.embed_texts(captions)
    seen = unfit(images, vectors, np.random.default_rng(0))
    assert abs(seen.share - wrong) < 0.05
    assert seen.flagged[bad].mean() > 0.5 if wrong else seen.flagged.sum() <= 2
    assert (~bad)[seen.flagged].mean() < 0.15 if wrong > 0.05 else True
    first = seen.ranked()[: round(wrong * 500)]
    assert bad[first].mean() > 0.97 if first else True


def test_exchanged_captions_are_unlike_those_they_replace() -> None:
    viewer, data = build(rows=400)
    vectors = viewer.embed_texts([text or "" for text in data.texts(Role.CAPTION)])
    changed, rows = exchanged(vectors, np.random.default_rng(0))
    assert np.flatnonzero((changed != vectors).any(axis=1)).tolist() == rows.tolist()
    assert np.einsum("ij,ij->i", changed[rows], vectors[rows]).max() < 0.6


def test_labels_that_may_be_names_are_not_told() -> None:
    shown = [public(name) for name in ("fire engine", "fire_engine", "Ada Lovelace", "x@y.org")]
    assert shown == ["'fire engine'", "'fire_engine'", "something else", "something else"]
