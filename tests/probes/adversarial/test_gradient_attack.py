"""The gradient attack as a probe: what it reports, refuses and admits."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vlaudit import registry
from vlaudit.core.dataset import Role
from vlaudit.core.finding import Finding
from vlaudit.core.measurement import Measurement
from vlaudit.core.probe import Context, Inapplicable
from vlaudit.features import TargetFeatures, encode
from vlaudit.selftest.check import run_in_memory
from vlaudit.selftest.fakes.linear import Linear, build
from vlaudit.selftest.memory import MemoryDataset

PROBE = registry.load("adversarial.gradient_attack")


def report(
    target: Linear, data: MemoryDataset, *, seed: int = 0, **settings: Any
) -> list[Measurement | Finding]:
    return run_in_memory(PROBE, target, data, settings={"steps": 15, **settings}, seed=seed)


def measured(reported: list[Measurement | Finding], metric: str) -> Measurement:
    found = [
        item
        for item in reported
        if isinstance(item, Measurement) and item.metric == metric and not item.slice
    ]
    assert len(found) == 1
    return found[0]


def kinds(reported: list[Measurement | Finding]) -> set[str]:
    return {item.kind for item in reported if isinstance(item, Finding)}


def test_same_seed_same_report_and_other_seeds_sample_anew() -> None:
    target, data = build(strengths=[1, 3, 6], images=60)
    first, again, other = (report(target, data, seed=s, max_images=20) for s in (3, 3, 4))
    assert first == again
    assert measured(first, "clean_accuracy").samples == 20
    assert first != other


def test_intervals_are_never_points() -> None:
    target, data = build(strengths=[40])
    reported = report(target, data, curve=[])
    for item in reported:
        if isinstance(item, Measurement):
            assert item.interval.low < item.interval.high
    assert measured(reported, "robust_accuracy").interval.high == 1.0
    assert measured(reported, "attack_success_rate").interval.low == 0.0


def test_slices_give_the_curve_and_never_rise() -> None:
    target, data = build(strengths=[1, 3, 6, 40])
    slices = {
        item.slice["epsilon"]: item.value
        for item in report(target, data, curve=[8.0, 0.5])
        if isinstance(item, Measurement) and item.slice
    }
    assert slices == {"0.5/255": 1.0, "2/255": 0.75, "4/255": 0.5, "8/255": 0.25}


@pytest.mark.parametrize("masking", ["rounded", "saturated", "reversed", "noisy"])
def test_a_masked_model_is_promised_nothing(masking: str) -> None:
    target, data = build(strengths=[1, 3], masking=masking)
    reported = report(target, data)
    assert "masked_gradients" in kinds(reported)
    assert measured(reported, "robust_accuracy").interval.low == 0.0
    assert measured(reported, "attack_success_rate").interval.high == 1.0


def test_a_model_beyond_every_budget_is_pointed_out_but_not_called_masked() -> None:
    target, data = build(strengths=[100])
    assert kinds(report(target, data)) == {"unbroken_at_any_budget"}


def test_a_model_that_is_never_right_is_measured() -> None:
    target, data = build(strengths=[3])
    names = [f"thing{(row + 1) % 4}" for row in range(len(data))]
    reported = report(target, MemoryDataset(data.pictures, {Role.LABEL: names}))
    assert measured(reported, "robust_accuracy").value == 0.0
    assert kinds(reported) == set()


def test_rows_without_label_are_left_out() -> None:
    target, data = build(strengths=[3], images=40)
    labels = [label if row % 4 else None for row, label in enumerate(data.texts(Role.LABEL))]
    reported = report(target, MemoryDataset(data.pictures, {Role.LABEL: labels}))
    assert measured(reported, "clean_accuracy").samples == 30


def test_several_templates_are_averaged() -> None:
    target, data = build(strengths=[1, 3, 6, 40])
    reported = report(target, data, templates=["a photo of a {}", "my {}", "{}"])
    assert measured(reported, "robust_accuracy").value == 0.75


def test_pictures_are_attacked_as_they_are_where_that_is_asked_for() -> None:
    target, data = build(strengths=[1, 3, 6, 40], images=32)
    own, usual = (report(target, data, pixels=pixels) for pixels in ("own", "model"))
    assert measured(own, "robust_accuracy") == measured(usual, "robust_accuracy")
    assert measured(own, "robust_accuracy").value == 0.75


def test_what_it_cannot_measure_is_said() -> None:
    target, data = build(strengths=[3])
    one_class = MemoryDataset(data.pictures, {Role.LABEL: ["thing0"] * len(data)})
    with pytest.raises(Inapplicable, match="at least two classes"):
        report(target, one_class)
    with pytest.raises(Inapplicable, match="foolbox"):
        report(target, data, backend="foolbox")
    with pytest.raises(Inapplicable, match="`own`"):
        report(target, data, pixels="theirs")


def test_a_model_without_any_answer_is_not_measured() -> None:
    target, data = build(strengths=[2], masking="silent")
    with pytest.raises(Inapplicable, match="not numbers"):
        report(target, data)


class Coarse(Linear):
    """A linear model that says of itself that its weights are in half precision."""

    is_exact = False


def test_reduced_precision_is_admitted() -> None:
    _, data = build(strengths=[3])
    assert kinds(report(Coarse(["thing0", "thing1", "thing2", "thing3"]), data)) >= {
        "coarse_gradients"
    }


def test_kept_examples_are_eight_bit_pictures_within_the_budget() -> None:
    target, data = build(strengths=[1])
    kept: dict[str, NDArray[np.uint8]] = {}

    def keep(name: str, pixels: NDArray[np.uint8]) -> str:
        kept[name] = pixels
        return name

    context = Context(
        target=target,
        data=data,
        features=TargetFeatures(target, encode(target, data)),
        settings={**PROBE.card.settings, "steps": 5},
        rng=np.random.default_rng(0),
        note=lambda text: None,
        progress=lambda fraction: None,
        keep_picture=keep,
    )
    examples = [
        item
        for item in PROBE.run(context)
        if isinstance(item, Finding) and item.kind == "adversarial_example"
    ]
    assert len(examples) == len(kept) == 3
    labels = data.texts(Role.LABEL)
    for finding in examples:
        row = int(str(finding.row))
        pixels = kept[str(finding.evidence["picture"])]
        clean = np.asarray(data.pictures[row])
        assert np.abs(pixels.astype(int) - clean.astype(int)).max() <= 2
        scores = target.score_pairs([Image.fromarray(pixels)], list(target.classes))
        assert target.classes[int(scores.argmax())] != labels[row]
