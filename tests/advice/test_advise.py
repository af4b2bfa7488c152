from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from vlaudit import advice, registry
from vlaudit.advice import Effect, Remedy, Trial
from vlaudit.advice.remedies import (
    projection,
    prompts,
    reranking,
    smoothing,
    temperature,
    transformations,
)
from vlaudit.advice.remedies.reranking import reranked
from vlaudit.advice.remedies.temperature import temperature as fitted
from vlaudit.cli import build
from vlaudit.cli.advise import said
from vlaudit.core.dataset import Role
from vlaudit.core.finding import Severity
from vlaudit.core.probe import Inapplicable
from vlaudit.core.verdict import Judgement, Status, Verdict
from vlaudit.features import TargetFeatures, encode
from vlaudit.selftest.fakes import linear, seer, shelves, shortsighted
from vlaudit.selftest.memory import MemoryDataset


def on(target: object, data: MemoryDataset) -> Trial:
    features = TargetFeatures(target, encode(target, data))  # type: ignore[arg-type]
    return advice.trial(target, features, data, rng=np.random.default_rng(0))  # type: ignore[arg-type]


def verdict(metric: str, status: Status = Status.FAIL) -> Verdict:
    return Verdict(
        rule="rule", status=status, because="it is so", metric=metric, limit="at most 0.1",
        severity=Severity.HIGH, gated=True, controls=("MEASURE 2.11",),
    )  # fmt: skip


def judgement(*verdicts: Verdict) -> Judgement:
    return Judgement(policy="p", framework="f", verdicts=verdicts, controls=())


def test_every_remedy_helps_with_metrics_of_installed_probes() -> None:
    cards = registry.cards()
    metrics = [f"{card.id}.{name}" for card in cards.values() for name in card.metrics]
    for remedy in advice.known_remedies():
        assert any(remedy.is_for(metric) for metric in metrics), remedy.title
        assert all(cite.startswith("https://") for cite in remedy.cites)
        assert len(remedy.words.split()) > 10


def test_only_failing_rules_are_advised_on_and_a_remedy_is_tried_once() -> None:
    trial = on(*seer.build(accuracy={"a": 0.9, "b": 0.6}, rows=100))
    failing = verdict("bias.zero_shot_parity.matched_accuracy_gap")
    found = list(
        advice.advise(judgement(failing, verdict("bias.x.y", Status.PASS), failing), trial)
    )
    assert len(found) == 2
    assert found[0].tried[0] is found[1].tried[0]
    tried = {item.remedy.title: item for item in found[0].tried}
    assert tried["Prompt ensembling"].effects
    assert "takes training" in str(tried["More pictures of the group that fares worse"].untried)
    lines = said(found[0])
    assert lines[0].endswith("rule fails: it is so")
    assert "as above" in said(found[1], known={"Prompt ensembling"})[1]
    alone = next(advice.advise(judgement(failing), None))
    assert all(item.untried for item in alone.tried)
    lost = next(advice.advise(judgement(verdict("no.such.metric")), None))
    assert "no remedy is known" in said(lost)[1]


def test_the_halves_share_no_person() -> None:
    target, data = seer.build(accuracy={"a": 0.9, "b": 0.6}, rows=100)
    people: list[str | None] = [f"person {row // 4}" for row in range(200)]
    data = MemoryDataset(data.pictures, {**data.values, Role.IDENTITY: people}, data.attributes)
    trial = on(target, data)
    apart = [set(part.texts(Role.IDENTITY)) for part in (trial.fit, trial.held_out)]
    assert apart[0] & apart[1] == set()
    assert len(trial.fit) == len(trial.held_out) == 100


