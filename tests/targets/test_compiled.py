"""Compiling changes the speed of a model and nothing else, or does not take place."""

import inspect
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from vlaudit import targets
from vlaudit.core.config import TargetConfig
from vlaudit.core.target import EmbedsImages, GivesGradients
from vlaudit.targets.compiled import Compiled, compile_parts, parts_of

MakeModel = Callable[..., Path]
Graph = Callable[..., Any]


def load(folder: Path, **settings: Any) -> targets.LoadedTarget:
    return targets.load(TargetConfig(model=str(folder), batch_size=3, **settings), base=Path())


def refuses(graph: Graph, inputs: object) -> Graph:
    raise RuntimeError("no such instruction")


def exaggerates(graph: Graph, inputs: object) -> Graph:
    return lambda *given: [
        2 * made + 1 if isinstance(made, torch.Tensor) else made for made in graph(*given)
    ]


def test_what_is_compiled_answers_the_same(
    make_model: MakeModel, images: list[Image.Image]
) -> None:
    plain, fast = load(make_model()), load(make_model(), compile="aot_eager")
    assert fast.facts.details["compiled"] == "yes, by aot_eager"
    assert "compiled" not in plain.facts.details
    assert fast.facts.fingerprint == plain.facts.fingerprint
    assert isinstance(plain.target, EmbedsImages)
    assert isinstance(fast.target, EmbedsImages)
    np.testing.assert_allclose(
        fast.target.embed_images(images), plain.target.embed_images(images), atol=1e-5
    )


def test_gradients_pass_through_what_is_compiled(
    make_model: MakeModel, images: list[Image.Image]
) -> None:
    loaded = load(make_model())
    assert isinstance(loaded.target, GivesGradients)
    target: Any = loaded.target

    def slope() -> torch.Tensor:
        pixels = target.pixels(images).requires_grad_()
        (made,) = torch.autograd.grad(target.pixel_scores(pixels, ["a photo"]).sum(), [pixels])
        assert isinstance(made, torch.Tensor)
        return made

    before = slope()
    made = compile_parts(target, parts_of(target._model), backend="aot_eager")
    assert made == {"compiled": "yes, by aot_eager"}
    torch.testing.assert_close(slope(), before)


@pytest.mark.parametrize(
    ("backend", "said"),
    [(refuses, "no such instruction"), (exaggerates, "it changes the answers by")],
)
def test_where_it_fails_the_model_runs_as_before_and_says_so(
    make_model: MakeModel,
    images: list[Image.Image],
    caplog: pytest.LogCaptureFixture,
    backend: Graph,
    said: str,
) -> None:
    target: Any = load(make_model()).target
    before = target.embed_images(images)
    with caplog.at_level(logging.WARNING):
        came = compile_parts(target, parts_of(target._model), backend=backend)["compiled"]
    assert came.startswith("no, ")
    assert said in came
    assert "runs uncompiled" in caplog.text
    np.testing.assert_array_equal(target.embed_images(images), before)


def test_a_failure_at_a_later_call_is_borne_too() -> None:
    calls: list[Exception] = []
    compiled: list[Graph] = []

    def fussy(graph: Graph, inputs: object) -> Graph:
        if compiled:
            raise RuntimeError("too large")
        compiled.append(graph)
        return graph

    part = torch.nn.Softmax(dim=-1)
    fast = Compiled(part, backend=fussy, complain=calls.append)
    assert inspect.signature(fast) == inspect.signature(part.forward)
    torch.testing.assert_close(fast(torch.ones(2, 3)), part(torch.ones(2, 3)))
    assert not calls
    torch.testing.assert_close(fast(torch.ones(5, 3, 2)), part(torch.ones(5, 3, 2)))
    assert "too large" in str(calls[0])
