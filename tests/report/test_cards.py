"""Cards in Hugging Face form: valid metadata, the Hub's sections, evidence or "Not provided."."""

import re
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from huggingface_hub import DatasetCard, ModelCard

from vlaudit.report.dataset_card import size_category

Rendered = Callable[[Any], dict[str, str]]
DARK = {"skin_tone": "dark"}


@pytest.fixture
def model(example: Any, rendered: Rendered) -> Any:
    rendered(example)
    return ModelCard.load(example.evidence.folder / "model_card.md", ignore_metadata_errors=False)


@pytest.fixture
def dataset(example: Any, rendered: Rendered) -> Any:
    rendered(example)
    return DatasetCard.load(example.evidence.folder / "dataset_card.md")


def headings(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(r"#{1,4} ", line)]


@pytest.mark.parametrize("kind", ["model", "dataset"])
def test_sections_are_those_of_the_hub_in_order(
    example: Any, rendered: Rendered, kind: str
) -> None:
    template = files("huggingface_hub").joinpath(f"templates/{kind}card_template.md").read_text()
    wanted = [line.strip() for line in headings(template) if line.startswith("##")]
    found = headings(rendered(example)[f"{kind}_card.md"])
    assert [line for line in found if line.startswith("##")] == wanted
    assert found[0].startswith(f"# {kind.capitalize()} Card for reference:flawed")


def test_each_result_has_its_interval_and_samples(model: Any) -> None:
    results = model.data.eval_results or []
    assert [item.metric_type.rpartition(".")[2] for item in results] == [
        "accuracy_gap", "accuracy_ratio", "robust_accuracy", "trigger_success", "rows_with_pii"
    ]  # fmt: skip
    gap = next(item for item in results if item.metric_type.endswith("accuracy_gap"))
    assert gap.metric_type == "bias.zero_shot_parity.accuracy_gap"
    assert gap.metric_value == 0.281
    assert gap.dataset_name == "reference:flawed"
    assert gap.dataset_split == "test"
    block = model.data.to_dict()["vlaudit"]
    assert block["measured"] == 13
    assert block["measurements"]["bias.zero_shot_parity"]["accuracy_gap"] == {
        "value": 0.281,
        "low": 0.203,
        "high": 0.355,
        "level": 0.95,
        "method": "Newcombe, Bonferroni",
        "samples": 640,
    }
    assert (
        "**28.1%** | 20.3% to 35.5%; 95% interval (Newcombe, Bonferroni) | 640 samples"
        in model.text
    )


def test_of_the_groups_the_worst_is_told(model: Any) -> None:
    assert "`group_accuracy`, lowest of 5: gender = man | 68.8% | 63.5% to 73.6%;" in model.text
    assert "gender = woman" not in model.text
    assert "probe `bias.zero_shot_parity`, 4 further numbers." in model.text
    assert "All 13 measurements of the run, slices too" in model.text


def test_a_card_does_not_grow_with_the_slices(example: Any, rendered: Rendered) -> None:
    before = {name: len(text) for name, text in rendered(example).items() if "card" in name}
    items = dict(example.evidence.measurements)
    (slice_,) = [item for item in items["bias.zero_shot_parity"] if item.slice == DARK]
    more = [replace(slice_, slice={"skin_tone": f"tone {index}"}) for index in range(2000)]
    items["bias.zero_shot_parity"] = (*items["bias.zero_shot_parity"], *more)
    many = replace(example, evidence=replace(example.evidence, measurements=items))
    after = rendered(many)
    assert all(len(after[name]) < size + 100 for name, size in before.items())


def test_metadata_of_the_model(model: Any) -> None:
    assert model.data.license == "apache-2.0"
    assert model.data.library_name == "open_clip"
    assert model.data.pipeline_tag == "zero-shot-image-classification"
    assert model.data.model_name == "reference:flawed"


def test_metadata_of_the_dataset(dataset: Any) -> None:
    data = dataset.data.to_dict()
    assert data["license"] == "ofl-1.1"
    assert data["pretty_name"] == "reference:flawed"
    assert data["size_categories"] == ["1K<n<10K"]
    assert data["vlaudit"]["quarantined"] == {"too_many_pixels": 2, "truncated": 1}


def test_words_of_people_are_marked_and_the_rest_is_not_provided(model: Any) -> None:
    direct = model.text.partition("### Direct Use")[2].partition("### ")[0]
    assert "Demonstrates vlaudit; nothing else." in direct
    assert "not measured" in direct
    assert "**Developed by:** Not provided." in model.text
    assert model.text.count("Not provided.") > 15
    assert "[More Information Needed]" not in model.text


def test_statements_name_their_evidence(model: Any, dataset: Any, example: Any) -> None:
    run = example.evidence.audit.stamp.run
    assert f"Evidence of every number: run `{run}`, the probe named below it." in model.text
    assert model.text.count("Evidence: probe `") == 4
    assert dataset.text.count("Evidence: probe `") == 2
    personal = dataset.text.partition("#### Personal and Sensitive Information")[2]
    assert "`privacy.pii_in_captions`" in personal.partition("## Bias")[0]
    assert "poisoning.suspicious_pairs" in dataset.text
    assert "gender: woman (320 rows), man (318 rows)" in dataset.text
    assert "3 rows that could not be read" in dataset.text


def test_what_gave_no_answer_is_said_in_the_card(model: Any) -> None:
    risks = model.text.partition("## Bias, Risks, and Limitations")[2].partition("### ")[0]
    assert "`adversarial.typographic`): the probe broke." in risks
    assert "`privacy.identity_inference`): skipped." in risks
    assert "no probe looked at this risk" in risks


@pytest.mark.parametrize(
    ("rows", "name"), [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**12, "n>1T")]
)
def test_sizes_are_named_as_on_the_hub(rows: int, name: str) -> None:
    assert size_category(rows) == name