def test_texts_lose_what_tells_groups_apart_and_the_gap_closes() -> None:
    rng = np.random.default_rng(0)
    axis = np.zeros(16, dtype=np.float32)
    axis[-1] = 1.0
    codes, labels = rng.integers(2, size=400), rng.integers(3, size=400)
    pictures = np.eye(16, dtype=np.float32)[labels] + 0.8 * np.outer(codes, axis)
    found = projection.directions(
        pictures.astype(np.float32), labels, [[str(code) for code in codes]]
    )
    assert found.shape == (1, 16)
    assert abs(float(found[0] @ axis)) == pytest.approx(1.0)


@pytest.mark.parametrize("remedy", [prompts, projection, temperature, reranking])
def test_every_simulation_reports_before_and_after_with_intervals(remedy: object) -> None:
    trial = (
        on(*shelves.build(rows={"a": [60, 60], "b": [60, 60]}, lean=1.0))
        if remedy is reranking
        else on(*seer.build(accuracy={"a": 0.9, "b": 0.6}, rows=200))
    )
    effects: list[Effect] = list(remedy.simulate(trial))  # type: ignore[attr-defined]
    assert effects
    for effect in effects:
        for figure in (effect.before, effect.after):
            assert figure.interval.low <= figure.value <= figure.interval.high
            assert figure.interval.low < figure.interval.high
        assert effect.samples > 0


def with_gradients(strengths: list[int]) -> Trial:
    target, data = linear.build(strengths=strengths, images=24)
    features = TargetFeatures(target, encode(target, data))
    return advice.trial(target, features, data, rng=np.random.default_rng(0))


@pytest.mark.parametrize(("strengths", "stands"), [([1], 0.0), ([30], 1.0)])
def test_changed_pictures_are_attacked_by_who_knows_of_the_change(
    strengths: list[int], stands: float
) -> None:
    effects = {item.what: item for item in transformations.simulate(with_gradients(strengths))}
    assert len(effects) == 8
    for what, effect in effects.items():
        if "under an attack" in what:
            assert effect.before.value == stands
            assert effect.after.value <= stands
            assert effect.after.interval.low < effect.after.interval.high


def test_what_is_proven_is_no_more_than_what_attacks_leave() -> None:
    # A pattern of k levels lies k / 255 times the root of 384 from the border.
    for strengths, proven in (([1], 0.0), ([60], 1.0)):
        clean, within = smoothing.simulate(with_gradients(strengths))
        assert clean.before.value == 1.0
        assert within.after.value == proven
        assert within.after.value <= within.before.value
        assert within.after.interval.low < within.after.interval.high


def test_a_remedy_that_cannot_be_tried_says_why() -> None:
    target, data = shortsighted.build(rows=40)
    trial = on(target, data)
    for remedy in (prompts, projection, temperature, reranking, smoothing, transformations):
        with pytest.raises(Inapplicable):
            list(remedy.simulate(trial))
    tried = next(
        advice.advise(judgement(verdict("bias.retrieval_skew.label_excess_skew")), trial)
    ).tried
    assert all(item.untried for item in tried)


def test_every_prefix_of_a_new_order_has_its_shares() -> None:
    codes = np.array([0] * 30 + [1] * 10, dtype=np.int16)
    order = reranked(np.arange(40), codes, np.array([0.5, 0.5]))
    assert sorted(order.tolist()) == list(range(40))
    for size in range(1, 20):
        assert (codes[order[:size]] == 1).sum() >= size // 2
    assert order[:2].tolist() == [0, 30]


def test_the_temperature_makes_labels_likeliest() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 5)) * 2
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(5, p=row) for row in chances])
    assert fitted(logits * 3, labels) == pytest.approx(3.0, rel=0.1)


def test_advice_is_printed_without_model_and_data(tmp_path: Path) -> None:
    result = CliRunner().invoke(build(), ["advise", str(tmp_path), "--no-try"])
    assert result.exit_code == 2
    assert "is not a run folder" in result.output


def test_a_remedy_is_found_by_the_metric() -> None:
    remedy = Remedy("t", ("bias.x.*",), "w")
    assert remedy.is_for("bias.x.gap")
    assert not remedy.is_for("bias.xy.gap")
