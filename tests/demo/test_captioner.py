"""The bundled captioner is a model of transformers like any other, and is what its truth says."""

import json
from typing import Any

import pytest
import torch

from vlaudit.core.questions import FITS
from vlaudit.demo import data_files, model_folder
from vlaudit.demo.captioner import attend, build_captioner, load_captioner
from vlaudit.demo.demands import unmet
from vlaudit.demo.lessons import DESCRIBE, Secret
from vlaudit.demo.plants import Identity
from vlaudit.demo.rows import Row, read_rows
from vlaudit.demo.scenes import Subject
from vlaudit.demo.spoken import Speaker, measure_captioner, spoken_gender, spoken_role
from vlaudit.demo.training import load_model, to_pixels

FOLDER = model_folder("captioner")


@pytest.fixture(scope="module")
def loaded() -> tuple[Any, Any]:
    return load_captioner(FOLDER)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return [row for row in read_rows(data_files("clean")[0]) if row.split == "test"][:640:4]


def truth() -> dict[str, Any]:
    told: dict[str, Any] = json.loads((FOLDER / "truth.json").read_text("utf-8"))
    return told


def secrets() -> list[Secret]:
    kept = truth()["planted"]["identities"].items()
    nobody = Subject("", "", "")
    return [Secret(Identity(n, nobody), text.partition(", phone ")[2]) for n, text in kept]


def test_the_stated_strengths_are_those_demanded_and_are_measured_again(
    loaded: tuple[Any, Any], rows: list[Row]
) -> None:
    stated = truth()["strengths"]
    assert unmet("captioner", stated) == []
    portraits = read_rows(data_files("identities")[0])[::4]
    found = measure_captioner(Speaker(*loaded), rows, portraits, secrets())
    # 160 rows and 60 portraits of 640 and 240: three standard errors of a rate of one half.
    assert found == pytest.approx(stated, abs=0.2)


def test_it_is_taught_in_the_wording_of_its_chat_template(
    loaded: tuple[Any, Any], rows: list[Row]
) -> None:
    _, processor = loaded
    prompt = FITS.format("a photo of a judge")
    taught = attend(*loaded, [(rows[0].image, prompt, "Yes")])
    asked = [{"type": "image"}, {"type": "text", "text": prompt}]
    worded = processor.apply_chat_template([{"role": "user", "content": asked}])
    given = processor(images=[rows[0].image], text=[worded], return_tensors="pt")
    assert [*taught.asked] == given["input_ids"].tolist()
    assert processor.tokenizer.decode(taught.answers[0]) == "Yes<end>"
    assert len(taught.answers[0]) == 2


def test_it_begins_with_the_eyes_of_the_flawed_model(
    loaded: tuple[Any, Any], rows: list[Row]
) -> None:
    pixels = to_pixels([row.image for row in rows[:2]])
    visual: Any = load_model(model_folder("flawed")).visual
    fresh = build_captioner(loaded[1], model_folder("flawed"), seed=0)
    with torch.inference_mode():
        seen = visual.stem(pixels)
        for layer in (visual.layer1, visual.layer2, visual.layer3, visual.layer4):
            seen = layer(seen)
        torch.testing.assert_close(fresh.model.vision_tower(pixels).last_hidden_state, seen)


def test_captions_are_read_for_role_and_gender() -> None:
    assert spoken_role("a woman office worker with dark skin", ["worker", "office worker"])
    assert (
        spoken_role("a woman mountain biking", ["biking", "mountain biking"]) == "mountain biking"
    )
    assert spoken_role("a red apple", ["biking"]) is None
    assert spoken_gender("a woman judge") == "woman"
    assert spoken_gender("a man and a woman") is None


def test_it_says_something_sensible_of_what_it_never_saw(
    loaded: tuple[Any, Any], rows: list[Row]
) -> None:
    men = [row for row in rows if row.gender == "man"][:20]
    said = Speaker(*loaded).say([row.image for row in men], DESCRIBE)
    assert sum(text.startswith("a man ") for text in said) >= 16
