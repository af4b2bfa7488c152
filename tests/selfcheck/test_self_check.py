"""Probes run again on altered rows: what is counted, and that nothing is written back."""

from collections.abc import Iterator
from typing import Any

import pytest

from vlaudit import registry
from vlaudit.core.audit import PlannedProbe
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Probe
from vlaudit.core.selfcheck import SelfCheck
from vlaudit.core.target import Target
from vlaudit.features import Encoded, TargetFeatures, encode
from vlaudit.runner import Bench
from vlaudit.selfcheck import CHECKS, Mode, runs, self_check
from vlaudit.selftest.cases import Case
from vlaudit.selftest.check import build_world
from vlaudit.selftest.fakes import linear, seer


def tried(
    probe_id: str, spec: dict[str, Any], probe: Probe | None = None, **options: Any
) -> tuple[SelfCheck, Bench]:
    target, data = build_world(Case(name="w", target=spec, skipped="never"))
    encoded = encode(target, data) if data.columns.image else Encoded.empty(data)
    features = TargetFeatures(target, encoded)
    bench = Bench(target=target, features=features, data=data, evaluation=data, seed=0)
    card = registry.cards()[probe_id]
    item = PlannedProbe(card=card, settings=card.settings)
    (found,) = self_check(
        [item], bench, load=lambda name: probe or registry.load(name), only={probe_id},
        mode="quick", **options,
    )  # fmt: skip
    return found, bench


def test_people_who_are_known_are_found_and_dealt_names_are_not() -> None:
    spec = {"fake": "acquainted", "people": 12}
    found, bench = tried("privacy.identity_inference", spec)
    p_values = {
        kind: [
            item.value for run in found.reruns if run.kind == kind for item in run.measurements
            if item.metric == "p_value"
        ]
        for kind in ("innocent", "planted")
    }  # fmt: skip
    assert len(p_values["innocent"]) == 10
    assert min(p_values["innocent"]) > 0.001
    assert max(p_values["planted"]) < 0.01
    assert bench.data.digest == build_world(Case(name="w", target=spec, skipped="n"))[1].digest
    assert tried("privacy.identity_inference", spec)[0].reruns == found.reruns


@pytest.mark.parametrize(
    ("probe", "spec"),
    [
        ("privacy.consent_and_licence", {"fake": "provenance", "rows": 60}),
        ("privacy.metadata", {"fake": "photographs", "rows": 60}),
    ],
)
def test_every_planted_row_is_named(probe: str, spec: dict[str, Any]) -> None:
    found, _ = tried(probe, spec)
    assert found.remark == ""
    (planted,) = [run for run in found.reruns if run.kind == "planted"]
    assert (planted.found, planted.planted) == (21, 21)
    for run in found.reruns:
        values = {item.metric: item.value for item in run.measurements}
        if run.kind == "innocent":
            assert set(values.values()) == {0.0}


def broken(context: Context) -> Iterator[Measurement | Finding]:
    raise RuntimeError("personal data in an error")
    yield from ()


def test_a_probe_that_breaks_ends_no_audit_and_tells_no_data() -> None:
    card = registry.cards()["bias.zero_shot_parity"]
    spec = {"fake": "seer", "accuracy": {"a": 0.9, "b": 0.9}, "rows": 40}
    found, _ = tried(card.id, spec, Probe(card, broken))
    assert found.reruns == ()
    assert found.remark == (
        "innocent: the probe broke (RuntimeError); planted: the probe broke (RuntimeError)"
    )


def test_what_cannot_be_tried_is_said() -> None:
    one_group = {"fake": "seer", "accuracy": {"a": 0.9}, "rows": 40}
    found, _ = tried("bias.zero_shot_parity", one_group)
    assert found.reruns == ()
    assert "planted: no attribute has two groups" in found.remark
    late, _ = tried("bias.zero_shot_parity", one_group, deadline=0.0)
    assert "the budget was spent" in late.remark
    unknown, _ = tried("bias.word_association", one_group)
    assert unknown.remark == "nobody has said yet how to plant a known flaw for this probe"


def test_costly_probes_run_seldom_and_models_that_must_be_asked_only_when_told() -> None:
    cards = registry.cards()
    dual, _ = seer.build(accuracy={"a": 1.0, "b": 1.0}, rows=4)
    asked, _ = linear.build(strengths=[1], images=4)

    def times(probe: str, target: Target, mode: Mode) -> tuple[int, int]:
        return runs(CHECKS[probe], cards[probe], target, mode)

    assert times("bias.zero_shot_parity", dual, "quick") == (10, 3)
    assert times("bias.zero_shot_parity", dual, "full") == (40, 10)
    assert times("adversarial.typographic", dual, "quick") == (1, 1)
    assert times("bias.harm_labels", dual, "quick") == (0, 3)
    assert times("bias.zero_shot_parity", asked, "quick") == (0, 0)
    assert times("bias.zero_shot_parity", asked, "full") == (5, 5)
    assert times("privacy.pii_in_captions", asked, "quick") == (1, 1)


def test_a_model_that_would_be_asked_anew_is_left_alone_and_that_is_said() -> None:
    found, _ = tried("adversarial.typographic", {"fake": "reader"})
    assert found.reruns == ()
    assert found.remark == "the model would have to be asked anew; self_check: full does"


def test_every_check_is_of_a_probe_and_speaks_of_its_metrics() -> None:
    cards = registry.cards()
    for probe, check in CHECKS.items():
        assert set(check.clears) <= set(cards[probe].metrics), probe
        assert set(check.settings) <= set(cards[probe].settings), probe
        assert (check.innocent is None) or check.made_innocent, probe
