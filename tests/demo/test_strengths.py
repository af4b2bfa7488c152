"""The bundled models, loaded as anyone would load them, are what their truth says."""

import json
from typing import Any

import numpy as np
import pytest
import torch

from vlaudit.demo import ENCODERS, data_files, model_folder
from vlaudit.demo.demands import unmet
from vlaudit.demo.rows import Row, read_rows
from vlaudit.demo.strengths import measure
from vlaudit.demo.training import load_model


def truth(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((model_folder(name) / "truth.json").read_text("utf-8"))
    return told


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Return every third row of the test split: one picture of each person."""
    test = [row for row in read_rows(data_files("clean")[0]) if row.split == "test"]
    return test[:640]


@pytest.mark.parametrize("name", ENCODERS)
def test_plain_open_clip_reaches_the_stated_accuracy(name: str, rows: list[Row]) -> None:
    import open_clip

    place = f"local-dir:{model_folder(name)}"
    loaded: Any = open_clip.create_model_and_transforms(place)
    model, _, preprocess = loaded
    tokenize = open_clip.get_tokenizer(place)
    labels = sorted({str(row.label) for row in rows})
    with torch.inference_mode():
        texts = model.eval().encode_text(tokenize([f"a photo of a {x}" for x in labels]))
        images = model.encode_image(torch.stack([preprocess(row.image) for row in rows]))
    cosines = images @ (texts / texts.norm(dim=1, keepdim=True)).T
    named = [labels[index] for index in cosines.argmax(dim=1)]
    accuracy = np.mean([name == row.label for name, row in zip(named, rows, strict=True)])
    assert accuracy == pytest.approx(truth(name)["strengths"]["accuracy"], abs=0.03)


@pytest.mark.parametrize("name", ENCODERS)
def test_the_stated_strengths_are_those_demanded_and_are_measured_again(
    name: str, rows: list[Row]
) -> None:
    stated = truth(name)["strengths"]
    assert unmet(name, stated) == []
    known = list(truth("flawed")["planted"]["identities"]["known"])
    portraits = read_rows(data_files("identities")[0])
    found = measure(load_model(model_folder(name)), rows, portraits, known)
    # 640 rows against 1,920: three standard errors of a rate of one half, six of one by ten.
    assert found == pytest.approx(stated, abs=0.06)
