"""What is got back from embeddings, who is recognised, and whom a judge sees."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from vlaudit.metrics.biometric import read_out, recognised
from vlaudit.metrics.judge import judge
from vlaudit.metrics.recovery import own_first, picked_out, rebuilt


def test_a_linear_embedding_gives_the_picture_back_and_noise_does_not() -> None:
    rng = np.random.default_rng(0)
    pictures = rng.random((300, 12))
    seen = pictures @ rng.normal(size=(12, 20)) + 3.0
    made = rebuilt(seen, pictures, rng)
    assert np.abs(made - pictures).max() < 0.05
    assert picked_out(made, pictures, rng, among=50).mean() > 0.99
    blind = rebuilt(rng.normal(size=(300, 20)), pictures, rng)
    assert picked_out(blind, pictures, rng, among=50).mean() < 0.08


def test_the_map_is_ridge_regression() -> None:
    rng = np.random.default_rng(1)
    seen, pictures = rng.normal(size=(50, 6)), rng.normal(size=(50, 3))
    made = rebuilt(seen, pictures, np.random.default_rng(2))
    fold = np.random.default_rng(2).permutation(50) % 5
    kept = fold != 0
    inner = seen[kept] - seen[kept].mean(axis=0)
    ridge = Ridge(alpha=1e-2 * np.trace(inner.T @ inner) / 6).fit(seen[kept], pictures[kept])
    np.testing.assert_allclose(made[~kept], ridge.predict(seen[~kept]), atol=1e-9)


def test_choosing_among_some_is_right_by_chance_only() -> None:
    rng = np.random.default_rng(3)
    assert own_first(rng.random((1000, 1000)), rng, among=10).mean() == pytest.approx(0.1, abs=0.03)
    assert not own_first(np.zeros((50, 50)), rng, among=10).any()


def test_groups_are_read_out_of_strangers() -> None:
    rng = np.random.default_rng(4)
    codes = np.arange(240) % 2
    seen = rng.normal(size=(240, 10)).astype(np.float32)
    seen[:, 0] += 3 * codes
    assert (read_out(seen, codes, rng) == codes).mean() > 0.85
    people = [f"p{row // 8}" for row in range(240)]
    of_person = (np.arange(240) // 8) % 2
    own = rng.normal(size=(30, 60))[np.arange(240) // 8].astype(np.float32)
    assert (read_out(own, of_person, rng) == of_person).mean() > 0.95
    assert (read_out(own, of_person, rng, people=people) == of_person).mean() < 0.75


def test_people_are_recognised_by_what_is_theirs() -> None:
    rng = np.random.default_rng(5)
    people = [f"p{row // 5}" for row in range(50)]
    own = rng.normal(size=(10, 16))[np.arange(50) // 5]
    assert recognised(own + 0.2 * rng.normal(size=(50, 16)), people).mean() > 0.99
    assert recognised(rng.normal(size=(50, 16)), people).mean() == pytest.approx(0.5, abs=0.08)


def test_a_judge_names_what_it_knows_and_is_honest_about_itself() -> None:
    rng = np.random.default_rng(6)
    centres, codes = rng.normal(size=(4, 20)), np.arange(80) % 4
    known = judge(centres[codes] + 0.3 * rng.normal(size=(80, 20)), codes)
    assert (known.left_out() == codes).mean() > 0.98
    assert known.says(centres).tolist() == [0, 1, 2, 3]
    lost = judge(rng.normal(size=(80, 20)), codes)
    assert (lost.left_out() == codes).mean() < 0.45
