"""Scores of attacks on membership, and the classifiers that see no model."""

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

from vlaudit.metrics.blind import features, told_by_captions, told_by_features, told_by_pictures
from vlaudit.metrics.membership import (
    augmented,
    calibrated,
    contrast,
    least_likely,
    mean_likelihood,
    per_compressed_byte,
)

WORDS = ("a", "the", "red", "old", "dog", "cat", "boat", "tree", "house", "near", "big", "small")


def sentences(rng: np.random.Generator, count: int) -> list[str]:
    return [" ".join(rng.choice(WORDS, 8)) for _ in range(count)]


def test_a_hard_pair_is_no_stranger() -> None:
    hard = np.linspace(-2, 2, 50)
    member = np.arange(50) % 2
    own = hard + 0.1 * member
    assert roc_auc_score(member, own) < 0.6
    assert roc_auc_score(member, calibrated(own, 5 * hard + 3)) == 1.0


def test_contrast_takes_off_what_is_liked_by_all() -> None:
    rng = np.random.default_rng(0)
    liked = rng.normal(size=(40, 1))
    others = liked + 0.1 * rng.normal(size=(40, 30))
    own = liked[:, 0] + 0.3 * (np.arange(40) % 2)
    assert roc_auc_score(np.arange(40) % 2, contrast(own, others, others)) == 1.0


def test_what_falls_more_when_changed_scores_higher() -> None:
    own = np.ones(4)
    assert augmented(own, [[1.0, 1.0], [0.5, 0.5], [1.0, 1.0], [0.0, 0.0]]).argmax() == 3


def test_likelihoods_by_hand() -> None:
    tokens = [np.array([-1.0, -2.0, -3.0, -4.0, -10.0]), np.array([-0.5])]
    assert mean_likelihood(tokens).tolist() == [-4.0, -0.5]
    assert least_likely(tokens).tolist() == [-10.0, -0.5]
    assert least_likely(tokens, share=0.4).tolist() == [-7.0, -0.5]
    per_byte = per_compressed_byte(tokens, ["a" * 400, "a"])
    assert per_byte[0] == pytest.approx(-20 / 13, abs=0.2)


def test_sides_of_one_source_are_not_told_apart() -> None:
    rng = np.random.default_rng(1)
    member = np.arange(300) % 2 == 0
    found = [
        roc_auc_score(member, told_by_captions(sentences(rng, 300), member, rng)) for _ in range(4)
    ]
    found += [
        roc_auc_score(member, told_by_features(rng.normal(size=(300, 20)), member, rng))
        for _ in range(4)
    ]
    assert np.mean(found) == pytest.approx(0.5, abs=0.04)
    assert max(found) < 0.62


def test_topic_and_colour_tell_sides_apart() -> None:
    rng = np.random.default_rng(2)
    member = np.arange(200) % 2 == 0
    texts = [
        f"{text} {'harbour' if row % 2 else 'meadow'}"
        for row, text in enumerate(sentences(rng, 200))
    ]
    assert roc_auc_score(member, told_by_captions(texts, member, rng)) > 0.95
    noise = rng.integers(0, 200, (200, 20, 20, 3)) + 15 * member[:, None, None, None]
    pictures = [Image.fromarray(one.astype(np.uint8)) for one in noise]
    assert roc_auc_score(member, told_by_pictures(pictures, member, rng)) > 0.9


def test_empty_captions_and_thin_pictures_do_no_harm() -> None:
    rng = np.random.default_rng(3)
    member = np.arange(60) % 2 == 0
    assert len(told_by_captions([""] * 30 + ["写真", "☺"] * 15, member, rng)) == 60
    assert np.isfinite(features(Image.new("RGB", (1, 700)))).all()
