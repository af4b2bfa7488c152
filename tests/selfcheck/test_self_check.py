"""Probes run again on altered rows: what is counted, and that nothing is written back."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from vlaudit import registry
from vlaudit.core.audit import PlannedProbe
from vlaudit.core.dataset import Role
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement, RowResults
from vlaudit.core.probe import Card, Context, Probe, Trial
from vlaudit.core.selfcheck import SelfCheck
from vlaudit.core.target import Target
from vlaudit.features import Encoded, TargetFeatures, encode
from vlaudit.judge.tried import tried as held_against
from vlaudit.reading.policy import policy_names, read_policy
from vlaudit.runner import Bench
from vlaudit.selfcheck import Mode, check_of, runs, self_check
from vlaudit.selftest.cases import Case
from vlaudit.selftest.check import build_world, run_in_memory
from vlaudit.selftest.fakes import linear, seer
from vlaudit.selftest.memory import MemoryDataset


def tried(
    probe_id: str, spec: dict[str, Any], probe: Probe | None = None,
    settings: dict[str, Any] | None = None, **options: Any,
) -> tuple[SelfCheck, Bench]:  # fmt: skip
    target, data = build_world(Case(name="w", target=spec, skipped="never"))
    encoded = encode(target, data) if data.columns.image else Encoded.empty(data)
    features = TargetFeatures(target, encoded)
    bench = Bench(target=target, features=features, data=data, evaluation=data, seed=0)
    card = registry.cards()[probe_id]
    item = PlannedProbe(card=card, settings={**card.settings, **(settings or {})})
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
    silent, _ = tried("privacy.embedding_leak", one_group)
    assert silent.remark == "its card does not say how (self_check)"
    idle, _ = tried("poisoning.weights_check", one_group)
    assert idle.remark == "it looks at the files of the model, and at no rows"


def test_costly_probes_run_seldom_and_models_that_must_be_asked_only_when_told() -> None:
    cards = registry.cards()
    dual, _ = seer.build(accuracy={"a": 1.0, "b": 1.0}, rows=4)
    asked, _ = linear.build(strengths=[1], images=4)

    def times(probe: str, target: Target, mode: Mode) -> tuple[int, int]:
        return runs(cards[probe], target, mode)

    assert times("bias.zero_shot_parity", dual, "quick") == (10, 3)
    assert times("bias.zero_shot_parity", dual, "full") == (40, 10)
    assert times("adversarial.typographic", dual, "quick") == (1, 1)
    assert times("bias.harm_labels", dual, "quick") == (0, 3)
    assert times("bias.zero_shot_parity", asked, "quick") == (0, 0)
    assert times("bias.zero_shot_parity", asked, "full") == (5, 5)
    assert times("privacy.pii_in_captions", asked, "quick") == (1, 1)
    assert times("privacy.pii_in_answers", asked, "quick") == (1, 1)  # a made-up model answers
    assert times("poisoning.near_duplicates", dual, "quick") == (0, 1)
    assert times("poisoning.weights_check", dual, "full") == (0, 0)


def test_a_model_that_would_be_asked_anew_is_left_alone_and_that_is_said() -> None:
    found, _ = tried("adversarial.typographic", {"fake": "reader"})
    assert found.reruns == ()
    assert found.remark == "the model would have to be asked anew; self_check: full does"


def gated_probes() -> list[str]:
    cards, found = registry.cards(), set[str]()
    for name in policy_names():
        policy = read_policy(name, cards=cards)
        found |= {rule.probe for rule in policy.rules if rule.severity in policy.gate}
    return sorted(found)


@pytest.mark.parametrize("probe", gated_probes())
def test_every_probe_that_a_shipped_policy_gates_is_tried_or_says_why_not(probe: str) -> None:
    card = registry.cards()[probe]
    assert card.self_check is not None, "name under `self_check` how it is tried, or why not"
    assert check_of(card).trial is card.self_check, "there is no such way in selfcheck/ways.py"


def test_a_card_is_told_what_it_gets_wrong() -> None:
    card = registry.cards()["bias.zero_shot_parity"]
    strange = card.model_copy(update={"self_check": Trial(plant="magic", innocent="groups_dealt")})
    assert "names 'magic'" in check_of(strange).trial.cannot
    assert runs(strange, seer.build(accuracy={"a": 1.0}, rows=4)[0], "full") == (0, 0)
    with pytest.raises(ValueError, match="under `cannot` why not"):
        Trial(plant="accuracy_gap")
    with pytest.raises(ValueError, match="'nothing' is no metric"):
        Card.model_validate(
            {**card.model_dump(), "self_check": {"cannot": "x", "clears": ["nothing"]}}
        )


TRIED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "bias.counterfactual_flip": (
        {"fake": "twins", "accuracy": {"a": 0.9, "b": 0.6}, "scenes": 200}, {}
    ),
    "bias.spurious_slices": (
        {"fake": "shortsighted", "accuracy": 0.85, "of_kind": 0.5, "share": 0.15}, {}
    ),
    "bias.quality_of_service": (
        {"fake": "seer", "accuracy": {"a": 0.9, "b": 0.5}, "rows": 300}, {}
    ),
    "bias.representation": (
        {"fake": "crowd", "rows": {"cook": {"woman": 100, "man": 300}}},
        {"population": ["gender: woman=0.5, man=0.5"]},
    ),
    "bias.caption_parity": ({"fake": "chronicler", "rows": {"woman": 150, "man": 150}}, {}),
    "bias.answer_stereotype": ({"fake": "gossip", "stereotype": 0.5}, {}),
    "poisoning.mislabelled_pairs": ({"fake": "annotated", "wrong_labels": 0.1}, {}),
    "poisoning.near_duplicates": ({"fake": "copies", "rows": 200, "planted": {"exact": 20}}, {}),
    "poisoning.watermark_and_hidden_text": ({"fake": "whispered"}, {}),
    "poisoning.split_view": ({"fake": "linked"}, {}),
    "data.train_test_leak": ({"fake": "copies", "rows": 240, "splits": True}, {}),
    "privacy.membership_inference": (
        {"fake": "memoriser", "rows": 150},
        {"members": ["split=train"], "others": ["split=test"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("probe", TRIED)
def test_flawed_rows_are_innocent_once_altered_and_a_planted_flaw_is_found(probe: str) -> None:
    spec, settings = TRIED[probe]
    found, _ = tried(probe, spec, settings=settings, kept=kept_in(spec))
    assert found.remark == ""
    limits = [
        rule for rule in read_policy("eu-high-risk", cards=registry.cards()).rules
        if rule.probe == probe and rule.metric_name != "tpr_at_1_percent"
    ]  # fmt: skip
    judged = [held for rule in limits if (held := held_against(rule, {probe: found}))]
    assert sum(held.alarms for held in judged) == 0
    missed = 2 if probe == "bias.spurious_slices" else 0  # half of the rows find, half confirm
    assert any(held.planted and held.found >= held.planted - missed for held in judged)
    for run in found.reruns if not missed else ():
        for item in run.measurements:
            if (harm := run.harms.get(item.metric)) is not None:
                assert item.interval.low - 0.05 <= harm <= item.interval.high + 0.05


def kept_in(spec: dict[str, Any]) -> dict[str, RowResults]:
    target, data = build_world(Case(name="w", target=spec, skipped="never"))
    kept: dict[str, RowResults] = {}
    if spec["fake"] == "seer":
        run_in_memory(registry.load("bias.zero_shot_parity"), target, data, kept=kept)
    return kept


@pytest.mark.parametrize("probe", ["adversarial.gradient_attack", "adversarial.masking_checks"])
def test_models_of_known_strength_are_attacked_with_the_success_that_they_have(probe: str) -> None:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 255, (32, 8, 8, 3), dtype=np.uint8)
    pictures = [Image.fromarray(one).resize((16, 16), Image.Resampling.NEAREST) for one in coarse]
    data = MemoryDataset(pictures, {Role.LABEL: ["cat", "red fox"] * 16})
    target, _ = linear.build(strengths=[1], images=4, classes=2)
    features = TargetFeatures(target, Encoded.empty(data))
    bench = Bench(target=target, features=features, data=data, evaluation=data, seed=0)
    card = registry.cards()[probe]
    settings = {**card.settings, "queries": 400, "steps": 10}
    (found,) = self_check(
        [PlannedProbe(card=card, settings=settings)], bench, load=registry.load, only={probe},
        mode="quick",
    )  # fmt: skip
    assert found.remark == ""
    innocent, planted = ({item.metric: item for item in run.measurements} for run in found.reruns)
    if probe == "adversarial.gradient_attack":
        assert innocent["robust_accuracy_doubled"].value == 1.0
        assert innocent["unbounded_robust_accuracy"].value == 0.0
        assert planted["robust_accuracy"].value == pytest.approx(3 / 32)
    else:
        assert innocent["blackbox_excess"].value == 0.0
        assert planted["blackbox_excess"].value == pytest.approx(0.5, abs=0.15)


def test_words_are_dealt_and_those_of_one_group_are_moved_as_far_as_is_said() -> None:
    spec = {"fake": "opinionated", "rows": {"a": [2]}, "word_lean": 8.0}
    found, _ = tried("bias.word_association", spec, settings={"draws": 100})
    assert found.remark == ""
    innocent = [
        item.value for run in found.reruns if run.kind == "innocent" for item in run.measurements
        if item.metric == "association_by_meaning"
    ]  # fmt: skip
    assert abs(np.mean(innocent)) < 0.15
    for run in found.reruns[10:]:
        (item,) = run.measurements
        assert item.interval.low - 0.05 <= run.harms[item.metric] <= item.interval.high + 0.05
