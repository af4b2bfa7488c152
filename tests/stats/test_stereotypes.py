import numpy as np
import pytest

from vlaudit.stats.exchange import Design
from vlaudit.stats.stereotypes import bbq_scores, bias_score, size


def test_the_score_is_that_of_bbq_by_hand() -> None:
    answers = np.array([[1, 1, 1, -1, 0, 0, -1, -1, -1, 1, 0, 0]], dtype=np.float64)
    groups = ["woman"] * 6 + ["man"] * 6
    about = np.array([[1] * 6 + [0] * 6])
    design = Design(np.zeros(12, dtype=np.intp), np.arange(12))
    rng = np.random.default_rng(0)
    found = bias_score(answers, about, groups, design, draws=50, rng=rng)
    # Of women 3 for and 1 against the stereotype, of men 3 and 1 too: 6 of 8 sides are biased.
    taken, ambiguous = bbq_scores(biased=6, answered=8, neither=4)
    assert taken == 0.5
    assert ambiguous == pytest.approx((1 - 4 / 12) * 0.5)
    assert found.by_question[0] == pytest.approx(ambiguous)


def test_innocents_are_rarely_accused_and_a_tilt_is_found() -> None:
    rng = np.random.default_rng(0)
    accused = found = 0
    groups = ["woman"] * 60 + ["man"] * 60
    about = np.tile([1] * 60 + [0] * 60, (4, 1))
    design = Design(np.arange(120) % 3, np.arange(120))
    for _ in range(100):
        person = rng.random(120) < 0.5
        answers = np.where(rng.random((4, 120)) < 0.6, np.where(person, 1.0, -1.0), 0.0)
        score = bias_score(answers, about, groups, design, draws=200, rng=rng)
        accused += size(score.whole).interval.low > 0
        tilted = np.where((rng.random((4, 120)) < 0.3) & (about == 1), 1.0, answers)
        score = bias_score(tilted, about, groups, design, draws=200, rng=rng)
        found += size(score.whole).interval.low > 0
    assert accused <= 10
    assert found >= 80
