from math import log
from typing import Any

import numpy as np
import pytest

from tests.probes.bias.conftest import Runner
from vlaudit.core.probe import Inapplicable
from vlaudit.metrics.retrieval import pool_of, retrieve
from vlaudit.selftest.fakes import shelves
from vlaudit.selftest.memory import MemoryDataset
from vlaudit.stats.exchange import Design, deal

PROBE = "bias.retrieval_skew"
EVEN = {"a": [40, 40, 40], "b": [40, 40, 40]}
TEXTS = [f"a person number {index}" for index in range(12)]
NONSENSE = [f"a wug number {index}" for index in range(12)]
QUICK = {"prompts": TEXTS, "nonsense": NONSENSE, "draws": 100}


def unlabelled(data: MemoryDataset, **groups: list[str | None]) -> MemoryDataset:
    return MemoryDataset(data.pictures, {}, groups or data.attributes, data.name)


def test_skews_equal_those_counted_by_hand(run: Runner) -> None:
    target, data = shelves.build(rows=EVEN, lean=0.7)
    measured, _, _ = run(PROBE, target, data, **QUICK, k=[10, 50])
    scores = target.score_pairs(data.pictures, TEXTS)
    genders = np.array(data.groups("gender"))
    for k in (10, 50):
        first = np.argsort(-scores, axis=0)[:k]
        of_a = (genders[first] == "a").mean(axis=0)
        expected = np.log(np.maximum(of_a, 1 - of_a) / 0.5).mean()
        assert measured["max_skew", f"gender {k}"].value == pytest.approx(expected, abs=1e-9)
    assert measured["share_shift", "gender a"].value == pytest.approx(of_a.mean() - 0.5, abs=1e-9)
    assert measured["max_skew", ""].value == measured["max_skew", "gender 50"].value


def test_every_declared_metric_is_reported_and_findings_name_rows(run: Runner) -> None:
    target, data = shelves.build(rows=EVEN, lean=2.0, overlooked={"a": 0.8})
    measured, findings, _ = run(PROBE, target, data, **QUICK)
    assert {metric for metric, _ in measured} >= {"skew_by_meaning", "label_excess_skew", "ndkl"}
    assert measured["skewed_prompts", ""].value == 1.0
    by_kind = {item.kind: item for item in reversed(findings)}
    summary = by_kind["skewed_neutral_search"].summary
    assert "of the first 100 results are gender a, where chance gives 50%" in summary
    first = str(by_kind["skewed_label_search"].evidence["first"]).split(", ")
    assert len(first) == 5
    genders = data.groups("gender")
    assert [genders[int(row)] for row in first].count("b") >= 4


def test_a_declared_population_takes_the_place_of_the_pool(run: Runner) -> None:
    target, data = shelves.build(rows={"a": [160], "b": [80]})
    for reference, gap in ((["a=0.5", "b=0.5"], log(4 / 3)), (["a=2", "b=1"], 0.0)):
        measured, _, _ = run(PROBE, target, unlabelled(data), **QUICK, k=[100], reference=reference)
        assert measured["max_skew", ""].value == pytest.approx(gap, abs=0.12)
    other = unlabelled(data, age=["old", "young"] * 120)
    measured, _, _ = run(PROBE, target, other, **QUICK, reference=["a=0.9", "b=0.1"])
    assert abs(measured["excess_skew", ""].value) < 0.1


@pytest.mark.parametrize("count", [2, 12])
@pytest.mark.parametrize("rows", [5, 100])
def test_groups_of_any_size_and_number_are_not_accused(run: Runner, count: int, rows: int) -> None:
    target, data = shelves.build(rows={f"g{index}": [rows] for index in range(count)})
    measured, findings, _ = run(
        PROBE, target, unlabelled(data), **QUICK, k=[5, 20, 50], min_group_rows=5
    )
    assert measured["excess_skew", ""].interval.low <= 0
    assert measured["skew_by_meaning", ""].interval.low <= 0
    assert findings == []


def test_missing_groups_and_small_ones_are_out_of_the_pool_and_large_pools_are_cut(
    run: Runner,
) -> None:
    target, data = shelves.build(rows=EVEN)
    genders = [*data.groups("gender")[:-6], None, "", None, "other", "other", "other"]
    measured, _, _ = run(PROBE, target, unlabelled(data, gender=genders), **QUICK)
    assert measured["max_skew", "gender"].samples == 234
    assert ("share_shift", "gender other") not in measured
    cut, _, _ = run(PROBE, target, data, **QUICK, most_rows=100)
    assert cut["max_skew", "gender"].samples == 100


def test_prompts_as_uneven_as_nonsense_are_not_reported(run: Runner) -> None:
    target, data = shelves.build(rows=EVEN, lean=2.0)
    talked_of = {**QUICK, "nonsense": [f"nobody's person {index}" for index in range(12)]}
    measured, findings, _ = run(PROBE, target, unlabelled(data), **talked_of)
    assert measured["excess_skew", ""].interval.low > 0.2
    assert measured["skew_by_meaning", ""].interval.low <= 0
    assert len(findings) <= 3
    alone, findings, _ = run(PROBE, target, data, **{**QUICK, "nonsense": [], "prompts": TEXTS[:1]})
    assert ("skew_by_meaning", "") not in alone
    assert len(findings) == 1


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"k": [500]}, "no pool has twice 500 rows and no label has 10"),
        ({"k": []}, "nothing to rank"),
        ({"reference": ["a=0.5"]}, "reference declares no share of b"),
        ({"reference": ["a: 0.5"]}, "is no group and share"),
        ({"reference": ["a=-1"]}, "is no group and share"),
        ({"attributes": ["sex"]}, "named sex; there are: gender"),
    ],
)
def test_what_cannot_be_ranked_is_skipped_with_the_reason(
    run: Runner, settings: dict[str, Any], reason: str
) -> None:
    target, data = shelves.build(rows=EVEN)
    with pytest.raises(Inapplicable, match=reason):
        run(PROBE, target, unlabelled(data), **{**QUICK, **settings})


def test_a_pool_without_a_reference_has_its_own_shares() -> None:
    pool = pool_of(["b", "a", None, "a", "c"], fewest=1, reference={})
    assert pool.names == ("a", "b", "c")
    assert pool.rows.tolist() == [0, 1, 3, 4]
    assert pool.desired.tolist() == [0.5, 0.25, 0.25]
    alone = Design(np.zeros(4, dtype=np.intp), np.arange(4))
    nulls = deal(pool.codes, alone, draws=50, rng=np.random.default_rng(0))
    scores = np.array([[4.0], [3.0], [2.0], [1.0]], dtype=np.float32)
    found = retrieve(scores, pool, nulls, depths=[[1, 2]])
    assert found.share[0].tolist() == [[0, 1, 0], [0.5, 0.5, 0]]
    assert found.skew[0] == pytest.approx([log(4), log(2)])
    assert found.null_skew.shape == (50, 1, 2)
