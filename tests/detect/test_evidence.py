import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from vlaudit.core.target import Matrix
from vlaudit.detect.evidence import (
    cauchy,
    combine,
    discoveries,
    fit_p_values,
    mismatched_interval,
    pair_fit,
    rank_p_values,
)


def world(
    rng: np.random.Generator,
    rows: int,
    *,
    topics: int = 20,
    noise: float = 0.5,
    wrong: float = 0.0,
    width: int = 48,
) -> tuple[Matrix, Matrix, NDArray[np.bool_]]:
    """Return pictures and captions of equal topics, of which a share is dealt a wrong one."""
    centres = rng.normal(size=(topics, width))
    shown = rng.integers(topics, size=rows)
    bad = rng.permutation(rows)[: round(wrong * rows)]
    said = shown.copy()
    said[bad] = (shown[bad] + rng.integers(1, topics, len(bad))) % topics
    pairs = [centres[topic] + rng.normal(0, noise, (rows, width)) for topic in (shown, said)]
    images, captions = (p / np.linalg.norm(p, axis=1, keepdims=True) for p in pairs)
    return images.astype(np.float32), captions.astype(np.float32), shown != said


@pytest.mark.parametrize("noise", [0.3, 0.6, 1.0])
@pytest.mark.parametrize("topics", [2, 8, 60])
def test_clean_pairs_are_hardly_ever_flagged_however_weak_the_model(
    noise: float, topics: int
) -> None:
    flagged = 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        images, captions, _ = world(rng, 1000, topics=topics, noise=noise)
        flagged += discoveries(fit_p_values(pair_fit(images, captions, rng)), 0.01).sum()
    assert flagged / 4000 < 0.01


@pytest.mark.parametrize("share", [0.01, 0.05, 0.3])
def test_wrong_captions_are_flagged_and_few_others(share: float) -> None:
    rng = np.random.default_rng(1)
    images, captions, wrong = world(rng, 2000, wrong=share)
    flagged = discoveries(fit_p_values(pair_fit(images, captions, rng)), 0.01)
    assert flagged[wrong].mean() > 0.7
    assert (flagged & ~wrong).sum() <= 0.05 * flagged.sum()


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3])
def test_the_share_of_wrong_captions_is_estimated(share: float) -> None:
    rng = np.random.default_rng(2)
    images, captions, _ = world(rng, 3000, wrong=share)
    value, interval = mismatched_interval(pair_fit(images, captions, rng).chance)
    assert value == pytest.approx(share, abs=0.15 * share + 0.01)
    assert interval.low <= value <= interval.high
    assert interval.high > interval.low


def test_chance_is_uniform_where_captions_have_nothing_to_do_with_pictures() -> None:
    rng = np.random.default_rng(3)
    images, captions, _ = world(rng, 3000, topics=200)
    chance = pair_fit(images, captions[rng.permutation(3000)], rng).chance
    assert np.allclose(np.quantile(chance, [0.1, 0.5, 0.9]), [0.1, 0.5, 0.9], atol=0.06)


def test_discoveries_are_those_of_benjamini_and_hochberg() -> None:
    p = np.concatenate([np.random.default_rng(0).random(500), np.full(20, 1e-5)])
    assert (discoveries(p, 0.05) == (false_discovery_control(p) <= 0.05)).all()
    assert not discoveries(np.ones(5), 0.05).any()


def test_the_cauchy_combination_keeps_its_level() -> None:
    rng = np.random.default_rng(0)
    p = cauchy([rng.random(100_000) for _ in range(5)], [1, 1, 1, 2, 3])
    assert (p < 0.01).mean() == pytest.approx(0.01, abs=0.003)
    assert cauchy([np.array([1e-200]), np.array([1.0])], [1, 1])[0] < 1e-190


def test_evidence_without_a_null_flags_nobody_alone() -> None:
    rng = np.random.default_rng(0)
    extreme = rng.standard_cauchy(1000)
    p = combine(np.ones(1000), {f"scale {k}": extreme for k in range(9)})
    assert not discoveries(p, 0.01).any()
    assert rank_p_values(extreme).min() >= 1 / 1000
