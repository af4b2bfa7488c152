import numpy as np
import pytest
from numpy.typing import NDArray

from vlaudit.core.dataset import Role
from vlaudit.selftest.memory import MemoryDataset
from vlaudit.stats.exchange import (
    Codes,
    Design,
    beyond_exchange,
    deal,
    design_of,
    shift_of,
    shifts,
)
from vlaudit.stats.intervals import Estimate


def widest_shift(
    values: NDArray[np.float64], codes: Codes, design: Design, draws: int, rng: np.random.Generator
) -> Estimate:
    groups = [str(code) for code in codes]
    statistic = shift_of(values, design)
    return beyond_exchange(statistic, groups, design, fewest=1, draws=draws, rng=rng)


def plain(rows: int, *, strata: int = 1) -> Design:
    return Design(np.arange(rows) % strata, np.arange(rows))


def test_groups_are_dealt_within_strata_and_people_stay_whole() -> None:
    rng = np.random.default_rng(0)
    codes = (np.arange(120) // 3 % 2).astype(np.int16)
    design = Design(np.arange(120) // 60, np.arange(120) // 3)
    dealt = deal(codes, design, draws=50, rng=rng)
    assert dealt.shape == (50, 120)
    assert (dealt[:, :60].sum(axis=1) == codes[:60].sum()).all()
    people = dealt.reshape(50, 40, 3)
    assert (people == people[:, :, :1]).all()
    assert (dealt != codes).any()


def test_a_shift_is_the_weighted_mean_of_those_in_the_strata() -> None:
    rng = np.random.default_rng(1)
    codes, strata = rng.integers(2, size=300).astype(np.int16), rng.integers(4, size=300)
    values = rng.normal(size=300) + 2.0 * strata + 0.5 * codes
    weights, apart = [], []
    for at in range(4):
        one, two = (values[(strata == at) & (codes == code)] for code in (0, 1))
        weights.append(one.size * two.size / (one.size + two.size))
        apart.append(one.mean() - two.mean())
    expected = np.average(apart, weights=weights)
    assert shifts(values, codes, strata, groups=2) == pytest.approx([expected, -expected])
    assert shifts(values, np.stack([codes, codes]), strata, groups=2)[1, 0] == pytest.approx(
        expected
    )


def test_chance_is_taken_off_and_a_true_shift_is_found() -> None:
    rng = np.random.default_rng(2)
    accused = 0
    for _ in range(100):
        codes = rng.integers(7, size=140).astype(np.int16)
        found = widest_shift(5 + rng.normal(size=140), codes, plain(140), 200, rng)
        accused += found.interval.low > 0
    assert accused <= 8
    codes = np.repeat([0, 1], 100).astype(np.int16)
    values = 10 + rng.normal(size=200) + 1.0 * codes
    found = widest_shift(values, codes, plain(200), 500, rng)
    assert found.interval.low > 0.04
    still = widest_shift(np.ones(200), codes, plain(200), 10, rng)
    assert (still.value, still.interval.low) == (0.0, 0.0)
    assert still.interval.high < 0.05


def test_the_design_comes_from_the_columns() -> None:
    values: dict[Role, list[str | None]] = {
        Role.LABEL: ["cook", "cook", None, "pilot"],
        Role.COUNTERFACTUAL_OF: ["scene", None, "scene", None],
        Role.IDENTITY: ["ann", "ann", None, None],
    }
    design = design_of(MemoryDataset((), values, {}))
    assert design.strata[0] == design.strata[2]
    assert len(set(design.strata.tolist())) == 3
    assert design.clusters[0] == design.clusters[1]
    assert len(set(design.clusters.tolist())) == 3
    assert design_of(MemoryDataset((), {Role.CAPTION: ["a", "b"]}, {})).strata.tolist() == [0, 0]
