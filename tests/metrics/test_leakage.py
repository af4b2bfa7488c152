import numpy as np
import pytest
from numpy.typing import NDArray

from vlaudit.metrics.leakage import Codes, Reader, balanced_accuracy, smoother, told
from vlaudit.stats.exchange import Design, beyond_exchange
from vlaudit.stats.intervals import Estimate


def leakage(
    words: NDArray[np.bool_], codes: Codes, design: Design, *, draws: int, rng: np.random.Generator
) -> Estimate:
    groups = [str(code) for code in codes]
    reader = Reader(words, design.clusters)
    return beyond_exchange(reader, groups, design, fewest=1, draws=draws, rng=rng)


@pytest.mark.parametrize("size", [1, 3])
def test_leaving_a_person_out_equals_training_without_them(size: int) -> None:
    rng = np.random.default_rng(0)
    features = (rng.random((60, 12)) < 0.3).astype(float)
    codes = rng.integers(2, size=(1, 60)).astype(np.int16)
    clusters = np.arange(60) // size
    hat, blocks = smoother(features, clusters)
    centred = features - features.mean(axis=0)
    kernel = centred @ centred.T
    kernel = kernel / (np.trace(kernel) / 60) + 1.0
    wanted = np.stack([codes[0] == at for at in (0, 1)], axis=1) / [
        [np.mean(codes == 0), np.mean(codes == 1)]
    ]
    expected = np.empty(60, dtype=np.intp)
    for person in range(60 // size):
        out = clusters == person
        weights = np.linalg.solve(kernel[np.ix_(~out, ~out)] + np.eye((~out).sum()), wanted[~out])
        expected[out] = (kernel[np.ix_(out, ~out)] @ weights).argmax(axis=1)
    assert told(hat, blocks, codes, groups=2)[0].tolist() == expected.tolist()


def test_words_dealt_at_random_tell_nothing_and_telling_ones_do() -> None:
    rng = np.random.default_rng(0)
    accused = 0
    for _ in range(60):
        words = rng.random((120, 20)) < 0.3
        codes = (rng.random(120) < 0.3).astype(np.int16)
        design = Design(np.zeros(120, dtype=np.intp), np.arange(120))
        accused += leakage(words, codes, design, draws=100, rng=rng).interval.low > 0
    assert accused <= 5
    codes = np.repeat([0, 1, 2], 60).astype(np.int16)
    words = rng.random((180, 20)) < 0.3
    words[:, 0] = (codes == 2) ^ (rng.random(180) < 0.1)
    design = Design(np.zeros(180, dtype=np.intp), np.arange(180))
    found = leakage(words, codes, design, draws=200, rng=rng)
    assert found.interval.low > 0.15
    assert leakage(words[:, :0], codes, design, draws=9, rng=rng).value == 0.0


def test_a_person_whose_pictures_are_alike_tells_nothing_of_the_group() -> None:
    rng = np.random.default_rng(0)
    people = np.repeat(np.arange(24), 10)
    words = (rng.random((24, 40)) < 0.3)[people]
    codes = (people % 2).astype(np.int16)
    design = Design(np.zeros(240, dtype=np.intp), people)
    assert leakage(words, codes, design, draws=200, rng=rng).interval.low <= 0
    alone = balanced_accuracy(words, codes[None], np.arange(240), groups=2)
    assert alone[0] > 0.95
