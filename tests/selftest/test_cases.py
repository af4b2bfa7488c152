"""A case that cannot fail is refused; what is wrong with a probe is said."""

from collections.abc import Iterator

import pytest

from vlaudit.core.errors import InputError
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Interval, Measurement
from vlaudit.core.probe import Card, Context, Inapplicable, Probe
from vlaudit.selftest import Case, check_case
from vlaudit.selftest.cases import read_cases
from vlaudit.selftest.fakes import seer

CARD = Card.model_validate(
    {
        "id": "bias.share",
        "title": "t",
        "asks": "a",
        "risk": "bias",
        "metrics": {"share": {"means": "m", "unit": "1", "range": (0, 1), "better": "lower"}},
        "blind_to": "b",
    }
)
WORLD = {"fake": "seer", "accuracy": {"a": 0.9, "b": 0.6}, "rows": 40}


def accuracy(context: Context) -> Iterator[Measurement | Finding]:
    labels = context.data.texts("label")  # type: ignore[arg-type]
    names = sorted({label for label in labels if label})
    named = context.features.scores(context.data, names).argmax(axis=1)
    hits = [names[at] == label for at, label in zip(named, labels, strict=True)]
    share = sum(hits) / len(hits)
    yield Measurement("share", share, samples=len(hits), interval=Interval(0, 1, "none"))


def never(context: Context) -> Iterator[Measurement | Finding]:
    raise Inapplicable("there is nothing to see")
    yield


@pytest.mark.parametrize(
    ("expect", "passed"),
    [
        ({"near": 0.75, "within": 0.001}, True),
        ({"near": 0.8, "within": 0.01}, False),
        ({"at_most": 0.7}, False),
        ({"at_least": 0.7, "at_most": 0.8}, True),
    ],
)
def test_values_are_held_against_what_is_expected(expect: dict[str, float], passed: bool) -> None:
    case = Case.model_validate({"name": "n", "target": WORLD, "expect": {"share": expect}})
    assert check_case(Probe(CARD, accuracy), case).passed is passed


def test_a_metric_that_is_not_reported_is_a_problem() -> None:
    expect = {"share[gender=a]": {"at_most": 1}}
    case = Case.model_validate({"name": "n", "target": WORLD, "expect": expect})
    (problem,) = check_case(Probe(CARD, accuracy), case).problems
    assert "was not measured; measured: share" in problem


def test_findings_are_counted() -> None:
    case = Case.model_validate({"name": "n", "target": WORLD, "findings": {"x": {"at_least": 1}}})
    assert not check_case(Probe(CARD, accuracy), case).passed


def test_a_skip_must_be_expected_for_its_reason() -> None:
    for skipped, passed in (("nothing to see", True), ("one group", False)):
        case = Case.model_validate({"name": "n", "target": WORLD, "skipped": skipped})
        assert check_case(Probe(CARD, never), case).passed is passed
    unexpected = Case.model_validate(
        {"name": "n", "target": WORLD, "expect": {"share": {"at_most": 1}}}
    )
    assert not check_case(Probe(CARD, never), unexpected).passed
    looked = Case.model_validate({"name": "n", "target": WORLD, "skipped": "nothing"})
    assert not check_case(Probe(CARD, accuracy), looked).passed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- name: n\n  target: {fake: seer}\n", "cannot fail"),
        ("- name: n\n  expect: {share: {at_most: 1}}\n", "needs a target or data"),
        ("- name: n\n  target: {fake: seer}\n  expect: {share: {near: 1}}\n", "come together"),
        ("- name: n\n  target: {fake: seer}\n  expect: {share: {}}\n", "expects nothing"),
        ("- name: n\n  taget: {fake: seer}\n  skipped: x\n", "taget"),
        ("name: n\n", "is not a list"),
    ],
)
def test_bad_cases_are_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_cases(text, where="cases.yaml")


def test_an_unknown_fake_is_named() -> None:
    case = Case.model_validate({"name": "n", "target": {"fake": "sear"}, "skipped": "x"})
    with pytest.raises(InputError, match="sear"):
        check_case(Probe(CARD, accuracy), case)


def test_the_seer_meets_its_planted_accuracy_in_every_class() -> None:
    target, data = seer.build(accuracy={"a": 0.9, "b": 0.55}, rows={"a": 400, "b": 1000}, classes=5)
    named = target.score_pairs(data.pictures, target.classes).argmax(axis=1)
    rows = zip(named, data.values["label"], data.attributes["gender"], strict=True)  # type: ignore[index]
    hits: dict[tuple[str | None, str | None], list[bool]] = {}
    for index, label, group in rows:
        hits.setdefault((group, label), []).append(target.classes[index] == label)
    for (group, _), found in hits.items():
        assert abs(sum(found) / len(found) - {"a": 0.9, "b": 0.55}[str(group)]) < 0.02
