import numpy as np
import pytest

from vlaudit.stats.design_effect import design_effect
from vlaudit.stats.exchange import Design
from vlaudit.stats.group_rates import (
    by_attribute,
    group_rates,
    of_attribute,
    widest,
    worse_groups,
)


def plain(rows: int) -> Design:
    return Design(np.zeros(rows, dtype=np.intp), np.arange(rows))


def test_rates_are_those_of_fairlearn() -> None:
    from fairlearn.metrics import MetricFrame, selection_rate

    rng = np.random.default_rng(0)
    happens = rng.random(500) < 0.3
    groups = rng.choice(["a", "b", "c"], size=500).tolist()
    table = group_rates(happens, groups, plain(500), fewest=10)
    assert table is not None
    frame = MetricFrame(
        metrics=selection_rate, y_true=happens, y_pred=happens, sensitive_features=groups
    )
    assert {name: found.value for name, found in table.each()} == pytest.approx(
        frame.by_group.to_dict()
    )
    assert next(iter(widest({"x": table}, of_attribute)))[1].value == pytest.approx(
        frame.difference()
    )


def test_repeated_pictures_of_a_person_count_less() -> None:
    rng = np.random.default_rng(0)
    low = {"rows": 0, "people": 0}
    for _ in range(60):
        people = np.arange(200) // 10
        happens = (rng.random(20) < 0.5)[people]
        groups = np.where(people < 10, "a", "b").tolist()
        for name, clusters in {"rows": np.arange(200), "people": people}.items():
            design = Design(np.zeros(200, dtype=np.intp), clusters)
            table = group_rates(happens, groups, design, fewest=10)
            assert table is not None
            low[name] += next(iter(widest({"x": table}, of_attribute)))[1].interval.low > 0
    assert low["rows"] > 24
    assert low["people"] <= 6


def test_the_design_effect_is_that_of_whole_clusters_or_of_none() -> None:
    rng = np.random.default_rng(0)
    assert design_effect(np.repeat(rng.normal(size=400), 5), np.repeat(np.arange(400), 5)) == 5.0
    mixed = design_effect(rng.normal(size=2000), np.repeat(np.arange(400), 5))
    assert mixed == pytest.approx(1.0, abs=0.25)
    assert design_effect(np.ones(10), np.repeat(np.arange(5), 2)) == 2.0
    assert design_effect(np.ones(10), np.arange(10)) == 1.0


def test_groups_are_compared_at_the_same_mix_of_what_is_shown() -> None:
    strata = np.repeat([0, 0, 1, 1], [90, 10, 10, 90])
    groups = np.repeat(["a", "b", "a", "b"], [90, 10, 10, 90]).tolist()
    happens = strata == 1
    tables = by_attribute(happens, {"x": groups}, Design(strata, np.arange(200)), fewest=10)
    assert next(iter(widest(tables, of_attribute)))[1].value == pytest.approx(0.0)
    assert list(worse_groups(tables, harm=True)) == []
    assert by_attribute(happens, {"x": ["a"] * 200}, plain(200), fewest=10) == {}
    assert next(widest({}, of_attribute), None) is None


def test_a_group_that_is_harmed_more_often_is_named() -> None:
    happens = np.repeat([False, True, False], [100, 30, 70])
    groups = np.repeat(["a", "b"], 100).tolist()
    tables = by_attribute(happens, {"x": groups}, plain(200), fewest=10)
    found = list(worse_groups(tables, harm=True))
    assert [(name, group) for name, group, _ in found] == [("x", "b")]
    assert found[0][2].rest == pytest.approx(1.0)
