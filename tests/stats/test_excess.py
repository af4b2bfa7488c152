import numpy as np
import pytest

from vlaudit.stats.excess import beyond_controls, contrast, excess, largest, max_t


def world(seed: int, prompts: int, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return statistics that are positive by construction, and their null, alike correlated."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(401, 1))
    drawn = np.abs(0.7 * shared + rng.normal(size=(401, prompts)))
    return drawn[0] + shift, drawn[1:]


@pytest.mark.parametrize("prompts", [1, 5, 24])
def test_innocents_are_rarely_accused_and_the_planted_is_covered(prompts: int) -> None:
    accused = missed = 0
    for seed in range(200):
        observed, null = world(seed, prompts, shift=0.4)
        found = excess(observed, null, bounds=(0, 6), rng=np.random.default_rng(seed), samples=100)
        assert found.interval.low < found.value < found.interval.high
        accused += found.interval.low > 0.4
        missed += found.interval.high < 0.4
    assert accused <= 11
    assert missed <= 11


def test_a_constant_null_still_has_an_interval() -> None:
    found = excess(
        [0.0, 0.0], np.zeros((50, 2)), bounds=(0, 1), rng=np.random.default_rng(0), samples=4
    )
    assert found.value == 0.0
    assert found.interval.low == 0.0
    assert found.interval.high > 0.5


def test_what_two_kinds_of_prompts_share_is_no_contrast() -> None:
    missed = 0
    for seed in range(200):
        observed, null = world(seed, 24)
        one, two = (observed[:12] + 0.2, null[:, :12]), (observed[12:], null[:, 12:])
        found = contrast(one, two, bounds=(0, 6), samples=100)
        missed += not found.interval.low <= 0.2 <= found.interval.high
    assert missed <= 14
    still = np.zeros(3), np.zeros((50, 3))
    ends = contrast(still, still, bounds=(0, 1), samples=4).interval
    assert ends.low < -0.5
    assert ends.high > 0.5


def test_what_chance_gives_to_one_kind_alone_is_no_contrast() -> None:
    accused = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        large = np.abs(rng.normal(size=(201, 9)))
        small = np.abs(rng.normal(size=(201, 20))) / 2
        sides = (large[0], large[1:]), (small[0], small[1:])
        accused += contrast(*sides, bounds=(0, 6), samples=100).interval.low > 0
    assert accused <= 7


def test_several_at_once_are_wider_and_the_largest_counts() -> None:
    observed, null = world(1, 6, shift=1.0)
    rng = np.random.default_rng(0)
    alone, among = (
        excess(observed, null, bounds=(0, 6), rng=rng, samples=10, family=size) for size in (1, 5)
    )
    assert among.interval.low < alone.interval.low
    other = excess(observed - 1, null, bounds=(0, 6), rng=rng, samples=10, family=5)
    assert largest([other, among]).value == among.value
    assert largest([other, among]).interval.high == among.interval.high


def test_adjusted_p_values_hold_for_all_tests_at_once() -> None:
    rng = np.random.default_rng(3)
    alarms = 0
    for _ in range(200):
        drawn = rng.normal(size=(200, 40)) + 3 * rng.normal(size=(200, 1))
        alarms += bool((max_t(drawn[0], drawn[1:]) <= 0.05).any())
    assert alarms <= 20
    drawn = rng.normal(size=(400, 40))
    observed = drawn[0].copy()
    observed[7] = 6.0
    p_values = max_t(observed, drawn[1:])
    assert p_values[7] == pytest.approx(1 / 400)
    assert max_t([1.0], np.zeros((9, 1))).tolist() == [1.0]


@pytest.mark.parametrize("sizes", [True, False])
def test_innocents_rarely_lie_beyond_their_controls_and_the_guilty_do(sizes: bool) -> None:
    rng = np.random.default_rng(4)
    alarms = 0
    for _ in range(300):
        drawn = np.abs(rng.normal(size=40)) if sizes else rng.normal(size=40)
        beyond = beyond_controls(drawn[:20], drawn[20:], independent=20, tests=20, sizes=sizes)
        alarms += bool(beyond.any())
    assert alarms <= 21
    controls = np.abs(rng.normal(size=20))
    found = beyond_controls([9.0, 1.0], controls, independent=20, tests=2, sizes=sizes)
    assert found.tolist() == [True, False]


def test_without_controls_everything_lies_beyond_and_one_control_proves_nothing() -> None:
    assert beyond_controls([0.1], [], independent=0, tests=1).tolist() == [True]
    assert beyond_controls([9.0], [1.0], independent=1, tests=1).tolist() == [False]
