"""A number is printed with its interval, its sample count and the rows that it holds for."""

from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Card, Metric, Risk
from vlaudit.report.readings import SHOWN_GROUPS, by_group, overall, reading

CARD = Card(
    id="bias.parity",
    title="",
    asks="",
    risk=Risk.BIAS,
    metrics={"rate": Metric(means="Rate.", unit="fraction", range=(0, 1), better="higher")},
    blind_to="",
)


def rate(value: float, clusters: int | None = None, **groups: str) -> Measurement:
    interval = Interval(max(0, value - 0.1), min(1, value + 0.1), "Wilson", 0.9)
    return Measurement(
        "rate", value, samples=1200, interval=interval, clusters=clusters, slice=groups
    )


def test_a_sentence_has_all_that_a_number_is_printed_with() -> None:
    found = reading(rate(0.5, clusters=1), CARD)
    assert found.metric == "bias.parity.rate"
    assert (
        found.sentence == "50.0% (90% interval 40.0% to 60.0%, Wilson; 1,200 samples in 1 cluster)"
    )
    assert found.short_samples == "n = 1,200 in 1 cluster"
    assert found.slice == "overall"


def test_groups_of_one_attribute_share_a_scale_with_the_whole() -> None:
    items = [rate(0.5), rate(0.2, gender="woman"), rate(0.9, gender="man"), rate(0.4, tone="dark")]
    assert [item.value for item in overall(items, CARD)] == ["50.0%"]
    gender, tone = by_group(items, CARD)
    assert (gender.attribute, tone.attribute) == ("gender", "tone")
    assert gender.overall is not None
    assert {item.axis for item in gender.readings} == {gender.axis}
    assert gender.readings[0].chart.dot < gender.overall.chart.dot < gender.readings[1].chart.dot


def test_of_a_thousand_groups_the_outermost_are_shown_and_the_rest_counted() -> None:
    items = [rate(index / 1000, group=f"g{index:03}") for index in range(1000)]
    (family,) = by_group(items, CARD)
    assert len(family.readings) == SHOWN_GROUPS
    assert family.left_out == 1000 - SHOWN_GROUPS
    assert family.readings[0].slice == "group = g000"
    assert family.readings[-1].slice == "group = g999"
